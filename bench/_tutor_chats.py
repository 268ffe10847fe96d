"""Chats of a student with a tutor whose evidence is known: long answers, and requests that carry the facts.

What students say and what is asked of it later stand in `tutor/*.txt`; the answers are put together from the sample
course. Files of one kind of line, fields set apart by " | ":

    said_ko.txt, said_en.txt  a request with a fact | how the answer takes it up | two questions after the fact |
                              one in the other language; a blank line ends a group of facts that are alike
    explained.txt             note | heading | question after it in Korean | in English
    asked_*.txt, glue_*.txt, closing.txt, topics.txt  requests without a fact, and what answers are made of

The evidence of a fact is the student's turn alone: the answer repeats its circumstances, not the fact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

Language = Literal["ko", "en"]
Row = dict[str, Any]

DATA = Path(__file__).parent / "tutor"
COURSE = Path(__file__).parent.parent / "examples" / "ai-basics"

KO: tuple[Language, ...] = ("ko",)
EN: tuple[Language, ...] = ("en",)
CHATS = (KO, KO, KO, EN, EN, EN, (*KO, *EN), (*KO, *EN))
"""The languages that the student of each chat speaks."""

FACTS, EXCHANGES, SESSIONS = 24, 54, 10
"""Of one chat. In two languages half of them are in each."""

BEGIN = datetime(2026, 9, 7, 9, tzinfo=UTC)

_HEADING = re.compile(r"^#{2,3} (.+)\n", re.MULTILINE)
_IN_ENGLISH = "In English: "


@dataclass(slots=True)
class Chat:
    """Lines for `memory import`, and questions with the ids of their evidence."""

    name: str
    messages: list[Row] = field(default_factory=list[Row])
    queries: list[Row] = field(default_factory=list[Row])

    def ask(self, query: str, gold: Iterable[str], category: str) -> None:
        """Put a question."""
        number = len(self.queries)
        self.queries.append({"id": f"q{number}", "query": query, "gold": list(gold), "category": category})


def write(folder: Path, seed: int = 1) -> None:
    """Write the chats as `retrieval` reads them: NAME.messages.jsonl and NAME.queries.jsonl."""
    for chat in chats(seed):
        for kind, rows in (("messages", chat.messages), ("queries", chat.queries)):
            lines = [json.dumps(row, ensure_ascii=False) for row in rows]
            (folder / f"{chat.name}.{kind}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def chats(seed: int = 1) -> Iterator[Chat]:
    """Make the chats, the same ones for the same seed."""
    for number, spoken in enumerate(CHATS, 1):
        yield _Writer(f"tutor-{number}-{'-'.join(spoken)}", spoken, Random(f"{seed} {number}")).write()


class _Writer:
    def __init__(self, name: str, spoken: tuple[Language, ...], random: Random) -> None:
        self._chat = Chat(name)
        self._random = random
        self._spoken = spoken
        self._topics = _fields("topics")
        self._explained: dict[tuple[str, str], list[str]] = {}
        self._day: dict[str, list[str]] = {}

    def write(self) -> Chat:
        turns = self._turns()
        size = -(-len(turns) // SESSIONS)
        for number in range(SESSIONS):
            time = BEGIN + timedelta(
                days=4 * number + self._random.randrange(3), hours=self._random.randrange(6)
            )
            for at, (language, fact) in enumerate(turns[number * size : (number + 1) * size]):
                self._exchange(language, fact, f"s{number + 1}", at, time + timedelta(minutes=7 * at))
        self._ask_what_was_explained()
        self._ask_for_a_day()
        return self._chat

    def _turns(self) -> list[tuple[Language, list[str]]]:
        """Draw whole groups of facts and requests without one, in an order that keeps each group's own."""
        turns: list[tuple[Language, list[str]]] = []
        for language in self._spoken:
            groups = _groups(f"said_{language}")
            self._random.shuffle(groups)
            facts: list[list[str]] = []
            while len(facts) < FACTS // len(self._spoken):
                facts += groups.pop()
            asked = _fields(f"asked_{language}")
            requests = [
                self._random.choice(asked) for _ in range(EXCHANGES // len(self._spoken) - len(facts))
            ]
            turns.extend((language, turn) for turn in [*facts, *requests])
        places = sorted(range(len(turns)), key=lambda _: self._random.random())
        known = {id(turn): at for at, (_, turn) in enumerate(turns)}
        return self._in_group_order([turns[place] for place in places], known)

    @staticmethod
    def _in_group_order(
        drawn: list[tuple[Language, list[str]]], known: dict[int, int]
    ) -> list[tuple[Language, list[str]]]:
        facts = iter(
            sorted((turn for turn in drawn if len(turn[1]) > 1), key=lambda turn: known[id(turn[1])])
        )
        return [next(facts) if len(turn[1]) > 1 else turn for turn in drawn]

    def _exchange(self, language: Language, fact: list[str], session: str, at: int, time: datetime) -> None:
        number, *names = self._random.choice(self._topics)
        topic = names[get_args(Language).index(language)]
        said = self._around(language, number, fact[0]).replace("{topic}", topic)
        asked, answered = f"{session}:{2 * at}", f"{session}:{2 * at + 1}"
        answer = self._answer(language, number, fact[1] if len(fact) > 1 else "", answered)
        for identity, role, content, after in ((asked, "user", said, 0), (answered, "assistant", answer, 1)):
            self._chat.messages.append(
                {
                    "id": identity,
                    "role": role,
                    "content": content,
                    "session": session,
                    "time": (time + timedelta(minutes=after)).isoformat(),
                }
            )
        self._day.setdefault(time.date().isoformat(), []).append(asked)
        if len(fact) > 1:
            self._chat.ask(self._random.choice(fact[2:4]), [asked], f"said, {language}")
            if self._random.random() < 1 / 3:
                self._chat.ask(fact[4], [asked], f"said, {language}, other language")

    def _around(self, language: Language, number: str, said: str) -> str:
        """Give a turn as students write them: some ask for a second thing, some paste what they have read."""
        draw = self._random.random()
        if draw < 0.3:
            return f"{said} {self._random.choice(_fields(f'asked_{language}'))[0]}"
        if draw < 0.4:
            return f"{self._random.choice(_sections(number, language))[1]}\n\n{said}"
        return said

    def _answer(self, language: Language, number: str, taken_up: str, identity: str) -> str:
        """Write an answer: sections of the note, with what a tutor says around them, and often a question at the end."""
        sections = _sections(number, language)
        chosen = sorted(
            self._random.sample(range(len(sections)), min(len(sections), self._random.randint(3, 6)))
        )
        around = self._random.sample([row[0] for row in _fields(f"glue_{language}")], 6)
        text = [f"{taken_up} {around.pop()}".strip()]
        for section in chosen:
            heading, body = sections[section]
            self._explained.setdefault((number, heading), []).append(identity)
            text += [body, around.pop()] if around and self._random.random() < 0.7 else [body]
        closing = self._random.choice(_fields("closing"))[get_args(Language).index(language)]
        return "\n\n".join([*text, closing])

    def _ask_what_was_explained(self) -> None:
        rows = [row for row in _fields("explained") if (row[0], row[1]) in self._explained]
        for row in self._random.sample(rows, 6):
            language = self._random.choice(self._spoken)
            gold = self._explained[row[0], row[1]]
            self._chat.ask(row[2 + get_args(Language).index(language)], gold, f"explained, {language}")

    def _ask_for_a_day(self) -> None:
        day, asked = self._random.choice(sorted(self._day.items()))
        date = datetime.fromisoformat(day)
        named = {
            "ko": f"{date.month}월 {date.day}일에 내가 뭘 물어봤지?",
            "en": f"What did I ask you on {date:%B} {date.day}?",
        }
        self._chat.ask(named[self._spoken[0]], asked, f"day, {self._spoken[0]}")


def _fields(name: str) -> list[list[str]]:
    return [row for group in _groups(name) for row in group]


def _groups(name: str) -> list[list[list[str]]]:
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [[line.split(" | ") for line in group] for full, group in groupby(lines, key=bool) if full]


def _sections(number: str, language: Language) -> list[tuple[str, str]]:
    """Give a note's sections in a language, each with its heading; code and exercises are left out."""
    note = next(COURSE.glob(f"{number}-*.md")).read_text(encoding="utf-8").partition("\n## 코드")[0]
    pieces = _HEADING.split(note)[1:]
    found: list[tuple[str, str]] = []
    for heading, body in zip(pieces[::2], pieces[1::2], strict=True):
        korean, _, english = body.partition(_IN_ENGLISH)
        text = " ".join((korean if language == "ko" else english).split())
        found += [(heading, text)] if text and not text.startswith("|") else []
    return found
