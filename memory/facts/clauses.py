"""What a student's message asserts, clause by clause: questions, suppositions, quotations and other people left out.

Rules read single clauses, because one sentence may state a fact and ask a question: "저는 민지인데 ReLU가 뭐예요?".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..dates import Span, find_dates
from ..text import HANGUL
from .values import Found


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that asserts something, with the words as the student wrote them.

    Attributes:
        text: The clause, trimmed.
        sentence: The sentence it stands in, to the letter: what is quoted.
        now: When it was said, in the student's zone.
    """

    text: str
    sentence: str
    now: datetime

    def dates(self, part: str | None = None) -> list[Span]:
        """The dates in the clause or in a part of it, seen from when it was said: what is done looks back."""
        prefer = "past" if _PAST.search(self.text) and not _SET.search(self.text) else "future"
        return find_dates(self.text if part is None else part, self.now, prefer)

    def apart(self, part: str) -> tuple[str, Span | None]:
        """Give a part of the clause without the day it names, and that day."""
        day = next((span for span in self.dates(part) if span.kind == "day"), None)
        if day is None:
            return part, None
        before, after = part[: day.offset], part[day.offset + len(day.text) :]
        before = re.sub(r"\b(?:by|on|before|until)\s*$", "", before, flags=re.IGNORECASE)
        after = re.sub(r"^(?:까지는?|에|안에|전에)(?=\s|$)", "", after)
        return " ".join(f"{before} {after}".split()), day


Rule = Callable[[Clause], Iterator[Found]]
"""Reads what a clause states of one kind."""

_ENDS_IN_N = "".join(
    chr(0xAC00 + 28 * place + 4) for place in range(399)
)  # 간, 갠, …: what stands before -가요
# Code and quotations are somebody's words, not a statement about the student.
_FOREIGN = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^\s*>.*?$|“[^”\n]*”|\"[^\"\n]*\"|「[^」\n]*」|『[^』\n]*』|‘[^’\n]*’|(?<![\w])'[^'\n]{2,}'(?!\w)",
    re.DOTALL | re.MULTILINE,
)
_SENTENCE = re.compile(
    r"(?<=[.!?…~])(?<!\bDec\.)(?<!\bNov\.)(?<!\bOct\.)(?<!\bSep\.)(?<!\bSept\.)(?<!\bAug\.)(?<!\bJan\.)(?<!\bFeb\.)"
    r"(?<!\bProf\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\d\.)\s+|(?<=\d\.)\s+(?=[A-Z])|\n+"
)

