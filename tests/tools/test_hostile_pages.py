"""Whatever a server sends is a failed tool or a text: never an exception, never an address of this machine."""

from __future__ import annotations

import gzip
import ipaddress
import json
import socket
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from hostile import EVERYTHING, unfit
from officehours.memory.errors import ToolFailure
from officehours.memory.types import ToolCall
from officehours.tools.base import ToolContext
from officehours.tools.pages.fetch import fetch, public
from officehours.tools.pages.html import decode, readable
from officehours.tools.registry import Registry
from officehours.tools.web import Found, web_tools

OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html\r\n"
PAGE = b"<title>t</title><p>the words of a page</p>"


def page(body: bytes = PAGE, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def typed(kind: str) -> bytes:
    return page(PAGE, f"Content-Type: {kind}")


def moved(location: str, status: str = "302 Found") -> bytes:
    return page(b"", f"Location: {location}", status=status)


def nested(depth: int) -> bytes:
    return b"<div>" * depth + b"the words of a page" + b"</div>" * depth


READ = {
    "charset=undefined": typed("text/html; charset=undefined"),
    "a charset with NUL": typed("text/html; charset=a\0b"),
    "charset=punycode": typed("text/html; charset=punycode"),
    "charset=unicode_escape": typed("text/html; charset=unicode_escape"),
    "charset=rot13": typed("text/html; charset=rot13"),
    "charset=": typed("text/html; charset="),
    "a charset in its own form": typed("text/html; charset*=utf-8''%ff"),
    "a broken continuation": typed("text/html; charset*0*=x; charset*0=y; charset*1"),
    "an open quote": typed('text/html; charset="utf-8'),
    "parameters without end": typed("text/html" + ";" * 5_000),
    "an unknown charset in the page": page(b'<meta charset="klingon">' + PAGE, "Content-Type: text/html"),
    "no type": page(PAGE),
    "two types": page(PAGE, "Content-Type: text/html", "Content-Type: image/png"),
    "a length that is too long": OK + HTML + b"Content-Length: 99999\r\nConnection: close\r\n\r\n" + PAGE,
    "a length that is no number": OK + HTML + b"Content-Length: many\r\n\r\n" + PAGE,
    "a negative length": OK + HTML + b"Content-Length: -5\r\n\r\n" + PAGE,
    "compressed as nothing": page(PAGE, "Content-Type: text/html", "Content-Encoding: identity"),
    "deflate": page(zlib.compress(PAGE), "Content-Type: text/html", "Content-Encoding: deflate"),
    "gzip with something behind it": page(gzip.compress(PAGE) + b"junk" * 99, "Content-Type: text/html", "Content-Encoding: gzip"),
    "gzip that is cut": page(gzip.compress(PAGE * 999)[:-9], "Content-Type: text/html", "Content-Encoding: gzip"),
    "a header that is no header": page(PAGE, "Content-Type: text/html", "nonsense", ": empty"),
    "a status without words": page(PAGE, "Content-Type: text/html", status="200"),
    "status 203": page(PAGE, "Content-Type: text/html", status="203 Odd"),
    "a redirect without a place": page(PAGE, "Content-Type: text/html", status="302 Found"),
    "steering text": page(b"<p>the words of a page</p>" + EVERYTHING.encode("utf-8", "replace"), "Content-Type: text/html"),
}  # fmt: skip
FAILED = {
    "Location: http://[": moved("http://["),
    "Location: //[::1": moved("//[::1"),
    "Location: nowhere": moved("http:///"),
    "Location with a port": moved("http://127.0.0.1:99999999/"),
    "Location with NUL": moved("http://a\0b/"),
    "Location of dots": moved("http://a..b/"),
    "Location of 64 KB": moved("http://" + "a" * 60_000 + "/"),
    "Location of bytes": moved("http://\udcff\udcfe/"),
    "Location: file": moved("file:///etc/passwd"),
    "Location: ftp": moved("ftp://127.0.0.1/x"),
    "Location: data": moved("data:text/html,hello"),
    "Location: javascript": moved("javascript:alert(1)", "301 Moved"),
    "Location: itself": moved("/", "308 Permanent Redirect"),
    "compressed otherwise": page(PAGE, "Content-Type: text/html", "Content-Encoding: br"),
    "compressed twice": page(gzip.compress(gzip.compress(PAGE)), "Content-Type: text/html", "Content-Encoding: gzip, gzip"),
    "compressed wrongly": page(PAGE, "Content-Type: text/html", "Content-Encoding: gzip"),
    "a page of NULs": page(b"\0" * 100_000, "Content-Type: text/html"),
    "a text of NULs": page(b"\0" * 100_000, "Content-Type: text/plain"),
    "a picture called text": page(bytes(range(256)) * 40, "Content-Type: text/html"),
    "nothing": page(b"", "Content-Type: text/html"),
    "only a script": page(b"<script>x</script>", "Content-Type: text/html"),
    "nested 100,000 deep": page(nested(100_000), "Content-Type: text/html"),
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n",
    "HTTP/9": b"HTTP/9.9 abc\r\n\r\n",
    "no answer": b"",
    "a line of 100,000": OK + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    "500 headers": OK + b"X: a\r\n" * 500 + b"\r\n",
    "a chunk that is no number": OK + HTML + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "a chunk without end": OK + HTML + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n",
    "status 204": page(b"", status="204 No Content"),
    "status 304": page(b"", status="304 Not Modified"),
    "status 418": page(PAGE, status="418 I'm a teapot"),
    "status 599": page(PAGE, status="599 Odd"),
    "status 999": page(PAGE, status="999 Denied"),
    "status 0": page(PAGE, status="000 Nothing"),
}  # fmt: skip


class Wire:
    """Sends the same bytes to whoever connects, and closes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.asked = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.asked += 1
            with connection:
                try:
                    connection.recv(65_536)
                    connection.sendall(self._answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65_536):
                        pass
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def wires() -> Iterator[list[Wire]]:
    made: list[Wire] = []
    yield made
    for wire in made:
        wire.close()


def here(address: Any) -> bool:
    return address.is_loopback


def read(url: str, language: str) -> Any:
    tools = Registry(web_tools(lambda *_: [], partial(fetch, allowed=here, seconds=20.0)))
    return tools.run(ToolCall("1", "read_page", json.dumps({"url": url})), ToolContext(language=language))


@pytest.mark.parametrize("what", READ)
def test_a_page_is_read_for_all_that(wires: list[Wire], what: str) -> None:
    wires.append(Wire(READ[what]))
    outcome = read(wires[0].url, "ko")
    assert outcome.ok, outcome
    assert "the words of a page" in outcome.output
    assert unfit(outcome.output + outcome.display) == []


@pytest.mark.parametrize("what", FAILED)
def test_what_cannot_be_read_is_a_failed_tool(wires: list[Wire], what: str) -> None:
    wires.append(Wire(FAILED[what]))
    outcome = read(wires[0].url, "en")
    assert not outcome.ok, outcome
    assert unfit(outcome.output + outcome.display) == []
    assert "Error:" not in outcome.display
    assert wires[0].asked <= 6


def test_a_page_of_50_megabytes_is_cut(wires: list[Wire]) -> None:
    wires.append(Wire(page(b"<p>the words of a page</p>" * 2_000_000, "Content-Type: text/html")))
    outcome = read(wires[0].url, "en")
    assert outcome.ok
    assert len(outcome.output) < 210_000


def test_articles_inside_each_other_are_read_once() -> None:
    found = readable("<article>" * 200 + "<p>words and words</p>" * 2_000)
    assert found.text.count("words and words") == 2_000


NOTHING: Any = None
"""What a search service may give in the place of a text."""

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:7f00:1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fc00::1", "fe80::1", "fec0::1", "ff02::1",
    "2606:4700::5efe:7f00:1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_no_inner_address_is_public(address: str) -> None:
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("place", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:127.0.0.1]", "0"])  # fmt: skip
def test_a_redirect_does_not_lead_inside(wires: list[Wire], place: str) -> None:
    """The first hop is let through, as a public page would be; what it names is not."""
    inside = Wire(page(b"<p>secret</p>", "Content-Type: text/html"))
    port = inside.url.rsplit(":", 1)[1].strip("/")
    outside = Wire(moved(f"http://{place}:{port}/"))
    wires += [inside, outside]
    first = iter([True])
    with pytest.raises(ToolFailure):
        fetch(outside.url, allowed=lambda address: next(first, False) or public(address))
    assert inside.asked == 0


@pytest.mark.parametrize(
    "charset", ["undefined", "idna", "punycode", "utf-7", "unicode_escape", "hex", "zip", "a\0b", "x" * 9_999]
)
def test_what_is_no_charset_of_the_web_is_passed_over(charset: str) -> None:
    assert decode("한글 \\u0041".encode(), charset) == "한글 \\u0041"


@pytest.mark.parametrize(
    "rows", [[Found("t", "http://x", NOTHING)], [None], ValueError("lxml"), KeyError("href")]
)
def test_a_search_that_breaks_is_a_failed_tool(rows: Any) -> None:
    def search(*_: str) -> Any:
        if isinstance(rows, Exception):
            raise rows
        return rows

    tools = Registry(web_tools(search))
    outcome = tools.run(ToolCall("1", "web_search", '{"query": "x"}'), ToolContext(language="en"))
    assert not outcome.ok
