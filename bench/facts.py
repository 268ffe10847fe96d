"""Facts that age: what is found of 133 pairs of statements in which a student says one thing and later another.

    python -m officehours.bench facts [--embedder hashing|auto|NAME] [--misses]

`facts.txt` holds the pairs, Korean and English, written before the rules. Six students each say all of their first
statements and weeks later all of their second ones. Each statement goes the two ways it goes in a conversation: the
rules that run after every turn, and a model that keeps the sentence without saying what it is about.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from officehours.agent.house import House, open_house
from officehours.agent.settings import Settings
from officehours.agent.statements import keep_statements

START = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
LATER = timedelta(days=21)
ZONE = "Asia/Seoul"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements on one thing, the question, and the words that tell the old from the new."""

    group: str
    before: str
    after: str
    question: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the question found, now and as of a day between the two statements."""

    pair: Pair
    now: tuple[str, ...]
    then: tuple[str, ...]

    @property
    def current_first(self) -> bool:
        """Whether the first find holds the new value."""
        return bool(self.now) and self.pair.new in self.now[0]

    @property
    def old_absent(self) -> bool:
        """Whether no find still holds the old value alone."""
        return not any(self.pair.old in text and self.pair.new not in text for text in self.now)

    @property
    def past_answers(self) -> bool:
        """Whether, as of then, the first find holds the old value and none the new."""
        return bool(self.then) and self.pair.old in self.then[0]


def pairs() -> list[Pair]:
    """Read the set."""
    lines = Path(__file__).with_name("facts.txt").read_text(encoding="utf-8").splitlines()
    rows = ([part.strip() for part in line.split("|")] for line in lines if line and not line.startswith("#"))
    return [Pair(*row) for row in rows]


def run(chosen: Sequence[Pair], home: Path, embedder: str = "hashing") -> Iterator[Outcome]:
    """Let each group's student say it all, and ask."""
    for group in dict.fromkeys(pair.group for pair in chosen):
        settings = Settings(home=home, embedder=embedder, language=group[:2], zone=ZONE)
        with open_house(settings, group) as house:
            mine = [pair for pair in chosen if pair.group == group]
            _say(house, [pair.before for pair in mine], START)
            _say(house, [pair.after for pair in mine], START + LATER)
            house.embedder.start()
            house.embedder.wait()
            house.indexer.flush(120)
            between = START + LATER / 2
            search = house.memories.archival.search
            for pair in mine:
                now = search(pair.question, SHOWN)
                then = search(pair.question, SHOWN, as_of=between)
                yield Outcome(pair, tuple(hit.text for hit in now), tuple(hit.text for hit in then))


def _say(house: House, statements: Sequence[str], when: datetime) -> None:
    sessions, archival = house.memories.sessions, house.memories.archival
    session = sessions.latest() or sessions.create("kim-yongdam")
    for number, statement in enumerate(statements):
        turn, asked = sessions.begin_turn(session, statement, ZONE)
        said = replace(asked, time=when + timedelta(minutes=number))
        archival.insert(
            statement, kind="fact", quote=statement, message_id=asked.id, time=said.time, valid_from=said.time
        )
        keep_statements(said, archival, house.student.language)
        sessions.finish_turn(turn, "done")


def main() -> None:
    """Print the shares, and the misses where asked."""
    parser = argparse.ArgumentParser(prog="bench facts", description=__doc__)
    parser.add_argument("--embedder", default="hashing")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        found = list(run(pairs(), Path(home), options.embedder))
    print(f"{'':10}{'pairs':>7}{'current first':>15}{'old absent':>12}{'both':>8}{'as of then':>12}")
    for name in ("ko", "en", ""):
        some = [outcome for outcome in found if outcome.pair.group.startswith(name)]
        both = [o.current_first and o.old_absent for o in some]
        shares = [
            [o.current_first for o in some],
            [o.old_absent for o in some],
            both,
            [o.past_answers for o in some],
        ]
        first, absent, all_, past = (sum(share) / len(some) for share in shares)
        print(f"{name or 'all':10}{len(some):>7}{first:>15.3f}{absent:>12.3f}{all_:>8.3f}{past:>12.3f}")
    if options.misses:
        for o in found:
            if not (o.current_first and o.old_absent and o.past_answers):
                print(o.pair.group, "|", o.pair.question, "|", o.now[:3], "|", o.then[:2])


if __name__ == "__main__":
    main()
