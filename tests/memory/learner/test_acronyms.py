from __future__ import annotations

import pytest

from officehours.memory.archival import ArchivalMemory
from officehours.memory.learner.acronyms import Acronyms

GAN = "GAN(Generative Adversarial Network)은 두 신경망이 겨룹니다."
AREA = "Global Area Networks (GAN) join offices. A GAN (Global Area Network) is wide."


class NoSearch:
    def search(self, *_: object, **__: object) -> list:
        return []


@pytest.fixture
def passages(database, student, clock) -> dict[str, str]:
    archival = ArchivalMemory(database, student.id, clock, NoSearch())
    return {
        text: archival.insert(text, kind="passage", source="c.md", locator=str(n), trust="course").id
        for n, text in enumerate((GAN, AREA))
    }


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("the generative one", "Generative Adversarial Network"),
        ("Global Area Network요", "Global Area Network"),
        ("the network", None),
        ("global or generative?", None),
    ],
)
def test_each_sense_has_its_source_and_the_student_may_choose_one(
    database, student, other, clock, passages, said, meant
):
    glossary = Acronyms(database, student.id, clock)
    senses = glossary.look_up("gan")
    assert [(sense.long, sense.id) for sense in senses] == [
        ("Generative Adversarial Network", passages[GAN]),
        ("Global Area Network", passages[AREA]),
    ]
    chosen = glossary.choose(senses, said)
    assert (chosen and chosen.long) == meant
    assert [sense.long for sense in glossary.look_up("GAN")] == (
        [meant] if meant else [s.long for s in senses]
    )
    assert not Acronyms(database, other.id, clock).look_up("GAN")
