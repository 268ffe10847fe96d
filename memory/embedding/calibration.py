"""What an embedder knows: measured on a few sentences when it is first used, never assumed from its name.

Each language has pairs that say the same in other words, and the n-th pair says the same in each language. From
their likeness, and that of sentences that have nothing to do with each other, comes the scale on which this
embedder's similarities are read (0 unrelated, 1 a paraphrase) and how far it is to be trusted at all: one scale for
each pair of languages, the question's and the text's, for a model may know two and not what they have in common.
A model that is blind to a language still gives high numbers for it; with no vote it does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal, get_args

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
    """A pair of languages as an embedder sees it.

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


NO_VOTE = Scale(vote=0.0, unrelated=0.0, deviation=1.0, paraphrase=1.0)
"""What is not measured: its similarities count for nothing."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of an embedder.

    Attributes:
        ko, en: Where question and text are in the same language.
        ko_en: A Korean question and an English text. Stores of before November 2026 have no such measurement.
        en_ko: The other way round.
    """

    ko: Scale
    en: Scale
    ko_en: Scale = NO_VOTE
    en_ko: Scale = NO_VOTE

    def scale(self, question: Language, text: Language | None = None) -> Scale:
        """Give the scale for a question's and a text's language, the same one by default.

        A language that was not measured is trusted as little as the least known that may stand for it.
        """
        scales = {
            ("ko", "ko"): self.ko,
            ("en", "en"): self.en,
            ("ko", "en"): self.ko_en,
            ("en", "ko"): self.en_ko,
        }
        if text is None or text == question:
            pairs = [(known, known) for known in _measured(question)]
        else:
            pairs = list(product(_measured(question), _measured(text)))
        return min((scales[pair] for pair in pairs), key=lambda scale: scale.vote)

    def to_json(self) -> dict[str, Any]:
        """Give it as the store keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Calibration:
        """Read what `to_json` gave, now or before pairs of languages were measured."""
        return cls(**{name: Scale(**scale) for name, scale in kept.items()})


def _measured(language: Language) -> tuple[Measured, ...]:
    return tuple(of for of in get_args(Measured) if of == language) or get_args(Measured)


def measure(embedder: Embedder) -> Calibration:
    """Measure an embedder; embeds 64 short sentences, about a second on a CPU."""
    asked = {of: embedder.embed([pair[0] for pair in PAIRS[of]], "query") for of in PAIRS}
    said = {of: embedder.embed([pair[1] for pair in PAIRS[of]]) for of in PAIRS}

    def between(question: Measured, text: Measured) -> Scale:
        return _scale(asked[question] @ said[text].T)

    return Calibration(
        ko=between("ko", "ko"), en=between("en", "en"), ko_en=between("ko", "en"), en_ko=between("en", "ko")
    )


def _scale(likeness: Vectors) -> Scale:
    """Read a matrix of similarities in which the pairs stand on the diagonal."""
    same = np.eye(len(likeness), dtype=bool)
    unrelated = likeness[~same]
    found = np.concatenate([likeness.argmax(0), likeness.argmax(1)]) == np.tile(np.arange(len(likeness)), 2)
    known = float(found.mean())
    return Scale(
        vote=round(min(1.0, max(0.0, (known - BLIND) / (SURE - BLIND))), 4),
        unrelated=round(float(unrelated.mean()), 4),
        deviation=round(float(unrelated.std()), 4),
        paraphrase=round(float(likeness[same].mean()), 4),
    )
