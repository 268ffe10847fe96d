"""Reading one page of the public web, and nothing else that a URL can reach.

The name is looked up once, every address it gives is checked, and the connection goes to a checked address: a name
that answers differently a moment later (DNS rebinding) gains nothing. Each redirect is checked again. The answer is
limited in bytes and in time, also after decompression.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from ...memory.errors import ToolError, ToolRetry

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Allowed = Callable[[Address], bool]

DO_WITHOUT = "Answer without it, from memory and the course, and say so."
"""What a model is told where the network fails."""

MOST_BYTES = 2_000_000
MOST_REDIRECTS = 5
SECONDS = 15.0
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_ASSIGNMENTS = ipaddress.IPv4Network("192.0.0.0/24")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_HEADERS = {
    "User-Agent": "OfficeHours/0.1 (a student's tutor; reads single pages on request)",
    "Accept": "text/html, text/plain;q=0.9, */*;q=0.1",
    "Accept-Language": "ko, en;q=0.8",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent.

    Attributes:
        url: Where it was found in the end, after redirects.
        type: The media type, in lower case without parameters.
        charset: As the server names it; "" if it does not.
        body: The bytes, decompressed.
        cut: There was more than we take.
    """

    url: str
    type: str
    charset: str
    body: bytes
    cut: bool


def public(address: Address) -> bool:
    """Whether an address is one of the public internet, also inside the ways IPv6 wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address not in _ASSIGNMENTS
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return public(inner)
    return address in _UNICAST and address.is_global


def fetch(url: str, allowed: Allowed = public, seconds: float = SECONDS, most: int = MOST_BYTES) -> Page:
    """GET a page.

    Args:
        url: http or https.
        allowed: Which addresses may be connected to.
        seconds: Time for everything together.
        most: Bytes of the decompressed body that are taken.

    Raises:
        ToolRetry: This is no URL of the web.
        ToolError: The server cannot be reached, refuses, or must not be reached from here.
    """
    end = monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(url)
        connection, response = _connect(parts, allowed, end), None
        try:
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("GET", target, headers=_HEADERS)
            response = connection.getresponse()
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                url = _joined(url, location)
                continue
            if response.status >= 400:
                raise _refused(url, response.status)
            body, cut = _read(response, most, end)
            return Page(url, *_named_type(response.headers.get("Content-Type", "")), body, cut)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(parts.hostname or url, error) from error
        finally:
            if response is not None:  # it may hold the socket on its own
                response.close()
            connection.close()
    raise ToolError(
        f"{url} redirects more than {MOST_REDIRECTS} times.",
        f"{url}이(가) 너무 여러 번 다른 곳으로 보냅니다.",
    )


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ToolError(
            f"{url} sends on to {location!r}, which is no address.",
            f"{url}이(가) 주소가 아닌 곳({location!r})으로 보냅니다.",
        ) from error


def _named_type(header: str) -> tuple[str, str]:
    """Give a Content-Type's media type and charset, "" where it names none; its other parameters may be anything."""
    kind, *parameters = header.split(";")
    named = (parameter.partition("=") for parameter in parameters)
    charset = next((value for name, _, value in named if name.strip().lower() == "charset"), "")
    kind = kind.strip().lower()
    return kind if kind.count("/") == 1 else "text/plain", charset.strip(" \t\"'").lower()


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:
        raise _no_url(url) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise _no_url(url)
    netloc = f"[{host}]" if ":" in host else host
    return SplitResult(
        parts.scheme,
        f"{netloc}:{port}" if port else netloc,
        quote(parts.path, safe="/%:@!$&'()*+,;=~-._"),
        quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"),
        "",
    )


def _connect(parts: SplitResult, allowed: Allowed, end: float) -> http.client.HTTPConnection:
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise _unreachable(host, error) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not all(allowed(ipaddress.ip_address(address.partition("%")[0])) for address in addresses):
        raise ToolError(
            f"{host} is an address of this machine or of a private network, which is not read.",
            f"{host}은(는) 이 컴퓨터나 사설망의 주소라서 읽지 않습니다.",
        )
    last: OSError | None = None
    for address in dict.fromkeys(addresses):
        try:
            plain = socket.create_connection((address, port), timeout=_left(end))
        except OSError as error:
            last = error
            continue
        connection = http.client.HTTPConnection(host, port)
        connection.sock = _secured(plain, host) if secure else plain
        return connection
    raise _unreachable(host, last or OSError("no address")) from last


def _secured(plain: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError as error:
        plain.close()
        raise _unreachable(host, error) from error


def _read(response: http.client.HTTPResponse, most: int, end: float) -> tuple[bytes, bool]:
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in _PACKED | {"", "identity"}:
        raise http.client.HTTPException(f"compressed as {coding[:40]!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=47) if coding in _PACKED else None
    body = bytearray()
    while len(body) <= most:
        _left(end)
        chunk = response.read1(_CHUNK)
        if not chunk or (unpack and unpack.eof):
            break
        try:
            body += unpack.decompress(chunk, most + 1 - len(body)) if unpack else chunk
        except zlib.error as error:
            raise http.client.HTTPException(f"broken compression: {error}") from error
    return bytes(body[:most]), len(body) > most or (unpack is not None and not unpack.eof)


def _left(end: float) -> float:
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError("the page took too long")
    return left


def _no_url(url: str) -> ToolRetry:
    return ToolRetry(
        f"`{url}` is no address of a page; give a whole URL that begins with http:// or https://.",
        f"`{url}`은(는) 웹 주소가 아닙니다. http://나 https://로 시작하는 전체 주소를 주세요.",
    )


def _refused(url: str, status: int) -> ToolError:
    name = http.client.responses.get(status, "")
    return ToolError(f"{url} answered {status} {name}.", f"{url}이(가) {status} {name}(으)로 답했습니다.")


def _unreachable(host: str, error: Exception) -> ToolError:
    return ToolError(
        f"{host} cannot be reached: {error}.",
        f"{host}에 연결할 수 없습니다: {error}",
        advice=DO_WITHOUT,
    )