_KO_CLAUSE = re.compile(
    r"(?:(?<=데)|(?<=지만)|(?<=니까)|(?<=거든요)|(?<=거든)|(?<=구요)|(?<=고요)|(?<=[아어려라]서)|(?<=며)|(?<=[요다죠네]))"
    r"[,;]\s+|(?:(?<=데)|(?<=지만)|(?<=니까)|(?<=거든요)|(?<=[려라와해]서)|(?<=[이있했]며))\s+"
    r"|(?<=[일날]),\s+(?=[^,]*(?:시험|고사|퀴즈|과제|마감|발표)[은는이가]?\s)"
    r"|(?<=고)(?<![라다냐자하보니말]고)[,\s]\s*(?!있|싶|계|나서|해요|합니다)"
    r"|\s+(?:그런데|근데|그리고|그래서|하지만|그러니까)\s+"
)
_KO_ASKED = re.compile(
    rf"\?|(?:까요?|(?<![\s끝만각타])나요|(?<=[{_ENDS_IN_N}])가요|는지요|은지요|을지요|냐|죠|[었았했겠]지|이지)\s*[.!~…ㅎㅋㅠ^]*$|"
    r"언제|무엇|무슨|뭐[예였라가를지죠]|뭔[가지]|뭘|누구|누가|며칠|몇\s*(?:월|일|시|살|학년)|알려\s*(?:줘|주)|알아맞|맞혀"
)
_KO_TAG = re.compile(r"(?:맞죠|맞나요|그렇죠|아닌가요|맞지|맞을까요)\s*\?*$")
_KO_SUPPOSED = re.compile(
    r"만약|만일|가령|예를\s*들|예컨대|라면|다면|[이으]면\s|면\s*(?:좋겠|어떡|어떻|되|안)|라고\s*(?:치|가정|하면|해\s*봅|합시다)|"
    r"인\s*척|상상|가정|것\s*같|듯(?:해|하|합|요|이|\s)|수도\s*있|지도\s*(?:모|몰)|일까(?!지)|을까|아마|혹시|던\s*시절|주인공|소설|영화|드라마|"
    r"줄\s*알았|려면|으려면|었으면|였으면|셨으면|텐데"
)
_KO_REPORTED = re.compile(
    r"[라다자냐]고\s*(?:했|하셨|하시|하던|하더|한다|말했|말씀|말하|들었|들은|썼|적[었혀]|나[와왔옵]|쓰여|되어|물어|생각|주장)|"
    r"[래대]요(?=\W*$)|답니다|[라다]던데|[이라다]래(?=\W*$)|[라다]네요"
)
_KO_OTHERS = re.compile(
    r"(?:친구|동생|여동생|남동생|형|누나|언니|오빠|엄마|아빠|어머니|아버지|부모님|룸메(?:이트)?|선배|후배|짝꿍|조원|팀원|남친|여친|"
    r"사촌|조카|아내|남편|이웃|동료)(?:들)?\s?(?:님)?(?:이|가|은|는|의|도|네|한테는|에게는|분)?(?=\s|$)|"
    r"(?:조교|선생|교수|학생|사람|아이|애|딸|아들|저자|작가)(?:들)?(?:님|분)?(?:이|가|은|는|의|도|들)(?=\s|$)|"
    r"(?:^|\s)(?:걔|쟤|얘|그녀|다들|모두|누군가|남들|누가)(?:가|는|은|이|의|도|들|들은|들이)?(?=\s|$)"
)

