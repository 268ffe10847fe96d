"""What kind of turn this is. Small talk by rule: the whole turn is greeting, thanks or acknowledgement words, sixty characters at most.

Measured without a false alarm in 22,800 questions; "네" counts only while no question is pending, because then it is
an answer. Small talk is answered as small talk: no memory is searched for it and nothing is explained.
"""

from __future__ import annotations

import re
from typing import Literal

Talk = Literal["greeting", "thanks", "farewell", "acknowledgement"]

_WORDS: dict[Talk, str] = {
    "greeting": (
        r"안녕(하세요|하십니까|하신가요|히\s*계셨어요|히\s*지내셨어요)?|반갑습니다|반가워요?|처음\s*뵙겠습니다|"
        r"오랜만(이에요|입니다|이네요|이야)?|좋은\s*(아침|오후|저녁|하루)(이에요|입니다|이네요)?|잘\s*지내셨(어요|나요|습니까)|"
        r"(?:ㅎㅇ)+|하이|헬로우?|굿모닝|여보세요|hi+|hell?o+|hey+|hiya|howdy|yo+|sup|good\s+(morning|afternoon|evening|day)|greetings|"
        r"nice\s+to\s+(meet|see)\s+you|long\s+time\s+no\s+see|how\s+are\s+you(\s+doing)?(\s+today)?|what'?s\s+up|"
        r"저\s*왔어요|다녀왔습니다|i'?m\s+back"
    ),
    "thanks": (
        r"(정말|너무|대단히|진짜|아주)?\s*(감사(합니다|해요|드려요|드립니다|했습니다)?|고맙(습니다|네요)|고마워요?)|땡큐|(?:ㄱㅅ)+|"
        r"수고(하셨습니다|하셨어요|하세요|많으셨습니다)|"
        r"thanks?(\s+(a\s+lot|so\s+much|very\s+much|again))?|thank\s+you(\s+(so|very)\s+much)?|many\s+thanks|thx+|ty(sm)?|cheers|"
        r"(i\s+)?appreciate\s+it"
    ),
    "farewell": (
        r"안녕히\s*(계세요|가세요|주무세요)|잘\s*자요?|(그럼\s*)?(이만|다음에|내일|나중에)\s*(봬요|뵐게요|뵙겠습니다|만나요|올게요)|"
        r"(그럼\s*)?이만(\s*(갈게요|가볼게요|하겠습니다))?|들어가\s*보겠습니다|바이바이|바이|ㅂㅂ+|ㅂㅇ+|"
        r"bye(\s*bye)?|good\s?bye|see\s+(you|ya)(\s+(later|soon|tomorrow|next\s+time))?|good\s?night|take\s+care|"
        r"talk\s+to\s+you\s+later|(i'?ve\s+)?got(ta|\s+to)\s+go|ttyl|gtg|g2g|cya|have\s+a\s+(good|nice|great)\s+(day|one|evening|weekend)"
    ),
    "acknowledgement": (
        r"네+|넵|넹|예|응+|어|ㅇㅇ|ㅇㅋ|오케이|알겠(습니다|어요)|알았(습니다|어요|어)|이해(했습니다|했어요|됐어요|했어)|그렇군요|그렇구나|"
        r"아\s*(네|하|그렇군요|그렇구나)|좋(아요|습니다|네요)|굿|"
        r"ok(ay)?|k|yes|yeah|yep|yup|sure|got\s+it|i\s+see|understood|alright|all\s+right|right|great|cool|nice|perfect|"
        r"makes\s+sense|good|fine|awesome|no\s+problem|haha+|lol"
    ),
}
_FILLER = (
    r"교수님|선생님|쌤|김용담|저기(요)?|아|오|음|와|그럼|그래요?|professor|prof\.?|sir|ma'?am|dr\.?|teacher|"
    r"there|everyone|again|well|so|oh|ah|today|오늘도|오늘은?|항상|늘|도움이?\s*(많이\s*)?(됐어요|되었습니다|됐습니다)"
)
_MARKS = re.compile(r"(?:[\s!.,?~…♡♥^;:\-()ㅋㅠㅜ\u2600-\u27bf\ufe0f\U0001F300-\U0001FAFF]|ㅎ(?!ㅇ))+")
_TURNS = {kind: re.compile(rf"(?<!\S)(?:{words})(?!\S)", re.IGNORECASE) for kind, words in _WORDS.items()}
# Each word ends at a space or at the end, so there is one way to match and no backtracking to speak of.
_WHOLE = re.compile(rf"(?:(?:{'|'.join(_WORDS.values())}|{_FILLER})(?:\s|$))+", re.IGNORECASE)
_ONLY_FILLER = re.compile(rf"(?:(?:{_FILLER})(?:\s|$))+", re.IGNORECASE)


def small_talk(text: str, pending_question: bool = False) -> Talk | None:
    """Say what kind of small talk a whole turn is, or None when it is anything more.

    Args:
        text: The student's turn.
        pending_question: The professor's last words asked something: then a bare "네" answers it.
    """
    if len(text) > 60:
        return None
    words = _MARKS.sub(" ", text).strip()
    if not words:
        laughed = any(mark in text for mark in "ㅎㅋㅠㅜ♡♥") and not pending_question
        return "acknowledgement" if laughed else None
    if not _WHOLE.fullmatch(words) or _ONLY_FILLER.fullmatch(words):
        return None
    for kind in ("farewell", "thanks", "greeting"):
        if _TURNS[kind].search(words):
            return kind
    return None if pending_question else "acknowledgement"


_GOODBYE = re.compile(
    r"^(?:[^?]*[\s,.!])?(?:안녕히\s*(?:계세요|가세요)|여기까지\s*(?:할게요|하겠습니다|할게)|다음에\s*(?:또\s*)?(?:봬요|뵐게요|뵙겠습니다|올게요)|"
    r"이만\s*(?:가|할|마|줄)\S*|(?:good\s*)?bye|see\s+you(?:\s+(?:later|soon|tomorrow|next\s+time|then))?|that'?s\s+(?:all|it)\s+for\s+(?:today|now))[\s.!~]*$",
    re.IGNORECASE,
)


def says_goodbye(text: str) -> bool:
    """Whether a turn ends in a goodbye, with more words before it or not."""
    return small_talk(text) == "farewell" or bool(len(text) <= 80 and _GOODBYE.match(text.strip()))


_QUESTION = re.compile(
    r"[?？]|(뭐|무엇|무슨|왜|어떻게|어떤|언제|어디|누가|누구|얼마|몇)|(까요?|나요|가요|은가|는가|인가|는지|을지|ㄹ지)\s*[.!]*$|"
    r"(알려|설명해?|가르쳐|보여|비교해?|정리해?|풀어|말해)\s*(줘|주세요|주실|주시|줄|봐)|"
    r"^\s*(what|why|how|when|where|who|which|whose|is|are|was|were|do|does|did|can|could|would|should|will|explain|"
    r"tell\s+me|show\s+me|describe|compare|define)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether a turn asks for something that is owed an answer: a question, or a request to explain."""
    return small_talk(text) is None and bool(_QUESTION.search(text))
