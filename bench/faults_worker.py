"""What the processes of `bench.faults` do: talk, keep notes and import, and write down what was acknowledged.

An acknowledgement is written only after the program has said that something is kept: the student's message with
`TurnStarted`, a note with `ToolFinished`, the reply with `TurnFinished`, a file when the import returns.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from officehours.agent.assemble import open_tutor
from officehours.agent.events import Event, ToolFinished, TurnFailed, TurnFinished, TurnStarted
from officehours.agent.loop import Agent
from officehours.agent.model import Request
from officehours.agent.models.testing.scripted import Reply, ScriptedCall, ScriptedModel
from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.index import embed_everything
from officehours.memory.store.schema import embedders
from officehours.memory.text import load_korean
from officehours.memory.transfer import Importer
from officehours.memory.types import Scope

STUDENT = "minji"

SUBJECTS = (
    "eigenvalues of a symmetric matrix",
    "the chain rule in two variables",
    "dropout and regularisation",
    "고유값과 고유벡터의 차이",
    "역전파에서 기울기가 사라지는 까닭",
    "중간고사 범위와 숙제",
)

_ASKED = re.compile(r"^(?:Question|질문) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Work:
    """Where a worker works; plain values, so that another process can be given it."""

    home: Path
    database_url: str | None = None
    chroma_url: str | None = None

    def settings(self) -> Settings:
        """Settings of a student with this store."""
        return Settings(
            home=self.home,
            database_url=self.database_url,
            chroma_url=self.chroma_url,
            embedder="hashing",
            student=STUDENT,
            language="ko",
            zone="Asia/Seoul",
            search="never",
        )


class Diary:
    """A file of what was acknowledged; what is written to it survives the death of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, what: str, uid: str, **more: Any) -> None:
        """Add a line at once."""
        line = json.dumps({"what": what, "uid": uid, **more}, ensure_ascii=False) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def read(self) -> list[dict[str, Any]]:
        """Give the lines; one that was cut off by a kill acknowledged nothing."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def size(self) -> int:
        """Count the lines."""
        return self._path.read_bytes().count(b"\n") if self._path.exists() else 0

    def uids(self, *what: str) -> list[str]:
        """Give the uids of some kinds of acknowledgement, in order."""
        return [line["uid"] for line in self.read() if line["what"] in what]


def question(uid: str, rng: random.Random) -> str:
    """Write a student's message that can be told from all others."""
    head = rng.choice(["Question", "질문"])
    keep = " Please keep a note." if rng.random() < 0.3 else ""
    return f"{head} {uid}: {rng.choice(SUBJECTS)}?{keep}"


def answer(request: Request) -> Reply:
    """Keep a note where one is asked for, then reply with the question's uid."""
    at = max(n for n, message in enumerate(request.messages) if message.role == "user")
    asked = request.messages[at].content
    found = _ASKED.search(asked)
    uid = found[1] if found else "unknown"
    noted = any(message.role == "tool" for message in request.messages[at:])
    if "Please keep a note." in asked.split("\n", 1)[0] and not noted:
        note = {"content": f"Note {uid}n: asked once.", "request_heartbeat": True}
        return ScriptedCall("archival_memory_insert", note)
    return f"Reply {uid}r: 네, 설명하겠습니다. It follows from the definition."


def open_agent(work: Work, session: str = "latest") -> Agent:
    """Open the tutor with the model above."""
    return open_tutor(work.settings(), STUDENT, model=ScriptedModel(answer), session=session)


def drain(events: Iterator[Event], diary: Diary) -> str:
    """Run a turn to its end and write down each acknowledgement; gives the reply, "" where it failed."""
    uid = "?"
    for event in events:
        match event:
            case TurnStarted(message=text):
                found = _ASKED.search(text)
                uid = found[1] if found else "?"
                diary.write("said", uid)
            case ToolFinished(name="archival_memory_insert", ok=True):
                diary.write("noted", f"{uid}n")
            case TurnFinished(answer=text):
                diary.write("answered", f"{uid}r")
                return text
            case TurnFailed(error=error):
                diary.write("failed", uid, why=error.en)
            case _:
                continue
    return ""


def import_file(runtime: Runtime, file: Path) -> None:
    """Import a file as `memory import --wait` does."""
    Importer(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).import_file(file)
    embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)


