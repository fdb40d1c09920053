"""Pytest plugin: no test reaches beyond this machine.

Python's own sockets connect to loopback addresses and to socket files only. What other programs
do (the browser, the database server) is not covered; their fixtures keep them on loopback.
Drills that need more run with ``-p no:tests.loopback``.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Final

import pytest

#: The methods of a socket that name a peer, each with the address as its last argument.
GUARDED: Final = ("connect", "connect_ex", "sendto")
_ORIGINALS: Final[dict[str, Callable[..., object]]] = {}


class BeyondLoopbackError(RuntimeError):
    """A test wanted to reach another machine. Not an OSError: no retry should swallow it."""


def is_on_this_machine(address: object) -> bool:
    """Say whether a socket address stays here: a socket file, ``localhost``, 127.0.0.0/8 or ::1."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guard(name: str) -> Callable[..., object]:
    original: Callable[..., object] = getattr(socket.socket, name)
    _ORIGINALS[name] = original

    def guarded(self: socket.socket, *arguments: object) -> object:
        if arguments and not is_on_this_machine(arguments[-1]):
            raise BeyondLoopbackError(f"{name} to {arguments[-1]} from a test")
        return original(self, *arguments)

    return guarded


def pytest_configure() -> None:
    """Close the sockets before the first test module is imported."""
    for name in GUARDED:
        setattr(socket.socket, name, _guard(name))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Open them again for whoever runs pytest inside a longer process."""
    while _ORIGINALS:
        name, original = _ORIGINALS.popitem()
        setattr(socket.socket, name, original)
