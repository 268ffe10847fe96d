import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from officehours.memory.dates import asks_when, countdown, describe_gap, find_dates, has_time_words, resolve
from officehours.memory.dates.calendar import Prefer


def rows_of(name):
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


ROWS = rows_of("phrases.jsonl")
UNSEEN = rows_of("unseen.jsonl")  # drawn after the rules; first read 44 of 44 right in each language
SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=SEOUL)  # a Wednesday


def moment(text):
    local, zone = text.split()
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))


def found_days(row):
    spans = find_dates(row["text"], moment(row["now"]), row["prefer"])
    return [(span.start.isoformat(), (span.end - timedelta(days=1)).isoformat()) for span in spans]


def days_of(text, now=NOW, prefer: Prefer = "past"):
    return [(span.start, span.end - timedelta(days=1)) for span in find_dates(text, now, prefer)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_at_least_95_percent_of_the_phrases_resolve_to_the_day(language):
    rows = [row for row in ROWS if row["language"] == language and row["first"]]
    wrong = [
        (row["text"], row["now"], found_days(row))
        for row in rows
        if found_days(row) != [(row["first"], row["last"])]
    ]
    print(*wrong, sep="\n")
    assert len(rows) >= 100
    assert len(wrong) <= 0.05 * len(rows), wrong


@pytest.mark.parametrize("language", ["ko", "en"])
def test_at_least_95_percent_of_phrases_that_the_rules_were_not_made_for_resolve_too(language):
    rows = [row for row in UNSEEN if row["language"] == language]
    wrong = [
        (row["text"], found_days(row)) for row in rows if found_days(row) != [(row["first"], row["last"])]
    ]
    assert len(rows) >= 40
    assert len(wrong) <= 0.05 * len(rows), wrong


def test_the_phrases_cover_several_moments_and_zones():
    assert len({row["now"] for row in ROWS}) >= 9
    assert len({row["now"].split()[1] for row in ROWS}) == 2


@pytest.mark.parametrize("language", ["ko", "en"])
def test_sentences_without_a_date_give_none(language):
    rows = [row for row in ROWS if row["language"] == language and row["first"] is None]
    assert len(rows) >= 40
    assert [(row["text"], found_days(row)) for row in rows if found_days(row)] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row["first"]], ids=lambda row: row["text"])
def test_a_span_points_at_its_own_text_and_holds_at_least_a_day(row):
    for span in find_dates(row["text"], moment(row["now"]), row["prefer"]):
        assert row["text"][span.offset : span.offset + len(span.text)] == span.text
        assert span.start < span.end


def test_several_dates_come_in_order():
    spans = find_dates("어제랑 지난주 화요일, 그리고 10월 3일에 물어본 것", NOW)
    assert [(span.text, span.start) for span in spans] == [
        ("어제", date(2026, 11, 17)),
        ("지난주 화요일", date(2026, 11, 10)),
        ("10월 3일", date(2026, 10, 3)),
    ]


def test_days_belong_to_the_zone_of_now():
    seoul = datetime(2026, 3, 1, 8, 0, tzinfo=SEOUL)
    new_york = seoul.astimezone(NEW_YORK)
    assert resolve("yesterday", seoul).start == date(2026, 2, 28)
    assert resolve("yesterday", new_york).start == date(2026, 2, 27)


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        # In New York 2026-03-08 has 23 hours and 2026-11-01 has 25.
        (datetime(2026, 3, 9, 0, 30, tzinfo=NEW_YORK), 24, date(2026, 3, 7)),
        (datetime(2026, 3, 9, 0, 30, tzinfo=NEW_YORK), 23, date(2026, 3, 8)),
        (datetime(2026, 11, 2, 0, 30, tzinfo=NEW_YORK), 25, date(2026, 11, 1)),
        (datetime(2026, 11, 2, 0, 30, tzinfo=NEW_YORK), 26, date(2026, 10, 31)),
    ],
)
def test_hours_are_counted_in_real_time_across_a_clock_change(now, hours, expected):
    assert resolve(f"{hours} hours ago", now).start == expected
    assert resolve(f"{hours}시간 전", now).start == expected


