"""What a turn says beside the answer, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from ..memory.text.normalize import sentences
from .events import Notice
from .model import AttemptFailed

WAITED = Notice(
    "waiting",
    "Another window was in the middle of a turn of this conversation; I waited for it.",
    "다른 창에서 이 대화의 답변이 진행 중이어서 끝나기를 기다렸습니다.",
)


def masked(kinds: Sequence[str]) -> Notice:
    """Say that secrets were masked in the student's message."""
    listed = ", ".join(kinds)
    return Notice(
        "masked",
        f"I masked what looks like a secret ({listed}) before writing it down; it is stored nowhere.",
        f"비밀 정보로 보이는 부분({listed})은 가린 뒤에 기록했습니다. 원래 값은 어디에도 저장되지 않습니다.",
    )


def trying_again(failed: AttemptFailed) -> Notice:
    """Say that the server is in trouble and that it is waited for the next attempt."""
    seconds = max(1, round(failed.wait or 0))
    # The first sentence says what happened; the others, what a person could do where it stayed at that.
    en, ko = (sentences(text)[0] for text in (failed.error.en, failed.error.ko))
    return Notice("retry", f"{en} I try again in {seconds} s.", f"{ko} {seconds}초 뒤에 다시 시도합니다.")