_EN_CLAUSE = re.compile(
    r"[,;:]?\s+(?:and|but|so|because|although|though|while)\s+(?=(?:also\s+|then\s+)?(?:i|i'm|i've|i'd|my|we|our|it|the\s+(?:\w+\s+){0,3}(?:exam|final|midterm|test|quiz)|"
    r"what|how|why|can|could|please|tell|is|are|do|does)\b)"
    r"|[,;:]\s+(?=(?:i|i'm|i've|i'd|my|what|what's|how|why|can|could|please|is|are|do|does|call|you)\b)"
    r"|\s+[–—-]\s+",
    re.IGNORECASE,
)
_EN_ASKED = re.compile(
    r"\?|^(?:and\s+|but\s+|so\s+|also,?\s+)?(?:is|are|was|were|am|do|does|did|can|could|would|will|should|shall|may|have|has|what|"
    r"what's|when|when's|where|who|who's|why|how|which|whose|tell\s+me|remind\s+me|guess|do\s+you)\b",
    re.IGNORECASE,
)
_EN_TAG = re.compile(
    r"\b(?:right|correct|yes|no|ok|okay|isn't\s+it|is\s+it|don't\s+I|do\s+I|aren't\s+I)\s*\?\s*$",
    re.IGNORECASE,
)
_EN_SUPPOSED = re.compile(
    r"\b(?:if|suppose|supposing|imagine|pretend|let's\s+say|assum(?:e|ing)|wish|would|might|maybe|perhaps|probably|possibly|"
    r"could\s+be|hypothetically|in\s+case|unless|whether|i\s+think|i\s+guess|not\s+sure|unsure|for\s+example|e\.g|used\s+to\s+be|"
    r"as\s+though|as\s+if)\b",
    re.IGNORECASE,
)
_EN_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|claims|claimed|according\s+to|heard|wrote|writes|reads|states|mentioned)\b",
    re.IGNORECASE,
)
_EN_MY_OWN = re.compile(
    r"\b(?:as\s+)?i\s+(?:already\s+|just\s+)?(?:told\s+you|said|mentioned)(?:\s+(?:that|before|already))*,?",
    re.IGNORECASE,
)
_EN_PERSON = (
    r"friends?|brothers?|sisters?|roommates?|flatmates?|mom|mum|dad|mother|father|parents?|cousins?|class\s?mates?|"
    r"colleagues?|girlfriend|boyfriend|wife|husband|son|daughter|professor|teacher|tutor|neighbou?rs?|partner|kids?|boss|"
    r"students|people|guy|girl|boy|character|protagonist|author|team\s?mates?|lab\s?mates?"
)
# "3월에 배웠어요" is over; "12월 5일로 바뀌었어요", "it was moved to March" set a day to come.
_PAST = re.compile(
    r"[가-힣](?<=[았었했였갔봤왔났됐웠렸췄켰졌셨쳤랐꼈냈뤘])(?:어요?|습니다|는데|고|거든요?|네요|지만|던|음|다|으니까|어서)?\s*[.!~…ㅎㅋㅠ^]*$|"
    r"\b(?:took|taken|was|were|did|had|learned|learnt|studied|finished|passed|failed|wrote|sat|began|started|covered|went)\b",
    re.IGNORECASE,
)
_SET = re.compile(
    r"바뀌|바꼈|바꿨|변경|연기|연장|미뤄|미루|밀렸|당겨|앞당|늦춰|늦췄|옮겨|옮겼|잡혔|잡았|확정|정해|정했|조정|공지|나왔|예정|"
    r"\b(?:moved|changed|postponed|rescheduled|delayed|pushed|brought|shifted|scheduled|set|announced|extended)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"[,;:]|\b(?:and|but|so|because)\b|[가-힣](?:고(?!\s*[있싶])|며|지만|는데|인데)\s|그리고", re.IGNORECASE
)
_KO_CORRECTS = re.compile(
    r"아니라|아니고|말고(?!사)|바뀌|바꼈|바뀐|바꿨|바꾸|바꿔|변경|연기|연장|미뤄|미루|밀렸|밀려|당겨|당긴|옮겨|옮긴|옮겼|조정|정정|교체|늦춰|늦췄|"
    r"잘못\s*말|다시\s*잡|더\s*이상|이사(?:했|왔|를)|이직|편입|전학|전과|개명|^아(?:니)?[,!]\s"
)
_EN_CORRECTS = re.compile(
    r"\b(?:moved|changed|postponed|rescheduled|delayed|pushed|brought\s+forward|extended|shifted|switched|transferred|"
    r"replaced|correction|misspoke|instead|rather\s+than|no\s+longer|any\s?more)\b|\b(?:not|isn't|aren't)\b.*\b(?:but|it's|it\s+is)\b|,\s*not\b|"
    r"\bactually,?\s+(?:it's|it\s+is|my|our|the|on)\b|\bchange\s+my\b|\b(?:is|are)\s+(?:.*\s)?now\b|^(?:no|oops|wait)\b[,:!]?",
    re.IGNORECASE,
)
_KO_ADDS = re.compile(r"(?<![저나정제희])도\s|또\s|하나\s*더|추가로|복수\s*전공|이중\s*전공|부전공")
_EN_ADDS = re.compile(
    r"\b(?:also|too|as\s+well|another|double|besides|in\s+addition|second\s+(?:major|nickname|exam|final|midterm|quiz))\b",
    re.IGNORECASE,
)
_MOST_LETTERS = {"ko": 80, "en": 160}
"""Clauses longer than this are prose, not something a student says of himself or herself."""
_EN_OTHERS = re.compile(
    rf"\b(?:{_EN_PERSON})(?:'s|’s|s')?\s+(?!,)(?=\S)|\b(?:{_EN_PERSON})(?:'s|’s)|"
    r"(?i:^(?:and\s+|but\s+|so\s+)?(?:he|she|they|he's|she's|they're|his|her|their|someone|everyone|everybody|somebody|you(?!\s+(?:can|may)\s+call)|you're|your)\b)|"
    r"\b[A-Z][a-z]+(?:'s|’s)\s+(?:exam|name|goal|major|midterm|final|test|quiz|deadline|assignment|homework)\b",
)


