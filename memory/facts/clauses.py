"""What a student's message asserts, clause by clause: questions, quotations, code and other people left out.

Rules read single clauses, because one sentence may state a fact and ask a question: "저는 민지인데 ReLU가 뭐예요?".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ..dates import Length, Span, find_dates, find_lengths
from ..text import HANGUL
from .values import Found

DAY, LENGTH = "◆", "◇"
"""What stands in a masked clause for a date and for a length of time."""

_MOST_LETTERS = {"ko": 80, "en": 160}
"""Clauses longer than this are prose, not something a student says of himself or herself."""


@dataclass(frozen=True)
class Clause:
    """A clause that asserts something.

    Attributes:
        text: The clause, without the signs at its ends.
        sentence: The sentence it stands in, to the letter: what is quoted.
        said: The whole message.
        now: When it was said, in the student's zone.
    """

    text: str
    sentence: str
    said: str
    now: datetime

    @cached_property
    def masked(self) -> tuple[str, list[Span], list[Length]]:
        """The clause with ◆ for each date and ◇ for each length of time, and what they stand for, in order."""
        text, days = "", list[Span]()
        moved = "에서" in self.text or " from " in self.text
        for part in (
            _FROM.split(self.text) if moved else [self.text]
        ):  # or "from the 3rd to the 5th" would be a range
            found = find_dates(part, self.now, "future")
            text += _masked(part, found, DAY)
            days += found
        lengths = find_lengths(text)
        text = _masked(text, lengths, LENGTH)
        return " ".join(text.split()), days, lengths

    def apart(self, part: str) -> tuple[str, Span | None]:
        """Give a part of the clause without the day it names, and that day."""
        day = next((span for span in find_dates(part, self.now, "future") if span.kind == "day"), None)
        if day is None:
            return part, None
        before, after = part[: day.offset], part[day.offset + len(day.text) :]
        before = re.sub(r"\b(?:by|on|before|until)\s*$", "", before, flags=re.IGNORECASE)
        after = re.sub(r"^(?:까지는?|에|안에|전에)(?=\s|$)", "", after)
        return " ".join(f"{before} {after}".split()), day


def _masked(text: str, found: Sequence[Span | Length], mark: str) -> str:
    for item in reversed(found):
        text = text[: item.offset] + mark + text[item.offset + len(item.text) :]
    return text


Rule = Callable[[Clause], Iterator[Found]]
"""Reads what a clause states of one kind."""

_FROM = re.compile(r"(?<=[일주]에서)(?=\s)|(?<=\sto)(?=\s)", re.IGNORECASE)
# Code and quotations are somebody's words, not a statement about the student.
_FOREIGN = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^\s*>.*?$|“[^”\n]*”|\"[^\"\n]*\"|「[^」\n]*」|『[^』\n]*』|‘[^’\n]*’|(?<!\w)'[^'\n]{2,}'(?!\w)",
    re.DOTALL | re.MULTILINE,
)
_SENTENCE = re.compile(
    r"(?<=[.!?…~])(?<!\b(?:Dec|Nov|Oct|Sep|Aug|Jan|Feb)\.)(?<!\bSept\.)(?<!\bProf\.)(?<!\b(?:Dr|Mr|Ms)\.)(?<!\d\.)\s+|"
    r"(?<=\d\.)\s+(?=[A-Za-z])|\n+"
)
_KO_CLAUSE = re.compile(
    r"(?:(?<=데)|(?<=지만)|(?<=니까)|(?<=거든요)|(?<=거든)|(?<=[구고]요)|(?<=[아어려라해]서)|(?<=[이있했]며))[,;]?\s+|"
    r"(?<=[가-힣0-9][일요다죠네아어야래대]),\s+|(?<=고)(?<![라다냐자하보니말]고)[,\s]\s*(?!있|싶|계|나서|해요|합니다)|"
    r"\s+(?:그런데|근데|그리고|그래서|하지만|그러니까)\s+"
)
_KO_ASKED = re.compile(
    r"\?|(?:까요?|나요|는가요|[은인한]가요|[는은을]지요|냐|죠|[었았했겠이]지)\s*[.!~…ㅎㅋㅠ^]*$|"
    r"언제|무엇|무슨|뭐[예였라가를지죠]|뭔[가지]|뭘|누구|누가|며칠|몇\s*(?:월|일|시|살|학년)|알려\s*(?:줘|주)|맞[죠나지]"
)
_EN_CLAUSE = re.compile(
    r"[,;:]?\s+(?:and|but|so|because|although|though|while)\s+(?=(?:also\s+|then\s+|now\s+|ok\s+)?(?:i|i'm|i've|i'd|im|my|we|our|it|"
    r"the\s+(?:\w+\s+){0,3}(?:exam|final|midterm|test|quiz)|what|how|why|can|could|please|tell|is|are|do|does|call|just\s+call|you)\b)|"
    r"\s+(?:and|but)\s+(?=(?:[\w'-]+\s+){1,5}?(?:still\s+|really\s+|just\s+)*(?:confus(?:es?|ing)\s+me|makes?\s+no\s+sense|(?:is|are)\s+confusing)\b)|"
    r"[,;:]\s+(?=(?:i|i'm|im|i've|i'd|my|what|what's|how|why|can|could|please|is|are|do|does|call|just\s+call|you)\b)|\s+[–—-]\s+",
    re.IGNORECASE,
)
_EN_ASKED = re.compile(
    r"\?|^(?:and\s+|but\s+|so\s+|also,?\s+)?(?:is|are|was|were|am|do|does|did|can|could|would|will|should|shall|may|have|has|what|"
    r"what's|when|when's|where|who|who's|why|how|which|whose|tell\s+me|remind\s+me|guess|if|suppose|let's)\b",
    re.IGNORECASE,
)
# What is asked as a favour states what it asks for: "can you call me Sam?", "서윤이라고 불러 줄래?".
_FAVOUR = (
    re.compile(r"\b(?:can|could|would|will)\s+you\s+(?:please\s+)?(?=(?:call\s+me|change\s+my\s+name)\b)([^?\n]*)\?+", re.IGNORECASE),
    re.compile(r"((?:불러|바꿔))\s*(?:줄래|주실래|주시겠어|줄\s*수\s*있|주실\s*수\s*있)\S*\?+"),
)  # fmt: skip
_SUPPOSED = re.compile(
    r"만약|만일|가령|예를\s*들|라면|다면|으면|[이하]면(?:\s|$)|라고\s*(?:치|가정|하면)|인\s*척|상상|것\s*같|수도\s*있|지도\s*모|아마|혹시|"
    r"줄\s*알았|텐데|소설|영화|드라마|주인공|"
    r"\b(?:if|suppose|imagine|pretend|let's\s+say|assum(?:e|ing)|wish|would(?!\s+you\b)|might|maybe|perhaps|probably|i\s+think|i\s+guess|not\s+sure|"
    r"for\s+example|used\s+to|said|says|told|heard|according\s+to)\b",
    re.IGNORECASE,
)
_MY_OWN = re.compile(r"\b(?:as\s+)?i\s+(?:already\s+)?(?:told\s+you|said)\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"(?:친구|동생|형|누나|언니|오빠|엄마|아빠|어머니|아버지|부모님|룸메|룸메이트|선배|후배|짝꿍|조원|팀원|남친|여친|사촌|조카|아내|남편|동료|"
    r"사람|학생|아이|애|딸|아들)(?:들)?\s?(?:님)?(?:이|가|은|는|의|도|네|한테는|에게는)?(?=\s|$)|"
    r"(?:^|\s)(?:걔|쟤|얘|그녀|다들|모두|남들|우리\s*(?:반|과)\s*애들)(?:가|는|은|이|의|도|들\S*)?(?=\s|$)|"
    r"\b(?:friends?|brothers?|sisters?|roommates?|flatmates?|mom|mum|dad|mother|father|parents?|cousins?|class\s?mates?|team\s?mates?|"
    r"girlfriend|boyfriend|wife|husband|partner|son|daughter|people|students|everyone|everybody|someone|somebody|he|she|he's|she's|his|her)\b|"
    r"^(?:and\s+|but\s+|so\s+)?(?:you(?!\s+(?:can|may)\s+(?:just\s+)?call)|you're|your|their)\b",
)
_JOINED = re.compile(
    r"[,;:]|\b(?:and|but|so|because)\b|[가-힣](?:고(?!\s*[있싶])|며|지만|는데|인데)\s|그리고", re.IGNORECASE
)
_CORRECTS = re.compile(
    r"아니라|아니고|말고(?!사)|바뀌|바꼈|바뀐|바꿨|바꾸|바꿔|변경|연기|연장|미뤄|미루|밀렸|밀려|당겨|당긴|옮겨|옮긴|옮겼|조정|정정|교체|늦춰|늦췄|"
    r"잘못\s*말|다시\s*잡|더\s*이상|이사(?:했|왔|를)|이직|편입|전학|전과|개명|^아(?:니)?[,!]\s|"
    r"\b(?:moved|changed|postponed|rescheduled|delayed|pushed|brought\s+forward|extended|shifted|switched|transferred|"
    r"replaced|correction|misspoke|instead|rather\s+than|no\s+longer|any\s?more)\b|\b(?:not|isn't|aren't)\b.*\b(?:but|it's|it\s+is)\b|,\s*not\b|"
    r"\bactually,?\s+(?:it's|it\s+is|my|our|the|on)\b|\bchange\s+my\b|\b(?:is|are)\s+(?:.*\s)?now\b|^(?:no|oops|wait)\b[,:!]?",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"(?<![저나정제희])도\s|또\s|하나\s*더|추가로|복수\s*전공|이중\s*전공|부전공|"
    r"\b(?:also|too|as\s+well|another|double|besides|in\s+addition|second\s+(?:major|nickname|exam|final|midterm|quiz))\b",
    re.IGNORECASE,
)


def is_korean(text: str) -> bool:
    """Whether a text holds Hangul."""
    return bool(HANGUL.search(text))


def clauses(text: str, now: datetime) -> Iterator[Clause]:
    """Give the clauses in which the writer asserts something."""
    plain = _FOREIGN.sub(lambda found: " " * len(found.group()), text)
    for favour in _FAVOUR:
        plain = favour.sub(lambda found: found[1].ljust(len(found.group())), plain)
    start = 0
    for end, following in [*(found.span() for found in _SENTENCE.finditer(plain)), (len(plain), len(plain))]:
        words = plain[start:end].strip().replace("’", "'")
        for piece in _asserted(words):
            yield Clause(piece, text[start:end].strip(), text, now)
        start = following


def _asserted(sentence: str) -> Iterator[str]:
    korean = is_korean(sentence)
    asked = _KO_ASKED if korean else _EN_ASKED
    pieces = [piece.strip(" ,;:~…") for piece in (_KO_CLAUSE if korean else _EN_CLAUSE).split(sentence)]
    for place, piece in enumerate(pieces):
        # "A이고 B인가요?" asks both; "A인데 B인가요?" states the first.
        joined = piece.endswith(("고", "며")) and any(map(asked.search, pieces[place + 1 : place + 2]))
        if (
            piece
            and len(piece) <= _MOST_LETTERS["ko" if korean else "en"]
            and not asked.search(piece)
            and not joined
        ):
            yield piece


def supposes(text: str) -> bool:
    """Whether words suppose, hedge or report instead of stating; "as I told you" does not."""
    return bool(_SUPPOSED.search(_MY_OWN.sub("", text)))


def of_others(text: str) -> bool:
    """Whether words speak of other people."""
    return bool(_OTHERS.search(text))


def corrects(text: str) -> bool:
    """Whether words say that something is not, or no longer, as it was said before."""
    return bool(_CORRECTS.search(text))


def adds(text: str) -> bool:
    """Whether words say that something is so besides what was said before: "I also have a final on …", "12일에도"."""
    return bool(_ADDS.search(text))


def is_one_clause(text: str) -> bool:
    """Whether a text says one thing only, so that what ends it ends nothing else."""
    return not (_SENTENCE.search(text.strip()) or _JOINED.search(text))
