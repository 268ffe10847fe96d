from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"])
def test_a_connection_that_leaves_the_machine_is_refused(host: str) -> None:
    with pytest.raises(OSError, match="tests stay on this machine"):
        socket.create_connection((host, 80), timeout=5)


def test_a_connection_on_loopback_is_made() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        client.sendall(b"hello")
        taken, _ = server.accept()
        with taken:
            assert taken.recv(5) == b"hello"


def test_each_test_has_its_own_home_and_no_key(own_home: Path, tmp_path: Path) -> None:
    assert os.environ["OFFICEHOURS_HOME"] == str(own_home)
    assert own_home.is_relative_to(tmp_path)
    assert not own_home.exists()
    assert {name for name in os.environ if name.startswith("OPENAI_")} == set()
