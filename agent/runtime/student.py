"""Opening one student's memory: the memories bound to the student, on what the process shares.

Nothing heavy is waited for: the embedder, Chroma and Kiwi load in threads of their own while the student reads the
greeting, and whoever needs one of them earlier waits for that one only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING

from ...memory import students
from ...memory.archival import ArchivalMemory
from ...memory.core import CoreMemory
from ...memory.embedding import StoreEmbedder, active_embedder
from ...memory.errors import OfficeHoursError
from ...memory.facts import extract_facts
from ...memory.index import EmbedWorker, StudentIndex
from ...memory.index.chroma import Chroma
from ...memory.index.pending import blind_languages
from ...memory.learner.acronyms import Acronyms
from ...memory.learner.cards import Cards
from ...memory.learner.goals import StudyGoals
from ...memory.learner.misconceptions import Misconceptions
from ...memory.learner.promises import Promises
from ...memory.learner.questions import OpenQuestions
from ...memory.learner.quizzes import Quizzes
from ...memory.learner.reviews import Reviews
from ...memory.private import close_home
from ...memory.recall import RecallMemory, Sessions
from ...memory.search import Deadline, HybridSearch
from ...memory.store import Database
from ...memory.text import load_korean
from ...memory.types import Hit, Scope, Student
from ..settings import DEFAULT_STUDENT, Clock, Settings, system_language, system_zone
from .shared import Shared, open_shared

if TYPE_CHECKING:
    from ..tutor.hints import Ladder
    from ..tutor.quizzing import Quizzing


@dataclass(frozen=True, slots=True)
class Memories:
    """The memories of one student, each bound to that student when it was made."""

    student: Student
    sessions: Sessions
    core: CoreMemory
    archival: ArchivalMemory
    recall: RecallMemory
    questions: OpenQuestions
    cards: Cards
    reviews: Reviews
    quizzes: Quizzes
    misconceptions: Misconceptions
    goals: StudyGoals
    acronyms: Acronyms
    promises: Promises

    def get(self, public_id: str) -> Hit:
        """Give what an id names: `a7` is something kept, `m12` a message.

        Raises:
            NotFound: This student has nothing of that id.
        """
        return (self.archival if public_id.startswith("a") else self.recall).get(public_id)


@dataclass(slots=True)
class Runtime:
    """One student's memory, open.

    Attributes:
        shared: This one's part in what other tutors of the process use too.
        warnings: What the index and the embedder have to say to the person, not yet said.
        mode: Of the conversation, as it tightens the lock on answers: "exam" gives none (`tutor/hints.py`).
    """

    settings: Settings
    clock: Clock
    shared: Shared
    memories: Memories
    index: StudentIndex
    embed_worker: EmbedWorker
    deadline: Deadline
    warnings: list[OfficeHoursError] = field(default_factory=list[OfficeHoursError])
    mode: str = ""

    @property
    def db(self) -> Database:
        """The store."""
        return self.shared.db

    @property
    def embedder(self) -> StoreEmbedder:
        """The store's embedder."""
        return self.shared.embedder

    @property
    def chroma(self) -> Chroma:
        """The index of the home, or on its server."""
        return self.shared.chroma

    @property
    def student(self) -> Student:
        """Whose memory it is."""
        return self.memories.student

    @property
    def zone(self) -> str:
        """Where the student is now: the setting, else where this machine is."""
        return self.settings.zone or system_zone(when=self.clock())

    @property
    def quizzing(self) -> Quizzing:
        """The student's quizzes as they go on, under the teacher's lock and the mode."""
        from ..learner.quiz_material import quiz_material
        from ..learner.rows import Learner
        from ..tutor.hints import policy_for
        from ..tutor.quizzing import Quizzing

        kept = self.memories
        material = partial(
            quiz_material,
            Learner(self.db, self.student.id, self.clock),
            lambda: kept.archival.list("passage"),
            "ko" if self.student.language == "ko" else "en",
        )
        policy = policy_for(self.settings.answer_lock, self.mode or self.settings.teaching_mode or "")
        return Quizzing(kept.quizzes, kept.cards, kept.archival, self.clock, policy, material)

    def locked(self) -> Ladder | None:
        """Where the student stands with the question that is open, wherever it was asked; None where none is."""
        return self.quizzing.locked() if self.memories.quizzes.current() else None

    def hides_key(self) -> Callable[[str], str]:
        """Give what leaves out of a text the lines that tell a locked key."""
        from ..tutor.lock import masked

        return partial(masked, self.locked())

    def skip_blind_embedder(self) -> None:
        """Let no turn wait for the loading of an embedder that is blind to the student's language.

        A Korean question with English terms, or a model's English query for one, would wait for it: seconds, for
        meaning that it knows in the English part only.
        """
        row = active_embedder(self.db)
        if row is not None and self.student.language in blind_languages(row):
            self.deadline.end()

    def warm(self) -> None:
        """Begin to load what a turn will need, in the background."""
        Thread(target=self._load_rules, name="rules", daemon=True).start()
        self.embedder.start()
        self.index.warm()
        self.embed_worker.start()

    def _load_rules(self) -> None:
        if self.student.language == "ko":
            load_korean()
        # Their patterns are compiled with the first sentence that is read: half a second that a turn need not wait.
        extract_facts("내일 봐요. See you tomorrow.", self.clock(), "UTC")

    def close(self) -> None:
        """Finish what is being written and let go of the index and the store; again, or in a process forked off, does nothing."""
        if self.shared.inherited:
            return
        self.embed_worker.stop()
        self.shared.close()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_runtime(settings: Settings, handle: str | None = None, *, create: bool = True) -> Runtime:
    """Open the store of the settings and the memory of one student in it.

    Args:
        handle: The student; the settings' own by default.
        create: Whether a student who is not known yet is made.

    Raises:
        NotFound: The student is not known, and `create` is false.
        StoreError, ConfigError: As their names say.
    """
    clock = settings.clock()
    warnings: list[OfficeHoursError] = []
    shared = open_shared(settings, warnings.append)
    close_home(settings.home)
    try:
        name = handle or settings.student or DEFAULT_STUDENT
        if create:
            language = settings.language or system_language()
            zone = settings.zone or system_zone(when=clock())
            student = students.find_or_create(shared.db, name, language=language, zone=zone, now=clock())
        else:
            student = students.get(shared.db, name)
        return _build(settings, clock, shared, student, warnings)
    except BaseException:
        shared.close()
        raise


