"""Many people at once over real HTTP, for little CPU: load and server share the machine."""

from __future__ import annotations

import re
import select
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

_HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
_ETAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
_SLOWEST = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``seconds`` from the first byte sent to the last received.

    Status 0: the connection ended without an answer. Head and body are kept where they were wanted.
    """

    status: int
    seconds: float
    head: bytes = b""
    body: bytes = b""

    @property
    def cookie(self) -> str:
        """The cookie that was set, empty where none was."""
        found = _COOKIE.search(self.head)
        return found[1].decode() if found else ""

    @property
    def etag(self) -> str:
        """The page's ETag, empty where it has none."""
        found = _ETAG.search(self.head)
        return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True)
class Run:
    """All answers of one run, how long it took, and what asking itself cost in CPU seconds."""

    answers: Sequence[Answer]
    seconds: float
    own_cpu: float


def get(path: str, cookie: str = "", **headers: str) -> bytes:
    """Return a GET as it goes over the wire."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    sent = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: {_HOST}\r\n{sent}{''.join(lines)}\r\n".encode()


def post(path: str, cookie: str, form: Mapping[str, str | Sequence[str]]) -> bytes:
    """Return a POST of a form as it goes over the wire."""
    body = urlencode(form, doseq=True).encode()
    sent = f"Cookie: {cookie}\r\n" if cookie else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {_HOST}\r\n{sent}Referer: http://{_HOST}/\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Line:
    """One person's connection: one request after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.create_connection((_HOST, port), timeout=_SLOWEST)
        self.begun = 0.0
        self._got = bytearray()

    @property
    def number(self) -> int:
        return self._socket.fileno()

    def ask(self, request: bytes) -> None:
        self._got.clear()
        self.begun = time.perf_counter()
        self._socket.sendall(request)

    def read(self) -> tuple[int, bytes, bytes, bool] | None:
        """Return status, head, body and whether the server closes; None until all is there."""
        data = self._socket.recv(262_144)
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return None if data else (0, b"", b"", True)
        head = bytes(self._got[: end + 2])
        length = _LENGTH.search(head)
        whole = end + 4 + int(length[1] if length else 0)
        if len(self._got) < whole:
            return None if data else (0, b"", b"", True)
        closes = not data or _CLOSES.search(head) is not None
        return int(head[9:12]), head, bytes(self._got[end + 4 : whole]), closes

    def close(self) -> None:
        self._socket.close()


def exchange(port: int, requests: Sequence[bytes], *, clients: int, keep: bool = False) -> Run:
    """Send all requests to loopback from ``clients`` connections; the next when one is answered.

    Answers come in the order of the requests. With ``keep`` they hold head and body.
    """
    waiting = deque(enumerate(requests))
    answers: list[Answer] = [Answer(0, 0.0)] * len(requests)
    asked: dict[int, tuple[_Line, int]] = {}
    poll = select.epoll()

    def ask(line: _Line) -> None:
        number, request = waiting.popleft()
        asked[line.number] = (line, number)
        line.ask(request)

    own, begun = time.process_time(), time.perf_counter()
    for _ in range(min(clients, len(requests))):
        line = _Line(port)
        poll.register(line.number, select.EPOLLIN)
        ask(line)
    while asked:
        ready = poll.poll(_SLOWEST)
        if not ready:
            raise TimeoutError("the server under measurement does not answer")
        for number, _event in ready:
            line, which = asked[number]
            got = line.read()
            if got is None:
                continue
            status, head, body, closes = got
            seconds = time.perf_counter() - line.begun
            answers[which] = Answer(status, seconds, *((head, body) if keep else ()))
            del asked[number]
            if closes or not waiting:
                poll.unregister(number)
                line.close()
                if not waiting:
                    continue
                line = _Line(port)
                poll.register(line.number, select.EPOLLIN)
            ask(line)
    seconds = time.perf_counter() - begun
    poll.close()
    return Run(answers, seconds, time.process_time() - own)
