"""What every test gets: a home of its own, no key, no hub, and no way out of this machine."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

from stores import (  # noqa: F401  fixtures for every test
    chroma_process,
    chroma_url,
    clock,
    database,
    other,
    postgres,
    postgres_process,
    postgres_url,
    store_url,
    student,
)

# Machines differ in speed, so no example is timed (the benchmarks measure time, tests never do).
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("quick", deadline=None, suppress_health_check=QUIET, max_examples=25)
settings.register_profile("thorough", deadline=None, suppress_health_check=QUIET, max_examples=100)
settings.load_profile("quick")

ROOT = Path(__file__).resolve().parents[1]
numbers = count(1)
SLOW = {"postgres", "chroma_server", "real_embedder"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by nature: real servers, real models, and all that is about faults."""
    for item in items:
        if "faults" in item.path.parts or any(item.get_closest_marker(mark) for mark in SLOW):
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Set what was collected aside: each closing of Chroma collects garbage, and would look through all the tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_file_is_loaded_twice() -> Iterator[None]:
    """Fail at the end if a file of this checkout was imported under two names, as a clone's name can cause (ADR 1)."""
    yield
    names: dict[Path, list[str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in {"__main__", "__mp_main__"} or not file:
            continue
        path = Path(file).resolve()
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path != ROOT / "__init__.py":
            names.setdefault(path.relative_to(ROOT), []).append(name)
    twice = {str(path): found for path, found in names.items() if len(found) > 1}
    assert not twice, twice


@pytest.fixture(scope="session", autouse=True)
def one_connection_for_a_thread() -> Iterator[None]:
    """Fail where a thread takes a second connection of a store while it has one.

    So whoever waits for a connection of a full pool waits for work that goes on, never for itself (ADR 36).
    """
    held: dict[object, tuple[int, object]] = {}

    def out(_connection: object, record: Any, fairy: Any) -> None:
        mine = (threading.get_ident(), fairy._pool)
        assert mine not in held.values(), "this thread has a connection of this store already"
        held[record] = mine

    def back(_connection: object, record: object) -> None:
        held.pop(record, None)

    event.listen(Pool, "checkout", out)
    event.listen(Pool, "checkin", back)
    yield
    event.remove(Pool, "checkout", out)
    event.remove(Pool, "checkin", back)


# A shell that starts the tests in the background has them ignore Ctrl-C, and so would every program they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Clients written in Rust do not pass through Python's sockets; a proxy that nobody serves stops them too.
CLOSED_PROXY = "http://127.0.0.1:9"
PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
LOOPBACK_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost"}


class NetworkRefusedError(ConnectionRefusedError):
    """A test tried to leave this machine; code under test sees an ordinary refused connection."""


def is_loopback(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.lower() in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_unless_loopback(sock: socket.socket, address: Any) -> None:
    if sock.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
        raise NetworkRefusedError(f"tests stay on this machine; refused a connection to {address!r}")


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_unless_loopback(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_unless_loopback(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_loopback(host):
            raise socket.gaierror(
                socket.EAI_NONAME, f"tests stay on this machine; refused to look up {host!r}"
            )
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        for name in PROXY_NAMES:
            patch.setenv(name, CLOSED_PROXY)
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "localhost,127.0.0.1,::1")
        yield


@pytest.fixture(autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the caller's settings away; OFFICEHOURS_HOME names a folder that is not there, of this test alone."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OFFICEHOURS_")) and not name.startswith("OFFICEHOURS_TEST_"):
            monkeypatch.delenv(name)
    # Most tests need no folder, and to make one takes longer than such a test.
    monkeypatch.setenv("OFFICEHOURS_HOME", str(tmp_path_factory.getbasetemp() / f"home-{next(numbers)}"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")


@pytest.fixture
def own_home(no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test's OFFICEHOURS_HOME, in its `tmp_path` and not yet created."""
    home = tmp_path / "home"
    monkeypatch.setenv("OFFICEHOURS_HOME", str(home))
    return home
