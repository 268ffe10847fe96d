"""The vocabulary of English dates: what words mean, and pieces of patterns. `dates_en` puts them together."""

import re

from .calendar import Season, Unit

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
SHORT_WEEKDAY = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
WEEKDAY = rf"(?P<weekday>{FULL_WEEKDAY}|{SHORT_WEEKDAY})\b"
MONTH = (
    r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
)
YEAR = r"(?P<year>(?:19|20)[0-9]{2}|the\s+year\s+before\s+last|(?:last|this|next)\s+year)\b(?![-/.]?[0-9])"
OF_YEAR = rf"(?:,?\s+(?:of\s+|in\s+)?{YEAR})?"
NTH = r"(?:the\s+)?(?P<nth>first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)"
DIGIT_WORDS = "one|two|three|four|five|six|seven|eight|nine"
DIGITS: list[str] = [*DIGIT_WORDS.split("|")]
TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
NUMBER = (
    r"(?P<number>[0-9]{1,4}|(?:an?\s+)?(?:couple(?:\s+of)?|hundred|dozen)|an?|"
    rf"{TEENS}|(?:{TENS})(?:[-\s](?:{DIGIT_WORDS}))?|{DIGIT_WORDS})"
)
UNIT = r"(?P<unit>minute|hour|day|night|week|fortnight|month|year)s?\b"
AMOUNT = rf"(?:(?P<half>half\s+an?)|{NUMBER})\s+{UNIT}(?P<and_half>\s+and\s+a\s+half)?"
FEW = rf"(?:(?:an?\s+)?(?:few|several|some)\s+)?{UNIT}"
SIDE = r"(?P<side>this\s+past|this\s+coming|last|past|previous|next|coming|following|this)"
PART = r"(?P<part>early|mid|late|earlier|later|(?:the\s+)?(?:(?:very\s+)?(?:beginning|start|middle|end)\s+of))[-\s]+(?:in\s+)?"
SEASON = r"(?P<season>spring|summer|autumn|fall|winter)\b"
HOLIDAY = (
    r"(?P<holiday>christmas\s+eve|christmas(?:\s+day)?|new\s+year['’]?s\s+eve|new\s+year['’]?s(?:\s+day)?|halloween|"
    r"valentine['’]?s(?:\s+day)?|independence\s+day|thanksgiving(?:\s+day)?|chuseok|seollal|lunar\s+new\s+year)\b"
)
# What makes an ambiguous word ("may", "march", "sat", "2048") a date: the preposition before it ...
LEAD = re.compile(
    r"\b(?:in|on|by|since|until|till|before|after|during|of|from|for|through|between|last|due|and|to)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# ... and the clause that ends or begins anew behind it ("in 2048 dimensions" goes on).
CLAUSE = (
    r"(?=\s*(?:$|[;:?!)\"'’]|[.,](?![0-9]))|\s+(?:and|or|at|in|on|about|after|before|when|while|because|but|so|that|what|"
    r"which|how|why|i|we|you|he|she|it|they|my|our|your|the|did|do|does|was|were|is|are|had|have|with|for|to|as|if|"
    r"until|through|between|by)\b)"
)
SEASON_LEAD = re.compile(r"\b(?:in|over|during|since)\s+(?:the\s+)?$", re.IGNORECASE)
# "I learned it in two days" and "not in a few days" speak of how long, not of when.
DONE = re.compile(
    r"(?:n['’]t|\b(?:not|never|first|built|took|done|did|made|learned|learnt|finished|wrote|read|once|twice|times))\b[^.,;?!]*$",
    re.IGNORECASE,
)
MOVED = re.compile(
    r"\b(?:moved|changed|postponed|rescheduled|delayed|pushed|brought|shifted|extended)\b", re.IGNORECASE
)
IS = re.compile(r"(?:\bis|['’]s)\s+$")
RECURRING = re.compile(r"\b(?:every|each|most|all)\s+(?:other\s+|single\s+)?$", re.IGNORECASE)

UNITS: dict[str, tuple[int, Unit]] = {
    "minute": (1, "minute"), "hour": (1, "hour"), "day": (1, "day"), "night": (1, "day"), "week": (1, "week"),
    "fortnight": (2, "week"), "month": (1, "month"), "year": (1, "year"),
}  # fmt: skip
HALVES: dict[Unit, tuple[int, Unit]] = {"week": (3, "day"), "month": (15, "day"), "year": (6, "month")}
SEASONS: dict[str, Season] = {
    "spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn", "winter": "winter",
}  # fmt: skip
HOLIDAYS = {
    "christmas": "12-25", "halloween": "10-31", "valentine": "02-14", "independence": "07-04",
    "thanksgiving": "thanksgiving", "chuseok": "chuseok", "seollal": "seollal", "lunar": "seollal", "new": "01-01",
}  # fmt: skip


# One of these is in every date below; most messages hold none and need no closer look. For lower-case text.
HINT = re.compile(
    r"day|week|month|year|night|morning|evening|afternoon|tomm?orr?ow|tmrw?|ago|back|recent|lately|fortnight|hour|minute|"
    r"spring|summer|autumn|fall|winter|christmas|halloween|valentine|thanksgiving|chuseok|seollal|(?:19|20)[0-9]{2}|[0-9](?:st|nd|rd|th)|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
)


def recurs(text: str, start: int, _end: int) -> bool:
    """Whether the word in front makes a match a habit ("every Tuesday") and so no date."""
    return RECURRING.search(text, max(0, start - 16), start) is not None


def get(found: re.Match[str], name: str) -> str:
    """A named group in lower case with single spaces; empty where the pattern has none or it is unused."""
    return " ".join((found.groupdict().get(name) or "").lower().split())


def alone(found: re.Match[str]) -> bool:
    """Whether nothing but the match was said."""
    return len(found.string) < 80 and found.group().strip() == found.string.strip(" \n\t.,?!")


def led(found: re.Match[str]) -> bool:
    """Whether a preposition of time stands before the match."""
    return LEAD.search(found.string, max(0, found.start() - 14), found.start()) is not None


def weekday_index(found: re.Match[str]) -> int:
    return WEEKDAYS.index(get(found, "weekday")[:3])


def month_number(found: re.Match[str]) -> int:
    return MONTHS.index(get(found, "month")[:3]) + 1


def number_of(found: re.Match[str]) -> int:
    text = get(found, "number")
    if text.isdigit():
        return int(text)
    for word, value in (("couple", 2), ("hundred", 100), ("dozen", 12)):
        if word in text:
            return value
    units: list[str] = [*DIGITS, *TEENS.split("|")]
    tens: list[str] = [*TENS.split("|")]
    total = 0
    for word in re.split(r"[-\s]", text):
        if word in ("a", "an"):
            return 1
        total += units.index(word) + 1 if word in units else 10 * tens.index(word) + 20
    return total


def nth_of(found: re.Match[str]) -> int:
    text = get(found, "nth")
    if text == "last":
        return -1
    return (
        int(text[0]) if text[0].isdigit() else ("first", "second", "third", "fourth", "fifth").index(text) + 1
    )


def side_shift(found: re.Match[str]) -> int:
    """How many weeks, months or years a side word moves: last -1, next 1, before last -2, after next 2."""
    if get(found, "double"):
        return -2 if "last" in get(found, "double") else 2
    match get(found, "side"):
        case "last" | "past" | "previous" | "this past":
            return -1
        case "next" | "coming" | "this coming" | "following":
            return 1
        case _:
            return 0


def amount(found: re.Match[str]) -> tuple[int, Unit]:
    factor, unit = UNITS[get(found, "unit")]
    return factor * number_of(found), unit
