from __future__ import annotations

import pytest

from officehours.memory.errors import ConfigError, StoreUnreachable
from officehours.memory.index.chroma import ChromaServer


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://host", "http://", "http://host:port", "http://host:99999"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError) as caught:
        ChromaServer(url)
    assert "http://127.0.0.1:8000" in caught.value.en
    assert url in caught.value.ko


def test_a_server_that_is_not_there_is_said_once_and_waited_for_not_at_all():
    said = []
    chroma = ChromaServer("http://127.0.0.1:9", said.append)
    assert not chroma.open_now()
    assert not chroma.open_now()
    chroma.close()
    assert [type(remark) for remark in said] == [StoreUnreachable]
