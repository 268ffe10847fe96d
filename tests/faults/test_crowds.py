from __future__ import annotations

import pytest

from officehours.bench import faults
from officehours.bench.faults import Work


def test_four_programs_on_one_student_lose_nothing_and_each_finds_everything(own_home):
    verdict = faults.together(Work(own_home), processes=4, count=25, seed=5)
    assert verdict.good, verdict
    # What has no vector yet is found by its words alone; the bench holds the crowd to 99 %.
    assert verdict.missed_meanwhile <= 1
    assert verdict.searches > 20


@pytest.mark.postgres
@pytest.mark.chroma_server
def test_several_workers_share_one_postgresql_and_one_chroma_server(own_home, postgres_url, chroma_url):
    verdict = faults.together(Work(own_home, postgres_url, chroma_url), processes=3, count=15, seed=6)
    assert verdict.good, verdict
    assert verdict.missed_meanwhile <= 1
