from __future__ import annotations

import pytest

from officehours.bench import faults
from officehours.bench.faults import Work


def test_twelve_kills_at_random_moments_lose_and_double_nothing(own_home):
    verdict = faults.kills(Work(own_home), 12, seed=3)
    assert verdict.good, verdict
    assert verdict.acknowledged > 5  # with none nothing would be proved


@pytest.mark.postgres
@pytest.mark.chroma_server
def test_kills_lose_nothing_on_servers_either(own_home, postgres_url, chroma_url):
    verdict = faults.kills(Work(own_home, postgres_url, chroma_url), 5, seed=4)
    assert verdict.good, verdict
    assert verdict.acknowledged > 0
