"""The vocabulary of Korean dates: what words mean, and pieces of patterns. `dates_ko` puts them together."""

import re

from .calendar import Clock, Part, Season, Unit, Which

# A word of ours may not begin inside another word ("단어제한" holds no 어제) ...
HEAD = r"(?<![가-힣0-9.])"
# ... and must end before a space, a sign or a particle ("이번 주제", "다음 달성" go on as other words).
TAIL = (
    r"(?=[^가-힣]|$|[에엔은는도만라때쯤경께날]|의(?![사미무]|점)|부터|까지|동안|내내|처럼|보다|마다|자(?![가-힣])|"
    r"중(?![요심간학등])|[를을](?![가-힣])|이(?![론용상미해])|가(?![격치상중])|인(?![공간기])|였|로(?![그직])|예요|야(?![가-힣])|죠|랑|와|과(?![제목정]))"
)
WEEKDAYS = "월화수목금토일"
WEEKDAY = rf"(?P<weekday>[{WEEKDAYS}])(?:요일|욜)"
YEAR_WORD = r"(?P<year_word>재작년|작년|지난해|올해|금년|내후년|후년|내년|올(?=\s?[초말]))"
YEAR = (
    r"(?:(?P<year>(?:19|20)[0-9]{2})\s*년도?|'?(?P<short_year>[0-9]{2})년(?=\s*[0-9]{1,2}월)|"
    r"(?P<years_ago>[0-9]{1,2}|[일이삼사오육칠팔구십]{1,2})\s*년\s*전|"
    rf"(?:{YEAR_WORD}|(?P<this_year>올(?![가-힣]|해)|올(?=[봄여가겨]))))"
)
SIDE = r"(?P<side>지난|저번|이번|다음|오는|돌아오는|다가오는)"
# What may stand in front of anything that comes once a year.
WHEN = rf"(?:(?:{YEAR}\s*(?:의\s*)?|{SIDE}\s*))?"
PART = r"(?P<part>초순|상순|초반|초(?![가-힣])|초(?=[에엔의쯤경]|부터|까지)|중순|중반|하순|말경|말(?![가-힣])|말(?=[에엔의쯤]|부터|까지|이[에었]))"
NTH = r"(?P<nth>첫|둘|두|셋|세|넷|네|다섯|마지막|[1-5])\s*(?:번?째)?\s*"
# What may stand behind a month: a day or days, a part, a week, a weekday of a week, the last day.
IN_MONTH = (
    r"(?:(?P<day>[0-3]?[0-9]|[일이삼사오육칠팔구십]{1,4}(?=일))일?(?:\s*[~∼–-]\s*(?P<to>[0-3]?[0-9]))?일(?:자)?(?:\s*\([월화수목금토일](?:요일)?\)|\s*[월화수목금토일]요일)?"
    rf"|{PART}|{NTH}(?=주(?!말)|[{WEEKDAYS}]요일)(?:주차?\s*)?(?:{WEEKDAY}|{TAIL})|마지막\s?(?P<last_day>날))"
)
NUMBER = (
    r"(?P<number>[0-9]{1,4}|[일이삼사오육칠팔구십백]{1,5}|한|두|세|석|서|네|넉|너|다섯|여섯|일곱|여덟|아홉|스무|"
    r"열(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉)?)"
)
UNIT = r"(?P<unit>주일|주|일|달|개월|년|해|시간|분)"
DAY_COUNT = r"(?P<named>하루|이틀|사흘|나흘|닷새|엿새|이레|여드레|아흐레|열하루|열이틀|열흘|보름|스무날)"
AMOUNT = rf"(?:{DAY_COUNT}|(?P<half_year>반년)|{NUMBER}\s*{UNIT}(?P<half>\s*반)?)"
AFTER_SIDE = r"(?=[^가-힣]|$|[에엔의쯤인만과는도께예였입]|이[에었야지]|이(?![가-힣])|부터|까지|보다|처럼|로|가|면|오늘)"

