from __future__ import annotations

from collections.abc import Iterator

import pytest

from officehours.tools.mcp.connections import connections


@pytest.fixture(scope="module", autouse=True)
def no_server_stays() -> Iterator[None]:
    yield
    connections.close()
