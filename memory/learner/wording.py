"""What is never written of a learner: that something is so always, or mastered for good, or what they seem to feel."""

from __future__ import annotations

import re

from ..errors import ToolRetry

_NO_WORD = re.compile(r"[^\w]+")

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


FEELINGS = (
    ("anxious", "worried", "nervous", "afraid", "scared", "불안", "걱정", "긴장", "초조", "두려", "무서"),
    ("frustrated", "annoyed", "irritated", "답답", "짜증", "좌절"),
    ("bored", "지루", "지겨", "지겹"),
    ("stressed", "overwhelmed", "스트레스", "벅차", "버거"),
    ("sad", "depressed", "unhappy", "우울", "슬프", "슬퍼", "속상"),
    ("discouraged", "unmotivated", "demotivated", "hopeless", "의욕", "낙담", "무기력"),
    ("insecure", "confident", "unconfident", "lacks confidence", "자신감"),
    ("embarrassed", "ashamed", "창피", "부끄"),
    ("enthusiastic", "happy", "신나", "신난", "기뻐", "기쁘", "행복"),
    ("angry", "화난", "화났", "화가"),
    ("tired", "exhausted", "피곤", "지쳐", "지쳤", "지친"),
)
"""Words for a feeling, one feeling in both languages a line: who said one of a line may be quoted with another.

Feelings that are shown and not named ("휴...") are in no line, and other words for these are not caught.
"""


def unsaid_feeling(text: str, said: str) -> str:
    """Give the first of `FEELINGS` that a text names and the learner did not speak of; "" for none.

    Args:
        text: What is to be kept of the learner.
        said: The student's own words, and what is kept already.
    """
    written, own = _in_words(text), _in_words(said)
    for feeling in FEELINGS:
        word = next((word for word in feeling if _names(word, written)), "")
        if word and not any(_names(word, own) for word in feeling):
            return word
    return ""


def refuse_inferred_feelings(text: str, said: str) -> None:
    """Refuse what `unsaid_feeling` finds.

    Raises:
        ToolRetry: There is one; the text says what to keep instead.
    """
    if word := unsaid_feeling(text, said):
        raise ToolRetry(
            f"{word!r} is a feeling that the student did not speak of. Keep what they said or did, in their words.",
            f"‘{word}’은(는) 학생이 말하지 않은 감정입니다. 학생이 한 말이나 한 일을 그대로 적어 주세요.",
        )


def _in_words(text: str) -> str:
    return f" {' '.join(_NO_WORD.sub(' ', text.casefold()).split())} "


def _names(word: str, text: str) -> bool:
    """Whether a text has the word: English whole, Korean as the beginning of one."""
    return f" {word} " in text if word.isascii() else f" {word}" in text
