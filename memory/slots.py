"""Two statements of which the newer takes the older one's place, told by their words alone.

For statements that name no attribute (`attributes.py`). Four signs: the same said with "not" or "no more"; the same
but for one place, and the newer says that it holds *now*; the same but for a count; and a change that names what it
changes ("부전공을 언어학으로 바꿨어요"). What was done on a day, what is numbered (problem 3) and what one may have many
of is never taken for a new version: a fact that was not recognised as outdated is a nuisance, one wrongly thought so
is a loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .types import Hit

MOST_WORDS = 24
"""Longer statements say more than one thing."""

_CLAUSE = re.compile(
    r"(?<=[가-힣][고서데])[,\s]\s*(?![가-힣]*(?:있|싶))|(?<=지만)[,\s]\s*|,\s+(?:so\s+|and\s+|but\s+)?(?=(?:i|my|our|we|there|the)\b)|"
    r"\s+(?:and|so|but)\s+(?=(?:i|my|our|we|i'm|i've|don't|no\s+longer)\b)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"이제|요즘|지금은|더\s*이상|대신|바꿨|바뀌|변경|됐어|되었|됐습|"
    r"\b(?:now|nowadays|these days|currently|no longer|any\s?more|instead|from now on)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"대신|말고|\binstead\b", re.IGNORECASE)
_FILLER = re.compile(
    r"이제는?|요즘은?|지금은?|현재는?|그리고|다시|완전히|벌써|아직|이미|대신|이번\s*(?:학기|달|주)(?:부터|에|는|에는)?|"
    r"\b(?:now|nowadays|these days|currently|correction|actually|also|please|already|just|instead|any\s?more|from now on|"
    r"this (?:semester|term|month|week|year))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:^|\s)(?:안|못)\s|지\s*(?:않|못)|그만|끊었|접었|더\s*이상|"
    r"\b(?:not|no longer|never|stopped|quit|gave up)\b|n't\b|\bno\b(?=\s+\w+\s*$)",
    re.IGNORECASE,
)
_ENDED = re.compile(r"더\s*이상|\b(?:no longer|any\s?more)\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"^(?:\d+(?:[.,]\d+)?|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"once|twice|once|thrice)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\d\s*(?:장|번\s|강|쪽|페이지|단원|과\s|절|주차|차\s)|\b(?:problem|exercise|question|chapter|page|lecture|unit|section|lesson|week|part|figure|step)s?\s+\d",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"오늘|어제|그저께|아까|방금|지난|저번|\b(?:today|yesterday|last|ago|earlier|tonight|this\s+morning)\b",
    re.IGNORECASE,
)
# What one may have, like, know or do many of at the same time.
_MANY = re.compile(
    r"좋아|싫어|헷갈|어려|알아요|압니다|이해|배우|배웠|배워|궁금|원해|질문|친구|\b(?:like|likes|love|loves|enjoy|hate|know|knows|want|need|"
    r"understand|confused|learn|learning|learned|learnt|take|taking|took|struggle|struggling|ask|asked|friend|hobby|question)\b",
    re.IGNORECASE,
)
_MOST = re.compile(r"가장|제일|최애|\b(?:favou?rite|most|best)\b", re.IGNORECASE)
_LITTLE = re.compile(
    r"\b(?:do|does|did|don't|doesn't|didn't|i've|i'm|i|am|a|an|the|any|my|not|never|no|longer|stopped|quit|has|up)\b(?!\s*$)|"
    r"(?:^|\s)(?:안|못|저는|전|나는|제가|제)(?=\s)|지\s*(?:않|못)\S*|더\s*이상"
)
_WORD = re.compile(r"[^\W_]+(?:[.:'][^\W_]+)*\+*")
_ENDING = re.compile(r"(?<=[가-힣])(?:이에요|예요|에요|입니다|이다|이야|임)$|(?<=[가-힣])[이가](?=\s*$)")
_BECAME = re.compile(r"[이가]\s+(?:됐|되었)\S*$")
_PREPOSITIONS = frozenset({"at", "in", "with", "by", "on", "through", "from", "via", "using", "for"})
_CHANGE = re.compile(
    r"^(?:(?:제|저의|내|우리|저희)\s+)?(?P<ko>[가-힣A-Za-z ]{1,16}?)(?:을|를|이|가|은|는)\s+(?P<kovalue>[^,]{1,40}?)(?:으로|로)\s*"
    r"(?:바꾸|바꿨|바뀌|바뀐|변경|옮|교체|미뤄|미루|밀렸|밀려|연기|연장|앞당|당겨|조정|갈아탔|정했|정해|됐|되었)|"
    r"^(?:my|our|the)\s+(?P<en>[\w ]{2,30}?)\s+(?:is|are|was|has been|have been|got)\s+(?P<envalue>.{1,60})$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"[월화수목금토일]요일|월수금|화목|\d\s*(?:월|일|시)|오전|오후|아침|저녁|새벽|주말|평일|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\d\s*(?:am|pm)|\b(?:morning|evening|afternoon|weekends?)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\d|(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*(?:명|살|개|번|시간|잔)")
_PARTICLE = re.compile(
    r"(?<=[가-힣A-Za-z0-9])(?:이라고|라고|에서|에게|한테|으로|까지|부터|은|는|이|가|을|를|에|로|의|도|만|와|과|씩)$"
)
_VERB_KO = re.compile(r"(?:어요|아요|해요|예요|여요|워요|습니다|ㅂ니다|니다|고|는데|요)$")
_SAME_VERB = {
    "써": "쓰",
    "해": "하",
    "합": "하",
    "와": "오",
    "봐": "보",
    "커": "크",
    "씁": "쓰",
    "받아": "받",
}
_SMALL = frozenset(
    {
        "at",
        "in",
        "on",
        "to",
        "of",
        "by",
        "for",
        "with",
        "is",
        "are",
        "was",
        "it",
        "and",
        "student",
        "have",
        "work",
        "read",
        "use",
        "go",
        "live",
        "name",
        "하",
        "학생",
        "우리",
        "저희",
        "이름",
    }
)
_VERBS = {"got": "have", "get": "have", "has": "have", "had": "have", "wearing": "wear", "'ve": "have"}


def same_slot(old: str, new: str) -> bool:
    """Tell whether a statement is an older one with another value."""
    pieces = clauses(new)
    denied = any(_denies(old, piece) for piece in pieces)
    return denied or any(_another_value(old, said) or _changes(old, said) for said in {new, pieces[-1]})


def newest_first(hits: Sequence[Hit]) -> list[Hit]:
    """Put of two statements on one thing the newer before the older, where both were found.

    Rules cannot tell every correction from a second fact: both are kept then, and the later word is read first.
    """
    ordered: list[Hit] = []
    for hit in hits:
        place = len(ordered)
        if _is_statement(hit):
            older = (
                i for i, other in enumerate(ordered) if other.time < hit.time and _on_one_thing(other, hit)
            )
            place = next(older, place)
        ordered.insert(place, hit)
    return ordered


def _is_statement(hit: Hit) -> bool:
    return hit.kind != "passage" and hit.origin is None and hit.external_id is None


def _on_one_thing(older: Hit, newer: Hit) -> bool:
    if not _is_statement(older):
        return False
    before, after = _content(older.text) - _SMALL, _content(newer.text) - _SMALL
    return bool(before & after) and 2 * len(before & after) >= min(len(before), len(after))


def clauses(text: str) -> list[str]:
    """Give the clauses of a statement, in order: the last says what holds, those before it mostly why."""
    return [piece for piece in _CLAUSE.split(text.strip(" .!~")) if piece.strip()] or [text]


def _denies(old: str, new: str) -> bool:
    """ "I wear glasses", "I don't wear glasses any more"; "못 받고 있어요", "받고 있어요"."""
    if bool(_NOT.search(old)) == bool(_NOT.search(new)):
        return False
    before, after = _content(old), _content(new)
    return before == after and (len(before) >= 2 or (bool(before) and bool(_ENDED.search(new))))


def _another_value(old: str, new: str) -> bool:
    """ "I drive a Honda", "I drive a Toyota now"; "커피를 하루에 세 잔 마셔요", "… 한 잔 마셔요"."""
    before, after = _tokens(old), _tokens(new)
    if before == after or max(len(before), len(after)) > MOST_WORDS:
        return False
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    was, now = before[start : len(before) - end], after[start : len(after) - end]
    if not was or not now or max(len(was), len(now)) > 4 or start + end < 1:
        return False
    if _counts(was, now, old, new, start + end):
        return True
    if start + end < 2:
        return False
    place = was[0] in _PREPOSITIONS and now[0] in _PREPOSITIONS and start >= 3
    if not _NOW.search(new) or not (place or 2 * (start + end) >= max(len(before), len(after)) - 1):
        return False
    return place or bool(_INSTEAD.search(new)) or not (_many(old) or _many(new))


def _counts(was: Sequence[str], now: Sequence[str], old: str, new: str, same: int) -> bool:
    """Whether only a count of what goes on differs: not what was done on a day, nor the number of a problem."""
    if any(pattern.search(text) for pattern in (_NUMBERED, _DAY) for text in (old, new)):
        return False
    if len(was) > 3 or len(now) > 3 or not (_NUMBER.match(was[0]) and _NUMBER.match(now[0])):
        return False
    units = [{re.sub(_NUMBER, "", word) for word in words} - {""} for words in (was, now)]
    if same < 2:
        return bool(units[0] & units[1])
    return not units[0] or not units[1] or bool(units[0] & units[1]) or bool(_NOW.search(new))


def _changes(old: str, new: str) -> bool:
    """ "부전공으로 철학을 하고 있어요", "부전공을 언어학으로 바꿨어요": the older one begins with what is changed."""
    found = _CHANGE.match(_FILLER.sub(" ", new.strip()).strip())
    if found is None or (found["en"] and not _NOW.search(new)):
        return False
    name = (found["ko"] or found["en"]).strip().lower()
    value = found["kovalue"] or found["envalue"]
    words = [_PARTICLE.sub("", word.lower()) for word in _WORD.findall(_FILLER.sub(" ", old))]
    place = next((i for i in range(len(words)) if " ".join(words[i : i + len(name.split())]) == name), None)
    if place is None or len(words) > 8 or (found["ko"] and place > 1):
        return False
    alike = bool(_TIME.search(value)) == bool(_TIME.search(old))
    return alike and (bool(_TIME.search(old)) or bool(_COUNT.search(value)) == bool(_COUNT.search(old)))


def _content(text: str) -> frozenset[str]:
    """The words that say what is meant, without particles, endings, negation and what says when."""
    plain = _FILLER.sub(" ", text.casefold().replace("’", "'"))
    plain = _LITTLE.sub(" ", plain)
    found: set[str] = set()
    for word in _WORD.findall(plain):
        stem = _stem(word)
        if stem and stem not in {"있", "하고"}:
            found.add(stem)
    return frozenset(found)


def _stem(word: str) -> str:
    if not re.search(r"[가-힣]", word):
        word = _VERBS.get(word, word)
        return re.sub(r"(?<=[a-z]{3})(?:ing|e|s|ed)$", "", word)
    if _VERB_KO.search(word):
        return _SAME_VERB.get(word[0], word[0])
    return _PARTICLE.sub("", word)


def _tokens(text: str) -> list[str]:
    plain = _BECAME.sub("", text.casefold().replace("’", "'").strip(" .!~"))
    return [_ENDING.sub("", word) for word in _WORD.findall(_FILLER.sub(" ", plain))]


def _many(text: str) -> bool:
    return bool(_MANY.search(text)) and not _MOST.search(text)


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
