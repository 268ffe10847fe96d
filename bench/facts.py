"""Facts that age: what is found of pairs of statements in which a student says one thing and later another.

    python -m officehours.bench facts [--embedder hashing|auto|NAME] [--misses]

Nothing is guessed: of each pair it is said how the older statement ends.

    rule     of what it says a person has only one (a name, this exam's day): the rules end it, whatever the model does
    said     the student's words correct it ("바뀌었어요", "moved to"), and the model keeps both under one subject
    model    only who understands it can tell: the model searches, and updates the old one if it is among what it finds

`facts.txt` holds the pairs that the first rules were written with, `facts_unseen.txt` and `facts_last.txt` those
written afterwards, and `facts_both.txt` statements of which neither ends the other. Students each say all of their
first statements and weeks later all of their second ones. Each statement goes the two ways it goes in a conversation:
the rules that read every message, and a model that keeps the sentence.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from officehours.agent.learner.statements import save_statements, stated_in
from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.facts.clauses import corrects

START = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
LATER = timedelta(days=21)
ZONE = "Asia/Seoul"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements on one thing, how the first ends, the question, and the words that tell the old from the new."""

    group: str
    how: str
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


def pairs(name: str = "facts.txt") -> list[Pair]:
    """Read a set."""
    return [Pair(*row) for row in _rows(name)]


def _rows(name: str) -> Iterator[list[str]]:
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|")]


def lost(home: Path) -> list[str]:
    """Say the statements of `facts_both.txt`, and give those that are taken for outdated although they are not."""
    gone: list[str] = []
    rows = list(_rows("facts_both.txt"))
    for group in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == group]
        settings = Settings(home=home, embedder="hashing", language=group[:2], zone=ZONE)
        with open_runtime(settings, group) as runtime:
            for number, (_, one, _) in enumerate(mine):
                _say(runtime, one, START + timedelta(minutes=number))
            for number, (_, _, other) in enumerate(mine):
                _say(runtime, other, START + LATER + timedelta(minutes=number))
            held = {kept.text for kept in runtime.memories.archival.list()}
            gone += [text for _, *both in mine for text in both if text not in held]
    return gone


def run(chosen: Sequence[Pair], home: Path, embedder: str = "hashing") -> Iterator[Outcome]:
    """Let each group's student say it all, and ask."""
    for group in dict.fromkeys(pair.group for pair in chosen):
        settings = Settings(home=home, embedder=embedder, language=group[:2], zone=ZONE)
        with open_runtime(settings, group) as runtime:
            mine = [pair for pair in chosen if pair.group == group]
            for number, pair in enumerate(mine):
                subject = pair.question if pair.how == "said" else None
                _say(runtime, pair.before, START + timedelta(minutes=number), subject)
            for number, pair in enumerate(mine):
                subject = pair.question if pair.how == "said" else None
                old = pair.before if pair.how == "model" else ""
                _say(runtime, pair.after, START + LATER + timedelta(minutes=number), subject, old)
            runtime.embedder.start()
            runtime.embedder.wait()
            runtime.embed_worker.flush(120)
            between = START + LATER / 2
            search = runtime.memories.archival.search
            for pair in mine:
                now = search(pair.question, SHOWN)
                then = search(pair.question, SHOWN, as_of=between)
                yield Outcome(pair, tuple(hit.text for hit in now), tuple(hit.text for hit in then))


def _say(runtime: Runtime, statement: str, when: datetime, subject: str | None = None, old: str = "") -> None:
    """Say something as a student does whose model keeps every sentence.

    Args:
        subject: Under which the model keeps it.
        old: What the model takes it to replace, if its search shows it that.
    """
    memories = runtime.memories
    session = memories.sessions.latest() or memories.sessions.create("kim-yongdam")
    turn, asked = memories.sessions.begin_turn(session, statement, ZONE)
    said = replace(asked, time=when)
    language = runtime.student.language
    save_statements(
        said, stated_in(said), memories.archival, memories.core, memories.misconceptions, language
    )
    shown = memories.archival.search(statement, SHOWN) if old else []
    replaced = next((hit.id for hit in shown if hit.text == old), None)
    if replaced is not None:
        memories.archival.update(replaced, statement, quote=statement, message_id=asked.id, valid_from=when)
    else:
        memories.archival.insert(
            statement,
            kind="fact",
            subject=subject,
            corrects=corrects(statement),
            quote=statement,
            message_id=asked.id,
            time=when,
            valid_from=when,
        )
    memories.sessions.finish_turn(turn, "done")


def main() -> None:
    """Print the shares, and the misses where asked."""
    parser = argparse.ArgumentParser(prog="bench facts", description=__doc__)
    parser.add_argument("--embedder", default="hashing")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    for name in ("facts.txt", "facts_unseen.txt", "facts_last.txt"):
        with tempfile.TemporaryDirectory() as home:
            found = list(run(pairs(name), Path(home), options.embedder))
        print(f"{name:18}{'pairs':>7}{'current first':>15}{'old absent':>12}{'both':>8}{'as of then':>12}")
        _print(found, misses=options.misses)
    with tempfile.TemporaryDirectory() as home:
        gone = lost(Path(home))
    both = len(list(_rows("facts_both.txt")))
    print(
        f"{'facts_both.txt':18}{both:>7} pairs of which both hold, {len(gone)} statements lost",
        *gone,
        sep="\n  ",
    )


def _print(found: Sequence[Outcome], *, misses: bool) -> None:
    for name in ("ko", "en", "rule", "said", "model", ""):
        some = [o for o in found if o.pair.group.startswith(name) or o.pair.how == name]
        if not some:
            continue
        both = [o.current_first and o.old_absent for o in some]
        shares = [
            [o.current_first for o in some],
            [o.old_absent for o in some],
            both,
            [o.past_answers for o in some],
        ]
        first, absent, all_, past = (sum(share) / len(some) for share in shares)
        print(f"{name or 'all':18}{len(some):>7}{first:>15.3f}{absent:>12.3f}{all_:>8.3f}{past:>12.3f}")
    if misses:
        for o in found:
            if not (o.current_first and o.old_absent and o.past_answers):
                print(o.pair.group, "|", o.pair.question, "|", o.now[:3], "|", o.then[:2])


if __name__ == "__main__":
    main()