SHIFT_WEEK = {
    "지지난": -2, "저저번": -2, "지난": -1, "저번": -1, "이번": 0, "이": 0, "금": 0, "담": 1, "다음": 1, "차": 1, "내": 1,
    "다다음": 2,
}  # fmt: skip
SHIFT_YEAR = {
    "재작년": -2, "작년": -1, "지난해": -1, "올해": 0, "금년": 0, "올": 0, "내년": 1, "내후년": 2, "후년": 2,
}  # fmt: skip
SHIFT_DAY = {
    "오늘": 0, "아까": 0, "방금": 0, "어제": -1, "어저께": -1, "어젯밤": -1, "엊저녁": -1, "간밤": -1, "지난밤": -1,
    "그저께": -2, "그제": -2, "엊그제": -2, "엊그저께": -2, "그끄저께": -3, "그끄제": -3,
    "내일": 1, "낼": 1, "내일모레": 2, "낼모레": 2, "모레": 2, "글피": 3, "그글피": 4,
}  # fmt: skip
DAYS = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9,
    "열흘": 10, "열하루": 11, "열이틀": 12, "보름": 15, "스무날": 20,
}  # fmt: skip
NATIVE = {
    "한": 1, "두": 2, "세": 3, "석": 3, "서": 3, "네": 4, "넉": 4, "너": 4, "다섯": 5, "여섯": 6, "일곱": 7,
    "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "첫": 1, "둘": 2, "셋": 3, "넷": 4, "마지막": -1,
}  # fmt: skip
ABOUT = {
    "한두": (1, 2), "두세": (2, 3), "두어": (2, 3), "서너": (3, 4), "네댓": (4, 5), "일이": (1, 2), "이삼": (2, 3),
    "삼사": (3, 4), "사오": (4, 5), "오륙": (5, 6), "하루이틀": (1, 2), "이틀사흘": (2, 3), "사나흘": (3, 4),
    "네댓새": (4, 5), "대엿새": (5, 6), "예니레": (6, 7),
}  # fmt: skip
UNITS: dict[str, Unit] = {
    "일": "day", "주": "week", "주일": "week", "달": "month", "개월": "month", "년": "year", "해": "year",
    "시간": "hour", "분": "minute",
}  # fmt: skip
HALVES: dict[Unit, tuple[int, Unit]] = {"week": (3, "day"), "month": (15, "day"), "year": (6, "month")}
SEASONS: dict[str, Season] = {"봄": "spring", "여름": "summer", "가을": "autumn", "겨울": "winter"}
HOLIDAYS = {
    "설날": "seollal", "구정": "seollal", "설": "seollal", "추석": "chuseok", "한가위": "chuseok",
    "크리스마스이브": "12-24", "크리스마스": "12-25", "성탄절": "12-25", "신정": "01-01", "새해첫날": "01-01",
    "삼일절": "03-01", "어린이날": "05-05", "스승의날": "05-15", "현충일": "06-06", "광복절": "08-15",
    "개천절": "10-03", "한글날": "10-09", "밸런타인데이": "02-14", "발렌타인데이": "02-14", "핼러윈": "10-31",
}  # fmt: skip
MONTH_WORDS = {word: n for n, word in enumerate([*"일이삼사오유칠팔구시", "십일", "십이"], 1)}
# "시험 3일 전" counts from the exam, whose day is no business of the calendar.
EVENT = re.compile(
    r"(?:시험|고사|마감|발표|수업|과제|제출|퀴즈|개강|종강|생일|면접|여행|졸업|방학|수능|기한|회의|강의|출발|학기)\s*의?\s*$"
)
RECURRING = re.compile(r"(?:매주|매월|매달|매년|매일|격주)\s*$")


def recurs(text: str, start: int, end: int) -> bool:
    """Whether the words around a match make it a habit ("매주 화요일", "주말마다") and so no date."""
    return text.startswith("마다", end) or RECURRING.search(text, max(0, start - 6), start) is not None


def number_of(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word in NATIVE:
        return NATIVE[word]
    if word.startswith("열"):
        return 10 + NATIVE[word[1:]]
    total, digit = 0, 0
    for char in word:
        if char in "십백":
            total, digit = total + max(digit, 1) * (10 if char == "십" else 100), 0
        elif digit:
            raise ValueError("two digits in a row, as in 이삼, are an estimate and no number")
        else:
            digit = "일이삼사오육칠팔구".index(char) + 1
    return total + digit


def part_of(word: str) -> Part:
    return "mid" if word[0] == "중" else "late" if word[0] in "하말" else "early"


def get(found: re.Match[str], name: str) -> str:
    """A named group; empty where the pattern has none or it is unused."""
    return found.groupdict().get(name) or ""


def followed(found: re.Match[str], *words: str) -> bool:
    return found.string.startswith(words, found.end())


def weekday_index(found: re.Match[str]) -> int:
    return WEEKDAYS.index(found["weekday"])


def when_said(found: re.Match[str], clock: Clock) -> int | Which:
    """The year or side said in front; without one, the clock's leaning."""
    if get(found, "year"):
        return int(found["year"])
    if get(found, "short_year"):
        return 2000 + int(found["short_year"])
    if get(found, "years_ago"):
        return clock.today.year - number_of(found["years_ago"])
    if get(found, "this_year"):
        return clock.today.year
    if get(found, "year_word"):
        return clock.today.year + SHIFT_YEAR[found["year_word"]]
    match get(found, "side"):
        case "":
            return clock.prefer
        case "지난" | "저번":
            return "last"
        case "이번":
            return clock.today.year
        case _:
            return "next"


def amount(found: re.Match[str]) -> tuple[int, Unit]:
    if found["named"]:
        return DAYS[found["named"]], "day"
    if found["half_year"]:
        return 6, "month"
    return number_of(found["number"]), UNITS[found["unit"]]
