"""Many families at once over real HTTP: few words of Python an answer, one connection a client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Wish:
    """One POST, ready to be sent."""

    path: str
    cookie: str
    form: Mapping[str, str | Sequence[str]]

    def as_bytes(self, host: str) -> bytes:
        """Return the request as it goes over the wire."""
        body = urlencode(self.form, doseq=True).encode()
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {host}\r\n{cookie}"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nReferer: http://{host}/\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status, and seconds from the first byte sent to the last received."""

    status: int
    seconds: float


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of one answer; the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    parts = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in parts}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return status, headers, body
    return status, headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def _client(host: str, port: int, requests: list[bytes], answers: list[Answer]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        while requests:
            request = requests.pop()
            if writer.is_closing() or reader.at_eof():
                reader, writer = await asyncio.open_connection(host, port)
            begun = time.perf_counter()
            writer.write(request)
            status, headers, _body = await read_answer(reader)
            answers.append(Answer(status, time.perf_counter() - begun))
            if headers.get("connection", "").lower() == "close":
                writer.close()
    finally:
        writer.close()


async def _rush(
    host: str, port: int, wishes: Sequence[Wish], clients: int
) -> tuple[list[Answer], float]:
    requests = [wish.as_bytes(f"{host}:{port}") for wish in reversed(wishes)]
    answers: list[Answer] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_client(host, port, requests, answers) for _ in range(clients)))
    return answers, time.perf_counter() - begun


def rush(port: int, wishes: Sequence[Wish], *, clients: int) -> tuple[list[Answer], float]:
    """Send all wishes from ``clients`` connections to loopback; return answers and seconds."""
    return asyncio.run(_rush("127.0.0.1", port, wishes, clients))


@dataclass(frozen=True, slots=True)
class Opened:
    """A page as it came; ``cookie`` is the browser's after it, empty where none was set."""

    html: str
    cookie: str


async def _get(port: int, path: str, cookie: str) -> Opened:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    status, headers, body = await read_answer(reader)
    writer.close()
    if status != 200:  # noqa: PLR2004 - HTTP
        raise RuntimeError(f"{path} answered {status}: {headers.get('location', '')}")
    return Opened(body.decode(), headers.get("set-cookie", "").split(";")[0])


async def _get_all(port: int, pages: Sequence[tuple[str, str]]) -> list[Opened]:
    gate = asyncio.Semaphore(8)

    async def one(path: str, cookie: str) -> Opened:
        async with gate:
            return await _get(port, path, cookie)

    return await asyncio.gather(*(one(path, cookie) for path, cookie in pages))


def open_pages(port: int, pages: Sequence[tuple[str, str]]) -> list[Opened]:
    """Open each page (path, cookie) and return what came, in order."""
    return asyncio.run(_get_all(port, pages))
