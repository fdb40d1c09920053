"""Run the web process: waitress, with a drain so that no request in flight is dropped."""

from __future__ import annotations

import socket
import threading
import time

from flask import Flask
from waitress.server import TcpWSGIServer, create_server

THREADS = 8
DRAIN_SECONDS = 30.0


def free_port() -> int:
    """Return a port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class WebServer:
    """A waitress server in a thread of its own; ``stop`` finishes what is being answered."""

    def __init__(self, app: Flask, *, host: str, port: int, threads: int = THREADS) -> None:
        self._server: TcpWSGIServer = create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            channel_timeout=60,
            # Which proxy may be believed is the app's own setting (PORTAL_PROXY_HOPS).
            clear_untrusted_proxy_headers=False,
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def _run(self) -> None:
        self._server.run()

    def stop(self) -> None:
        """Take no new connections, wait for requests in flight, then close."""
        self._server.maintenance_interval = 0
        self._server.accepting = False
        until = time.monotonic() + DRAIN_SECONDS
        dispatcher = self._server.task_dispatcher
        while dispatcher.active_count and time.monotonic() < until:
            time.sleep(0.02)
        self._server.close()
        self._thread.join(timeout=2)