def write_import(file: Path, prefix: str, count: int, rng: random.Random) -> list[str]:
    """Write a file of messages to import and give their uids."""
    uids = [f"{prefix}i{n:04d}" for n in range(count)]
    rows = [
        {
            "id": uid,
            "role": "user" if n % 2 == 0 else "assistant",
            "content": f"Imported {uid}: {rng.choice(SUBJECTS)}",
            "time": datetime(2025, 3, 1, n // 60 % 24, n % 60, tzinfo=UTC).isoformat(),
        }
        for n, uid in enumerate(uids)
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return uids


def trust_embedder(work: Work) -> None:
    """Let the hashing embedder vote in every language, so that searches go through the vector index as well.

    A little only: it knows spelling, and all our ids are spelt alike.
    """
    with open_runtime(work.settings(), STUDENT) as runtime:
        row = runtime.embedder.row
        scale = {"vote": 0.3, "unrelated": 0.0, "deviation": 0.1, "paraphrase": 1.0}
        trusted = dict.fromkeys(row.calibration, scale)
        with runtime.db.begin() as connection:
            connection.execute(update(embedders).where(embedders.c.id == row.id).values(calibration=trusted))


def finds(runtime: Runtime, uid: str) -> bool:
    """Tell whether a search for a uid finds the text that has it."""
    return _found(runtime, uid) is not None


def strays(runtime: Runtime, uid: str) -> bool:
    """Tell whether the vector of a uid's text does not find itself: an index that is approximate loses sight of few."""
    scope: Scope = "archival" if uid.endswith("n") else "recall"
    item = _found(runtime, uid)
    rows = None if item is None else runtime.index.vectors_of(scope, [item]).get(item)
    if rows is None or not len(rows):
        return False
    return all(near.item_id != item for near in runtime.index.query(rows[0], 10, scope))


def _shown(runtime: Runtime, uid: str) -> list[str]:
    """Give what a search found instead, for who looks into it."""
    return [
        f"{hit.text[:40]} {hit.signals}" for hit in runtime.memories.recall.search(f"what about {uid}", 5)
    ]


def _found(runtime: Runtime, uid: str) -> int | None:
    memory = runtime.memories.archival if uid.endswith("n") else runtime.memories.recall
    hits = memory.search(f"what about {uid}", 5)
    return next((int(hit.id[1:]) for hit in hits if uid in hit.text), None)


def life(work: Work, number: int, seed: int) -> None:
    """Live until killed: take up what was left, look for what was acknowledged, then talk and import for ever."""
    rng = random.Random(f"{seed}.{number}")
    diary = Diary(work.home / "diary.jsonl")
    with open_agent(work) as agent:
        drain(agent.resume(), diary)
        diary.write("up", str(number))
        known = diary.uids("said", "answered", "noted", "imported")
        for uid in rng.sample(known, min(4, len(known))):
            if finds(agent.state.runtime, uid):
                diary.write("found", uid)
            else:
                diary.write("missed", uid, shown=_shown(agent.state.runtime, uid))
        _finish_imports(agent.state.runtime, diary, work)
        step = 0
        while True:
            step += 1
            uid = f"q{number:03d}x{step:04d}"
            if rng.random() < 0.2:
                _import(agent.state.runtime, diary, work, uid, rng)
            else:
                drain(agent.turn(question(uid, rng)), diary)


def _import(runtime: Runtime, diary: Diary, work: Work, uid: str, rng: random.Random) -> None:
    file = work.home / f"{uid}.jsonl"
    uids = write_import(file, uid, rng.randrange(20, 300), rng)
    diary.write("importing", file.name)
    import_file(runtime, file)
    for each in uids:
        diary.write("imported", each)
    diary.write("import done", file.name)


def _finish_imports(runtime: Runtime, diary: Diary, work: Work) -> None:
    """Import again what a kill cut short, as its owner would."""
    done = set(diary.uids("import done"))
    for name in diary.uids("importing"):
        if name not in done:
            file = work.home / name
            import_file(runtime, file)
            for line in file.read_text(encoding="utf-8").splitlines():
                diary.write("imported", json.loads(line)["id"])
            diary.write("import done", name)


def crowd(work: Work, name: int, messages: int, seed: int) -> None:
    """Talk, ask and import until this process has given `messages`, looking for anybody's words meanwhile."""
    rng = random.Random(f"{seed}.{name}")
    diary = Diary(work.home / f"diary{name}.jsonl")
    given = 0
    with open_agent(work, "new") as chat:
        while given < messages:
            uid = f"p{name}x{given:04d}"
            match rng.choice(["chat", "chat", "ask", "import"]):
                case "chat":
                    drain(chat.turn(question(uid, rng)), diary)
                    given += 1
                case "ask":
                    with open_agent(work) as once:
                        drain(once.turn(question(uid, rng)), diary)
                    given += 1
                case _:
                    count = min(rng.randrange(1, 30), messages - given)
                    file = work.home / f"{uid}.jsonl"
                    uids = write_import(file, uid, count, rng)
                    import_file(chat.state.runtime, file)
                    for each in uids:
                        diary.write("said", each)
                    given += count
            _look_around(chat.state.runtime, work, diary, rng)
    diary.write("end", str(os.getpid()))


def _look_around(runtime: Runtime, work: Work, diary: Diary, rng: random.Random) -> None:
    others = [Diary(path).uids("said", "answered") for path in sorted(work.home.glob("diary*.jsonl"))]
    known = [uid for uids in others for uid in uids[-40:]]
    if known:
        uid = rng.choice(known)
        diary.write("found" if finds(runtime, uid) else "missed", uid)


def look_for_all(work: Work, uids: list[str], report: Path) -> None:
    """Search for every uid from a fresh process, and write down what was not found."""
    with open_runtime(work.settings(), STUDENT) as runtime:
        runtime.warm()
        missing = [uid for uid in uids if not finds(runtime, uid)]
        stray = [uid for uid in uids[::10] if strays(runtime, uid)]
    report.write_text(json.dumps({"missing": missing, "stray": stray}), encoding="utf-8")


load_korean()  # before the processes are forked, so that each need not
