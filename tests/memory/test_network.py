from __future__ import annotations

import os
from pathlib import Path

import pytest

from officehours.memory.errors import ConfigError
from officehours.memory.network import http_client, is_loopback, why_broken

REMOTE = "https://api.example.com/v1"
HERE = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        *(
            (name, "socks5://127.0.0.1:9", "pip install socksio")
            for name in ("ALL_PROXY", "HTTPS_PROXY", "all_proxy")
        ),
        ("ALL_PROXY", "socks5h://127.0.0.1:9", "pip install socksio"),
        ("ALL_PROXY", "socks4://127.0.0.1:9", "no address of a proxy"),
        ("HTTPS_PROXY", "http://127.0.0.1:abc", "no address of a proxy"),
        ("https_proxy", "http://[::1", "no address of a proxy"),
        ("HTTP_PROXY", "http://127.0.0.1:9\r", "no address of a proxy"),
        ("HTTP_PROXY", '"http://127.0.0.1:9"', "no address of a proxy"),
        ("ALL_PROXY", "://", "no address of a proxy"),
        ("ALL_PROXY", "ftp://127.0.0.1", "no address of a proxy"),
        ("SSL_CERT_FILE", "/nowhere.pem", "no certificates"),
        ("SSL_CERT_FILE", "{folder}", "no certificates"),
        ("SSL_CERT_FILE", "{folder}/text", "no certificates"),
        ("SSL_CERT_DIR", "/nowhere", "no certificates"),
        ("SSL_CERT_DIR", "{folder}/text", "no certificates"),
        ("SSLKEYLOGFILE", "/nowhere/log", "cannot be written"),
        ("OPENAI_ORG_ID", "한글", "cannot be sent"),
        ("OPENAI_ORG_ID", "org\r", "cannot be sent"),
        ("OPENAI_PROJECT_ID", "a\nb", "cannot be sent"),
        ("OPENAI_CUSTOM_HEADERS", "a name: b", "cannot be sent"),
        ("OPENAI_CUSTOM_HEADERS", "A: b\nB: 한글", "cannot be sent"),
    ],
)
def test_what_keeps_a_client_from_being_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    (tmp_path / "text").write_text("no certificate", encoding="utf-8")
    monkeypatch.setenv(variable, value.format(folder=tmp_path))
    with pytest.raises(ConfigError, match=says) as caught:
        http_client(REMOTE, "OPENAI_BASE_URL")
    assert variable in caught.value.en
    assert variable in caught.value.ko


@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "127.0.0.1:9", "http://me:pass@127.0.0.1:9", ""])
def test_a_proxy_is_a_proxy(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    http_client(REMOTE, "OPENAI_BASE_URL").close()


@pytest.mark.parametrize("value", ["", "*", "[::1", "a b, ,", "::1/129", "한글", "http://", "10.0.0.0/99"])
def test_no_list_of_hosts_without_a_proxy_is_a_fault(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", value)
    http_client(REMOTE, "OPENAI_BASE_URL").close()


def test_a_server_on_this_machine_needs_neither_proxies_nor_certificates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    http_client(HERE, "OPENAI_BASE_URL").close()


def test_the_password_of_a_proxy_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://me:hunter2@127.0.0.1:9")
    with pytest.raises(ConfigError) as caught:
        http_client(REMOTE, "OPENAI_BASE_URL")
    assert "hunter2" not in caught.value.en + caught.value.ko


def test_why_a_connection_broke_names_the_proxy_it_went_through(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ConnectionRefusedError("refused")
    assert why_broken(REMOTE, refused) == "refused"
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    assert why_broken(REMOTE, refused) == "through the proxy of all_proxy: refused"
    assert why_broken(HERE, refused) == "refused"
    monkeypatch.setenv("no_proxy", "example.com")
    assert why_broken(REMOTE, refused) == "refused"
    assert "SSL_CERT_FILE" in why_broken(REMOTE, OSError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True),
        ("localhost:1234", True),
        ("http://[::1]:1", True),
        ("http://127.8.8.8", True),
        ("http://my.localhost", True),
        ("http://example.com", False),
        ("http://10.0.0.1", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_what_is_on_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here