def _build(
    settings: Settings, clock: Clock, shared: Shared, student: Student, warnings: list[OfficeHoursError]
) -> Runtime:
    db, embedder, index = shared.db, shared.embedder, shared.index_of(student)

    def warn_once(warning: OfficeHoursError) -> None:
        if all(warning.en != known.en for known in warnings):  # of the two memories one says it
            warnings.append(warning)

    deadline = Deadline()

    def search(scope: Scope) -> HybridSearch:
        return HybridSearch(db, student.id, scope, index, embedder, clock, warn_once, deadline=deadline)

    memories = Memories(
        student,
        Sessions(db, student.id, clock),
        CoreMemory(db, student.id, clock),
        ArchivalMemory(db, student.id, clock, search("archival")),
        RecallMemory(db, student.id, clock, search("recall")),
        OpenQuestions(db, student.id, clock),
        Cards(db, student.id, clock),
        Reviews(db, student.id, clock),
        Quizzes(db, student.id, clock),
        Misconceptions(db, student.id, clock),
        StudyGoals(db, student.id, clock),
        Acronyms(db, student.id, clock),
        Promises(db, student.id, clock),
    )
    embed_worker = EmbedWorker(db, student.id, embedder, index, shared.embed_thread)
    return Runtime(settings, clock, shared, memories, index, embed_worker, deadline, warnings)
