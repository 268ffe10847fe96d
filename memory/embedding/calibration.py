"""What an embedder knows: measured on a few sentences when it is first used, never assumed from its name.

Each language has pairs that say the same in other words. From their likeness, and that of sentences that have
nothing to do with each other, comes the scale on which this embedder's similarities are read (0 unrelated, 1 a
paraphrase) and how far the language is known at all. A model that is blind to a language still gives high numbers
for it; with no vote it does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from ..text.normalize import Language
from .base import Embedder, Vectors

Measured = Literal["ko", "en"]

BLIND, SURE = 0.35, 0.75
"""The share of sentences that find their paraphrase among the others: below the first there is no vote, above the
second a whole one."""

PAIRS: dict[Measured, tuple[tuple[str, str], ...]] = {
    "en": (
        ("My sister got married last summer.", "There was a wedding in our family a few months ago."),
        ("I failed the maths exam.", "The test in calculus went badly for me."),
        ("He bought a new car.", "They own a vehicle that just left the dealer."),
        ("The soup was far too salty.", "Somebody put too much seasoning into the broth."),
        ("She is learning to play the violin.", "Her music lessons on a string instrument began."),
        ("Our flight was delayed by a storm.", "Bad weather kept the plane on the ground."),
        ("The doctor told me to sleep more.", "I was advised by a physician to get more rest."),
        ("We moved to a bigger apartment.", "The family lives in a larger flat now."),
        ("The program crashes when the list is empty.", "Without any elements, the code throws an error."),
        ("Prices have risen a lot this year.", "Everything has become much more expensive lately."),
        ("The dog is afraid of fireworks.", "Loud bangs frighten our pet."),
        ("I work night shifts at the hospital.", "My job as a nurse is mostly after dark."),
        ("The match ended in a draw.", "Neither team won the game."),
        ("The old bridge will be torn down.", "They plan to demolish the river crossing."),
        ("He never answers his emails.", "Messages sent to him get no reply."),
        ("Plants need sunlight to grow.", "Without enough light, seedlings stay small."),
    ),
    "ko": (
        ("언니가 지난여름에 결혼했어요.", "우리 집안에 몇 달 전 혼사가 있었다."),
        ("수학 시험에서 낙제했다.", "미적분 평가를 망쳐 버렸어요."),
        ("그 사람은 새 자동차를 샀다.", "얼마 전에 신형 차량을 한 대 뽑았대요."),
        ("국이 너무 짜요.", "찌개에 소금을 지나치게 넣었다."),
        ("동생이 바이올린을 배우고 있어요.", "현악기 레슨을 받기 시작했다."),
        ("폭풍 때문에 비행기가 늦게 떴다.", "악천후로 항공편이 지연됐어요."),
        ("의사가 더 자라고 했어요.", "병원에서 수면을 늘리라는 조언을 들었다."),
        ("더 넓은 아파트로 이사했다.", "이제 우리 식구는 큰 집에 살아요."),
        ("목록이 비어 있으면 프로그램이 죽는다.", "원소가 하나도 없을 때 코드에서 오류가 나요."),
        ("올해 물가가 많이 올랐어요.", "요즘 뭐든지 훨씬 비싸졌다."),
        ("강아지가 불꽃놀이를 무서워한다.", "우리 개는 큰 폭발음에 겁을 먹어요."),
        ("저는 밤에 병원에서 일해요.", "간호사라서 주로 야간 근무를 한다."),
        ("경기는 무승부로 끝났다.", "두 팀 중 누구도 이기지 못했어요."),
        ("낡은 다리를 곧 철거한대요.", "오래된 교량을 허물 계획이다."),
        ("그는 이메일에 답을 안 한다.", "메일을 보내도 회신이 없어요."),
        ("식물은 햇빛이 있어야 자란다.", "빛이 모자라면 새싹이 크지 못해요."),
    ),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """One language as an embedder sees it.

    Attributes:
        vote: How far it is known, 0 to 1.
        unrelated: The mean similarity of sentences that have nothing to do with each other.
        deviation: The standard deviation of those.
        paraphrase: The mean similarity of sentences that say the same.
    """

    vote: float
    unrelated: float
    deviation: float
    paraphrase: float

    def read(self, similarity: float) -> float:
        """Read a similarity on the common scale: 0 as unrelated sentences have, 1 as paraphrases."""
        return (similarity - self.unrelated) / max(self.paraphrase - self.unrelated, 0.05)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of an embedder."""

    ko: Scale
    en: Scale

    def scale(self, language: Language) -> Scale:
        """Give the scale for a text's language; what was not measured is trusted as far as both that were."""
        match language:
            case "ko":
                return self.ko
            case "en":
                return self.en
            case _:
                return min(self.ko, self.en, key=lambda scale: scale.vote)

    def to_json(self) -> dict[str, Any]:
        """Give it as the store keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Calibration:
        """Read what `to_json` gave."""
        return cls(ko=Scale(**kept["ko"]), en=Scale(**kept["en"]))


def measure(embedder: Embedder) -> Calibration:
    """Measure an embedder; embeds 64 short sentences, about a second on a CPU."""
    return Calibration(ko=_measure(embedder, "ko"), en=_measure(embedder, "en"))


def _measure(embedder: Embedder, language: Measured) -> Scale:
    pairs = PAIRS[language]
    found = embedder.embed([text for pair in pairs for text in pair])
    likeness: Vectors = found[0::2] @ found[1::2].T
    same = np.eye(len(pairs), dtype=bool)
    unrelated = likeness[~same]
    hits = np.concatenate([likeness.argmax(0), likeness.argmax(1)]) == np.tile(np.arange(len(pairs)), 2)
    known = float(hits.mean())
    return Scale(
        vote=round(min(1.0, max(0.0, (known - BLIND) / (SURE - BLIND))), 4),
        unrelated=round(float(unrelated.mean()), 4),
        deviation=round(float(unrelated.std()), 4),
        paraphrase=round(float(likeness[same].mean()), 4),
    )
