"""Does a text speak of time, or ask for one? Asked of every message of a search, so made to be quick."""

import re

from ..text import HANGUL

_DIGIT = re.compile(r"[0-9]")
# "When" that joins clauses ("when I train it, the loss explodes") or asks for a condition ("when is a matrix
# invertible", "when should I use ReLU") asks for no date. Each pattern begins with fixed letters, which the search
# finds quickly.
_WORD = re.compile(r"[a-z]+")
_LEADS_TO_WHEN = _WORD.findall("since until till by and know me remember recall say said forgot forget")
_ASKS_WHEN = re.compile(
    r"when(?:(?<=\bwhen)(?:['’]s|['’]re)?\s+(?:did|does|do|was|were|is|are|will|would|has|have|had|am|exactly)\b"
    r"(?!\s+(?:an?\b|(?:we|i|you|one)\s+use))|\s*\?|$|"
    + "|".join(rf"(?<=\b{word} when)\b" for word in _LEADS_TO_WHEN)
    + r"|(?<=^when)\s(?!(?:is|are|does|do|should|can|could|i|we|you)\b)[^,.?]*\?\s*$)"
)
_ASKS_WHICH = re.compile(
    r"wh(?:at|ich)(?:['’]s\s+the|\s+is\s+the|\s+was\s+the)?\s+(?:\w+\s+)?"
    r"(?:date|day|week|weekday|month|year|time\s+(?:of|is|was|did|does))\b"
)
_ASKS_HOW = re.compile(
    r"how\s+(?:long\s+(?:ago|since|until|till|before|has|have|had|is\s+it)\b|"
    r"(?:many|much)\s+(?:more\s+)?(?:days?|weeks?|months?|years?|hours?|time)\b.{0,30}?\b(?:ago|since|until|till|left|passed)\b)"
)
_ASKS_KO = re.compile(
    r"언제(?!나(?![요야])|든|까지나|라도)(?!고)|며칠(?=\s*(?:이[었에야지죠고]|이\s|인[가지데]|예|까지|날|에|부터|남|지[나났]|\s*전(?:이|인)|[?？]|$))"
    r"|몇\s?(?:월|년(?!\s?(?:간|동안|전에))|일(?=[에이인까]|\s*[?？]|$)|시(?=[에이인까]|\s*[?？]|$)|주\s?차|요일)|무슨\s?(?:요일|날)|어느\s?(?:날|달|해|요일|주)"
    r"|(?:며칠|몇\s?(?:일|주|달|개월|년))\s?(?:전이|전인|됐|되었|지났|남)|얼마나\s?(?:전|됐|되었|지났|오래\s?(?:전|됐))"
    r"|날짜(?=[가는를]?\s*(?:언제|뭐|어떻|알|기억|좀|[?？]|$))"
)


def asks_when(text: str) -> bool:
    """Whether a question asks for a time: when, what date, how long ago, 언제, 며칠, 몇 월, 얼마나 전."""
    lowered = text.lower().strip()
    return bool(
        _ASKS_WHEN.search(lowered)
        or _ASKS_WHICH.search(lowered)
        or _ASKS_HOW.search(lowered)
        or _ASKS_KO.search(text)
    )


# Words that speak of time wherever they stand, and words that do so in company. Looking words up in a set first is
# what keeps this cheap: it is asked of every message of every search.
_TIME_WORDS = frozenset(
    _WORD.findall(
        "yesterday today tonight tomorrow ago recently lately fortnight weekend weekends since christmas halloween "
        "thanksgiving monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays "
        "fridays saturdays sundays january february april june july august september october november december"
    )
)
_WEAK_WORDS = frozenset(
    _WORD.findall(
        "day days night week weeks month months year years semester term spring summer autumn fall winter morning evening "
        "afternoon jan feb mar march apr may jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun"
    )
)
_TIME_EN = re.compile(
    r"\b(?:last|next|this|past|coming|previous|every|each)\s(?:few\s|couple\sof\s|[a-z]+\s(?=days|weeks|months|years)|[0-9]+\s)?"
    r"(?:night|day|week|month|year|semester|term|spring|summer|autumn|fall|winter|may|march|morning|evening|afternoon|"
    r"mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)s?\b"
    r"|\b(?:in|on|by|of|since|early|mid|late)[\s-](?:may|march|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|thu(?:rs?)?|fri)\b"
    r"|\b(?:jan|feb|mar|apr|may|march|jun|jul|aug|sept?|oct|nov|dec)\.?\s[0-3]?[0-9](?:st|nd|rd|th)?\b"
    r"|[0-9](?:st|nd|rd|th)?\s(?:of\s)?(?:march|may|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b|\b(?:other|these)\sdays?\b"
)
_TIME_NUMBER = re.compile(
    r"\b(?:in|of|since|by|early|late)\s(?:19|20)[0-9]{2}\b|\b(?:19|20)[0-9]{2}-[01][0-9]\b"
)
_TIME_KO = re.compile(
    r"어제(?<![가-힣]어제)|어젯밤|오늘(?!날)|내일|모레|글피|그저께|그제(?![야서])|엊그제|방금|아까(?![워운울움웠])|최근(?![접린])|요즘|"
    r"[월화수목금토일]요일|주말|(?:지난|저번|이번|다음)\s?(?:주(?![제소장석요의어인])|달(?!성)|해|학기|[봄여가겨월화수목금토일])|작년|재작년|올해|내년|지난해|"
    r"[0-9]\s?(?:월|년|일(?!반))|[0-9]{4}-[01][0-9]|(?:하루|이틀|사흘|나흘|닷새|엿새|열흘|보름|며칠|몇\s?[일주달년]|한\s?달|[주일년]일?)\s?(?:전|뒤|후)|"
    r"[0-9]\s?(?:주일?|달|개월|시간|분)\s?(?:전|뒤|후)|상반기|하반기|월[초말]|연[초말]|설날|추석|크리스마스|간밤|새벽|반년"
)


def has_time_words(text: str) -> bool:
    """Whether a message speaks of a time at all, weak words included: yesterday, last year, 어제, weekdays, months."""
    lowered = text.lower()
    words = set(_WORD.findall(lowered))
    return bool(
        not words.isdisjoint(_TIME_WORDS)
        or (not words.isdisjoint(_WEAK_WORDS) and _TIME_EN.search(lowered))
        or (_DIGIT.search(lowered) and _TIME_NUMBER.search(lowered))
        or (HANGUL.search(text) and _TIME_KO.search(text))
    )


_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "한": 1, "두": 2, "세": 3, "네": 4}
_TIME_A_DAY = re.compile(
    rf"(half\s+)?(?<![\w.])(\d{{1,3}}|{'|'.join(_COUNTS)})\s*(시간|분|hours?\b|hrs?\b|h\b|minutes?\b|mins?\b)"
    r"(\s*반|\s+and\s+a\s+half)?",
    re.IGNORECASE,
)


def minutes_in(said: str) -> int | None:
    """Read how many minutes a turn names: "하루 40분", "한 시간 반", "half an hour a day"; None where it names none."""
    minutes = 0.0
    for half, number, unit, and_half in _TIME_A_DAY.findall(said):
        count = _COUNTS.get(number.casefold()) or int(number)
        length = 60 if unit.casefold().startswith(("시", "h")) else 1
        minutes += length * (0.5 * count if half else count + 0.5 * bool(and_half))
    return int(minutes) or None