# "… and backpropagation confuses me" states a second thing, if the first is one of its own.
_EN_SECOND = re.compile(
    r"\s+(?:and|but)\s+(?=(?:[\w'-]+\s+){1,5}?(?:(?:still|really|always|just|also)\s+)*"
    r"(?:confus(?:es?|ing)\b|mak(?:es?|ing)\s+no\s+sense|(?:doesn't|don't)\s+make|(?:is|are)\s+(?:\w+\s+)?(?:confusing|hard|difficult|unclear)\b))",
    re.IGNORECASE,
)
_EN_STATES = re.compile(
    r"\b(?:is|are|am|was|were|have|has|study|take|took|live|work|need)\b|'(?:s|m|re|ve)\b", re.IGNORECASE
)


def is_korean(text: str) -> bool:
    """Whether a text holds Hangul."""
    return bool(HANGUL.search(text))


def clauses(text: str, now: datetime) -> Iterator[Clause]:
    """Give the clauses in which the writer asserts something about himself or herself."""
    plain = _FOREIGN.sub(lambda found: " " * len(found.group()), text)
    start = 0
    for end, following in [*(found.span() for found in _SENTENCE.finditer(plain)), (len(plain), len(plain))]:
        words = plain[start:end].strip()
        split = _korean if is_korean(words) else _english
        for piece in split(words):
            yield Clause(piece, text[start:end].strip(), now)
        start = following


def supposes(clause: str) -> bool:
    """Whether a clause supposes, hedges or reports instead of stating."""
    if is_korean(clause):
        return bool(_KO_SUPPOSED.search(clause) or _KO_REPORTED.search(clause))
    return bool(_EN_SUPPOSED.search(clause) or _EN_REPORTED.search(clause))


def corrects(text: str) -> bool:
    """Whether words say that something is not, or no longer, as it was said before."""
    return bool((_KO_CORRECTS if is_korean(text) else _EN_CORRECTS).search(text))


def adds(text: str) -> bool:
    """Whether words say that something is so besides what was said before: "I also have a final on …", "12일에도"."""
    return bool((_KO_ADDS if is_korean(text) else _EN_ADDS).search(text))


def is_one_clause(text: str) -> bool:
    """Whether a text says one thing only, so that what ends it ends nothing else."""
    return not (_SENTENCE.search(text.strip()) or _JOINED.search(text))


def _korean(sentence: str) -> Iterator[str]:
    if _KO_TAG.search(sentence):
        return
    pieces = [piece.strip(" ,;~…") for piece in _KO_CLAUSE.split(sentence)]
    asked = [bool(_KO_ASKED.search(piece)) for piece in pieces]
    for place, piece in enumerate(pieces):
        # "A이고 B인가요?" asks both; "A인데 B인가요?" states the first.
        joined = place + 1 < len(pieces) and piece.endswith(("고", "며")) and asked[place + 1]
        if (
            piece
            and len(piece) <= _MOST_LETTERS["ko"]
            and not asked[place]
            and not joined
            and not _KO_OTHERS.search(piece)
        ):
            yield piece


def _two(piece: str) -> list[str]:
    found = _EN_SECOND.search(piece)
    if found is None or not _EN_STATES.search(piece, 0, found.start()):
        return [piece]
    return [piece[: found.start()], piece[found.end() :]]


def _english(sentence: str) -> Iterator[str]:
    sentence = sentence.replace("’", "'")
    if _EN_TAG.search(sentence):
        return
    sentence = _EN_MY_OWN.sub("", sentence).strip()
    if _EN_SUPPOSED.match(sentence):
        return
    pieces = (part for piece in _EN_CLAUSE.split(sentence) for part in _two(piece))
    for piece in pieces:
        words = piece.strip(" ,;:")
        if (
            words
            and len(words) <= _MOST_LETTERS["en"]
            and not _EN_ASKED.search(words)
            and not _EN_OTHERS.search(words)
        ):
            yield words
