"""What every HTTP client of this process reads in the environment: proxies and certificates.

The libraries say what is wrong with them in their own words and classes, some of which are no errors of HTTP at all;
here it becomes one sentence that names the variable.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import ConfigError, OfficeHoursError
from .lazy import load_whole

if TYPE_CHECKING:
    import httpx2

SENT_ALONG = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
"""Variables that the `openai` package sends as headers; those of OPENAI_CUSTOM_HEADERS come besides."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

READ_BY_LIBRARIES = frozenset(
    {
        *_PROXIES,
        *map(str.lower, _PROXIES),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *SENT_ALONG,
        *("HF_ENDPOINT", "HF_HOME", "HF_TOKEN"),
    }
)
"""Variables that no setting of ours stands for."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def http_client(url: str, named_in: str, **options: Any) -> httpx2.Client:
    """Make the client that the `openai` package is to use for a server, as the environment says.

    A proxy set for the internet is not asked for a server on this machine.

    Args:
        url: The server's address.
        named_in: The variable that names it.
        options: For the client.

    Raises:
        ConfigError: A variable of the environment stands in the way; the text names it.
    """
    local = is_loopback(url)
    with setup_failures(url, named_in):
        load_whole("httpx2", "openai")
        import httpx2
        import openai

        _check_headers(os.environ)
        if url.startswith("https:"):
            check_certificates(os.environ)
        context = httpx2.create_ssl_context(trust_env=not local or url.startswith("https:"))
        return openai.DefaultHttpxClient(verify=context, trust_env=not local, **options)


@contextmanager
def setup_failures(url: str, named_in: str) -> Generator[None]:
    """Let whatever fails while a client is made for `url` leave as a `ConfigError` that names the variable."""
    try:
        yield
    except OfficeHoursError:
        raise
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise environment_problem() or ConfigError(
            f"No connection to {url} can be set up ({why}). Check the address in {named_in} or in the "
            "configuration, and the variables HTTPS_PROXY and SSL_CERT_FILE.",
            f"{url} 에 연결할 준비를 하지 못했습니다({why}). {named_in}이나 설정 파일의 주소와 HTTPS_PROXY, "
            "SSL_CERT_FILE 환경 변수를 확인해 주세요.",
        ) from error


def environment_problem() -> ConfigError | None:
    """Name the variable that keeps HTTP clients from being made, if one does."""
    try:
        check_certificates(os.environ)
        _check_proxies()
    except ConfigError as error:
        return error
    return None


def check_certificates(environ: Mapping[str, str]) -> None:
    """Look at the variables that say which certificates are trusted.

    Raises:
        ConfigError: One of them names no certificates.
    """
    import ssl

    file, folders, log = (environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"))
    if file:
        try:
            # No context of its own default: that would open the key log too.
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise _no_certificates("SSL_CERT_FILE", file, f"{reason}") from error
    elif folders and not any(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
        raise _no_certificates("SSL_CERT_DIR", folders, "no such folder")
    if log:
        try:
            Path(log).open("ab").close()
        except OSError as error:
            raise ConfigError(
                f"SSLKEYLOGFILE names a file that cannot be written: {log} ({error.strerror}). Unset it, or name another.",
                f"SSLKEYLOGFILE에 적은 파일에 쓸 수 없습니다: {log} ({error.strerror}). 변수를 지우거나 다른 파일을 지정해 "
                "주세요.",
            ) from error


def why_broken(url: str, error: BaseException) -> str:
    """Say why a request to `url` failed, with the variable that may be the reason."""
    why = " ".join(str(error).split()) or "the connection closed"
    if "CERTIFICATE_VERIFY_FAILED" in why:
        why = f"its certificate is not trusted here; SSL_CERT_FILE can name one that is: {why}"
    elif "WRONG_VERSION_NUMBER" in why:
        why = f"it speaks no TLS; its address may begin with http://: {why}"
    proxy = _proxy_of(url)
    return f"through the proxy of {proxy}: {why}" if proxy else why


def _proxy_of(url: str) -> str | None:
    """Name the variable whose proxy a request to `url` goes through; None where it goes there directly."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    kind = next((kind for kind in (parts.scheme, "all") if getproxies().get(kind)), None)
    return None if kind is None else _variable(kind)


def _check_proxies() -> None:
    from urllib.request import getproxies

    import httpx2

    for kind, value in getproxies().items():
        if kind not in {"http", "https", "all"} or not value:
            continue
        name, shown = _variable(kind), _without_password(value)
        try:
            httpx2.HTTPTransport(proxy=value if "://" in value else f"http://{value}", verify=False).close()
        except ImportError as error:
            raise ConfigError(
                f"{name} names a SOCKS proxy ({shown}), for which a package is missing: pip install socksio. Or unset "
                f"{name}, or name an http:// proxy.",
                f"{name}에 SOCKS 프록시({shown})가 지정되어 있는데 필요한 패키지가 없습니다. pip install socksio 로 "
                f"설치하거나, {name}을(를) 지우거나 http:// 프록시로 바꿔 주세요.",
            ) from error
        except Exception as error:
            raise ConfigError(
                f"{name} is no address of a proxy ({shown!r}). Write it like http://127.0.0.1:8080, or unset it.",
                f"{name}에 적힌 값은 프록시 주소가 아닙니다({shown!r}). http://127.0.0.1:8080 처럼 적거나 변수를 지워 주세요.",
            ) from error


def _variable(kind: str) -> str:
    """Name the variable that says which proxy is for a kind of address: the lower-case one goes first."""
    name = f"{kind}_proxy"
    names = [name] if os.environ.get(name) else [found for found in os.environ if found.lower() == name]
    return names[0] if names else "the system's setting"


def _without_password(proxy: str) -> str:
    before, at, host = proxy.rpartition("@")
    return f"{before.partition('://')[0]}://…@{host}" if at else proxy


def _check_headers(environ: Mapping[str, str]) -> None:
    told = environ.get("OPENAI_CUSTOM_HEADERS", "")
    pairs = [line.partition(":") for line in told.split("\n") if ":" in line]
    sent = [("OPENAI_CUSTOM_HEADERS", name.strip(), value.strip()) for name, _, value in pairs]
    sent += [(name, "X", environ.get(name, "")) for name in SENT_ALONG]
    for variable, name, value in sent:
        if not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ConfigError(
                f"{variable} holds what cannot be sent to a server, such as a letter outside ASCII or a line end. Write "
                "it anew, or unset it.",
                f"{variable}에 서버로 보낼 수 없는 글자(한글이나 줄바꿈 등)가 들어 있습니다. 다시 적거나 변수를 지워 주세요.",
            )


def _no_certificates(name: str, value: str, why: str) -> ConfigError:
    return ConfigError(
        f"{name} names no certificates: {value} ({why}). Correct the path, or unset it to trust what this machine trusts.",
        f"{name}에 적은 경로에 인증서가 없습니다: {value} ({why}). 경로를 고치거나, 변수를 지워 이 컴퓨터의 기본 인증서를 "
        "쓰게 해 주세요.",
    )