def test_calendar_days_do_not_shift_when_the_clocks_change():
    now = datetime(2026, 3, 8, 0, 15, tzinfo=NEW_YORK)
    assert resolve("tomorrow", now).start == date(2026, 3, 9)
    assert resolve("7 days ago", now).start == date(2026, 3, 1)


def test_a_naive_now_is_refused():
    with pytest.raises(ValueError, match="aware"):
        find_dates("yesterday", datetime(2026, 11, 18, 15, 0))  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        resolve("어제", datetime(2026, 11, 18, 15, 0))  # noqa: DTZ001


def test_leaning_decides_a_date_without_a_year():
    assert resolve("3월", NOW, "past").start == date(2026, 3, 1)
    assert resolve("3월", NOW, "future").start == date(2027, 3, 1)
    assert resolve("Friday", NOW, "past").start == date(2026, 11, 13)
    assert resolve("Friday", NOW, "future").start == date(2026, 11, 20)
    assert resolve("2월 29일", NOW, "past").start == date(2024, 2, 29)
    assert resolve("2월 29일", NOW, "future").start == date(2028, 2, 29)


def test_counted_weeks_months_and_years_carry_slack_and_named_days_none():
    slack = {
        phrase: resolve(phrase, NOW).slack
        for phrase in ("사흘 전", "2주 전", "a month ago", "2년 전", "어제")
    }
    assert slack == {"사흘 전": 0, "2주 전": 3, "a month ago": 10, "2년 전": 45, "어제": 0}


def test_kinds_tell_a_day_from_a_stretch():
    kinds = [
        resolve(phrase, NOW).kind
        for phrase in ("어제", "지난주", "last weekend", "10월", "최근", "2025", "10월 초")
    ]
    assert kinds == ["day", "week", "weekend", "month", "fuzzy", "year", "part"]


@pytest.mark.parametrize(
    "text",
    ["2월 30일", "February 30", "2026-02-30", "99999년 전", "9999년 뒤", "9999 years from now", "13/13"],
)
def test_impossible_days_are_no_dates_and_no_errors(text):
    assert find_dates(text, NOW) == []


def test_a_phrase_without_a_date_resolves_to_nothing():
    assert resolve("중간고사", NOW) is None
    assert resolve("", NOW) is None


def test_a_slashed_number_is_a_date_only_in_company_that_says_so():
    assert days_of("12/3까지 제출", prefer="future") == [(date(2026, 12, 3), date(2026, 12, 3))]
    assert days_of("due on 12/3", prefer="future") == [(date(2026, 12, 3), date(2026, 12, 3))]
    assert days_of("12/3을 약분하면 4") == []
    assert days_of("the ratio is 12/3") == []


def test_lunar_holidays_are_koreas():
    assert resolve("2035년 추석", NOW).start == date(2035, 9, 16)
    assert resolve("2027년 설날", NOW).start == date(2027, 2, 7)  # a day after China's new year
    assert resolve("2036년 설날", NOW).start == date(2036, 1, 28)
    assert resolve("2050년 추석", NOW).start == date(2050, 9, 30)
    assert find_dates("2051년 추석", NOW) == []


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (-30, "moments later", "잠시 뒤"),
        (20, "moments later", "잠시 뒤"),
        (60, "1 minute later", "1분 뒤"),
        (45 * 60, "45 minutes later", "45분 뒤"),
        (3 * 3600, "3 hours later", "3시간 뒤"),
        (14 * 3600, "14 hours later", "14시간 뒤"),
        (24 * 3600, "the next day", "다음 날"),
        (3 * 86400, "3 days later", "3일 뒤"),
        (13 * 86400, "13 days later", "13일 뒤"),
        (15 * 86400, "2 weeks later", "2주 뒤"),
        (91 * 86400, "3 months later", "3개월 뒤"),
        (800 * 86400, "2 years later", "2년 뒤"),
    ],
)
def test_a_gap_is_told_coarsely(seconds, english, korean):
    now = datetime(2026, 11, 18, 15, 0, tzinfo=SEOUL)
    then = now - timedelta(seconds=seconds)
    assert describe_gap(then, now, "en") == english
    assert describe_gap(then, now, "ko") == korean


