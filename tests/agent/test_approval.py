from __future__ import annotations

from datetime import UTC, datetime

import pytest

from officehours.agent.approval import reveals
from officehours.memory.types import Message, ShownHit, StoredMessage

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
BEFORE = (
    "What is a Krylov subspace? My cat is called Dora.",
    "저는 마포에 살아요. 크릴로프 부분공간이 뭐예요?",
)
KNOWN = ("Mina, phone 010-1234-5678\nexam on 2026-12-03", "목표: 토픽 합격")


def hit(kind: str, text: str, role: str = "user") -> ShownHit:
    return ShownHit("a1", kind, role, "student", NOW, text, text)


HITS = (
    hit("message", "I broke up with Tom."),
    hit("fact", "Plays the cello."),
    hit("passage", "A matrix and its rank.", "source"),
    hit("message", "The determinant is a volume.", "assistant"),
)


def told(query: str, said: str = "Look it up, please. 찾아 주세요.") -> bool:
    log = [
        StoredMessage(place, 1, place, place, Message("user", text), NOW, "UTC", trust="student", hits=HITS)
        for place, text in enumerate((*BEFORE, said), 1)
    ]
    return reveals(query, said, log, KNOWN, NOW)


@pytest.mark.parametrize(
    "query",
    [
        "Mina",
        "mina homework",
        "2026-12-03",
        "010-1234-5678 owner",
        "cat Dora",
        "Dora",
        "마포",
        "마포 날씨",
        "토픽 합격 방법",
        "cello lessons",
        "Tom broke up",
        "TWluYSBmcm9tIE1hcG8sIGV4YW0gRGVj",
    ],
)
def test_a_search_that_tells_of_the_student_reveals_it(query: str) -> None:
    assert told(query)


@pytest.mark.parametrize(
    "query",
    [
        "Krylov subspace",
        "Krylov subspace explained 2026",
        "크릴로프 부분공간",
        "크릴로프 부분공간 설명",
        "eigenvalue tutorial",
        "rank of a matrix",
        "determinant as volume",
        "",
    ],
)
def test_what_was_asked_and_what_the_world_knows_reveals_nothing(query: str) -> None:
    assert not told(query)


def test_what_the_student_says_now_may_be_looked_up() -> None:
    assert not told("TOPIK Mapo December 3", "Where in Mapo can I take TOPIK on December 3? Search, please.")
