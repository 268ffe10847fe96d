"""What is never written of a learner: that something is so always, or mastered for good."""

from __future__ import annotations

from ..errors import ToolRetry

ABSOLUTES = (
    *("always", "never", "mastered", "mastery of", "perfectly", "completely understands"),
    *("항상", "언제나", "마스터", "완벽히", "완벽하게", "완전히 이해"),
)
"""Words that no evidence of a few answers can bear (after DeepTutor, which refuses two of them)."""


def refuse_absolutes(text: str, said: str = "") -> None:
    """Refuse a verdict on the learner that nothing can show.

    Args:
        text: As a model writes it.
        said: The student's own words, which may say anything.

    Raises:
        ToolRetry: It holds one of `ABSOLUTES`.
    """
    lower, own = text.casefold(), said.casefold()
    word = next((word for word in ABSOLUTES if word in lower and word not in own), None)
    if word is not None:
        raise ToolRetry(
            f"{word!r} is more than answers can show. Say what happened and when instead: two right answers on the 3rd.",
            f"‘{word}’라고 적을 수는 없습니다. 언제 무엇을 맞혔거나 틀렸는지를 적어 주세요.",
        )