def test_a_night_between_is_the_next_day_but_a_late_hour_is_hours():
    evening = datetime(2026, 11, 17, 22, 0, tzinfo=SEOUL)
    assert describe_gap(evening, datetime(2026, 11, 18, 1, 0, tzinfo=SEOUL), "en") == "3 hours later"
    assert describe_gap(evening, datetime(2026, 11, 18, 8, 0, tzinfo=SEOUL), "ko") == "다음 날"


def test_a_gap_uses_the_calendar_of_now_even_for_utc_moments():
    then = datetime(2026, 11, 16, 16, 0, tzinfo=ZoneInfo("UTC"))  # 17 November, 01:00 in Seoul
    assert describe_gap(then, NOW, "en") == "the next day"


@pytest.mark.parametrize(
    ("day", "english", "korean"),
    [
        (date(2026, 11, 18), "today (Nov 18)", "오늘 (11월 18일)"),
        (date(2026, 11, 19), "tomorrow (Nov 19)", "내일 (11월 19일)"),
        (date(2026, 11, 17), "yesterday (Nov 17)", "어제 (11월 17일)"),
        (date(2026, 11, 30), "in 12 days (Nov 30)", "12일 뒤 (11월 30일)"),
        (date(2026, 11, 8), "10 days ago (Nov 8)", "10일 전 (11월 8일)"),
        (date(2027, 1, 3), "in 46 days (Jan 3, 2027)", "46일 뒤 (2027년 1월 3일)"),
    ],
)
def test_a_countdown_names_the_day(day, english, korean):
    assert countdown(day, NOW, "en") == english
    assert countdown(day, NOW, "ko") == korean


@pytest.mark.parametrize(
    "question",
    [
        "시험이 언제예요?", "언제 물어봤지?", "며칠에 시험이야?", "몇 월에 배웠죠?", "얼마나 전에 물어봤어요?",
        "그게 며칠 전이었죠?", "무슨 요일에 수업이에요?", "시험까지 며칠 남았어요?", "중간고사 날짜 알려줘",
        "내가 ReLU를 언제 처음 물어봤어?", "몇 년도에 나온 논문이에요?", "When did I ask about DoRA?",
        "When is the midterm?", "what date is the exam", "what's the date of the final?",
        "how long ago did we talk about SVD?", "How many days until the exam?",
        "do you remember when I asked about that?", "Which week did we cover this?", "When?",
    ],
)  # fmt: skip
def test_questions_that_ask_for_a_time(question):
    assert asks_when(question)


@pytest.mark.parametrize(
    "text",
    [
        "언제나 헷갈려요", "언제든 물어보세요", "언젠가 배우고 싶어요", "며칠 전에 물어본 거 다시요",
        "며칠 동안 공부했는데 모르겠어요", "얼마나 걸려요?", "몇 번 문제예요?", "ReLU가 뭐예요?",
        "When I train a network the loss explodes. Why?", "When should we use ReLU?", "when is a matrix invertible?",
        "What is an eigenvalue?", "what did I get wrong in October?", "How long is the vector?",
        "what is the time complexity of quicksort?",
    ],
)  # fmt: skip
def test_what_only_sounds_like_asking_for_a_time(text):
    assert not asks_when(text)


@pytest.mark.parametrize(
    "text",
    [
        "어제 했어요", "지난주에 갔어요", "3월에 배웠어요", "수요일 수업", "작년에 들었어요", "사흘 뒤", "다음 주에 봐요",
        "이번 학기", "I went there last year", "yesterday", "we met on Friday", "in October", "two days ago", "On 3 May",
        "last Fri", "this past weekend", "2023-05-03", "the other day", "It was in 2023", "last May",
    ],
)  # fmt: skip
def test_messages_with_time_words(text):
    assert has_time_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "ReLU가 뭐예요?", "다음 주제로 가요", "오늘날 딥러닝", "언어제어", "행렬의 고유값", "3번 문제", "월급", "화학 반응",
        "What is a gradient?", "Chicago is big", "you may ask", "march forward", "the last layer", "next token", "each layer",
    ],
)  # fmt: skip
def test_messages_without_time_words(text):
    assert not has_time_words(text)
