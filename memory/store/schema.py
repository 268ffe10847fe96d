"""The tables. The relational database is the truth; the vector index is derived from `vectors`.

Every row that belongs to a student carries `student_id`, and every memory object filters by it in each statement.
Times are aware UTC. The same definitions serve SQLite and PostgreSQL; `migrations/` builds them.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import false as sql_false

from .column_types import Line, UtcDateTime, Values, Words

metadata = MetaData()


Id = BigInteger().with_variant(Integer, "sqlite")
"""Row ids: 64 bits on every database (SQLite's INTEGER PRIMARY KEY already is)."""


def _student() -> Column[int]:
    return Column("student_id", Id, ForeignKey("students.id", ondelete="CASCADE"), nullable=False)


students = Table(
    "students",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handle", Line, nullable=False, unique=True),
    Column("name", Line, nullable=False, default=""),
    Column("language", String(8), nullable=False),
    Column("zone", Line, nullable=False),
    Column("collection", String(64), nullable=False, unique=True),
    # Counts this student's index changes. Raised under the row's lock, so order of numbers is order of commits:
    # a watermark over it can never pass a row that is not visible yet.
    Column("change_seq", BigInteger, nullable=False, default=0),
    # "imported" where the whole memory came from a file: nobody knows who wrote what in it.
    Column("trust", String(16), nullable=False, default="student", server_default="student"),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("origin", String(16), nullable=False, default="chat"),  # chat | import
    Column("title", Line, nullable=False, default=""),
    Column("persona", Line, nullable=False, default=""),
    # As the student chose: socratic | direct | exam; "" leaves it to the setting and the professor.
    Column("mode", String(16), nullable=False, default="", server_default=""),
    Column("external_id", Line),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("parent_id", Id, ForeignKey("sessions.id", ondelete="SET NULL")),
    Column("parent_seq", Integer),
    Column("consolidated_seq", Integer, nullable=False, default=0),
    Column("lease_owner", Line),
    Column("lease_until", UtcDateTime),
    Index("sessions_by_student", "student_id", "last_at"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # open | done | failed | interrupted | undone
    Column("error", Words),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    # What of the professor's rules its replies broke, [{"check", "hard", "mended"}]; None where nobody looked.
    Column("broken_rules", Values),
    # Of its calls that the student is to allow and that have no result yet: {id: {"state", "why"}}
    Column("approvals", Values),
    Column("undone_at", UtcDateTime),  # a fork made earlier still shows the turn
    UniqueConstraint("session_id", "number"),
    Index("turns_by_student", "student_id", "state"),
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("turn_id", Id, ForeignKey("turns.id", ondelete="CASCADE")),
    Column("role", String(16), nullable=False),
    Column("name", Line),
    Column("content", Words, nullable=False),
    Column("tool_calls", Values),
    Column("tool_call_id", Line),
    Column("state", String(16), nullable=False, default="whole"),
    # What went in beside a user's message, as it was sent.
    Column("context_note", Words, nullable=False, default=""),
    # The hits in that note, or in a tool's result, as data: [{"id", "kind", "trust", "time", "text", "rendered", ...}]
    Column("hits", Values),
    # Whose words these are, the least trusted of what they came from: student | model | course | imported | web
    Column("trust", String(16), nullable=False, default="model", server_default="model"),
    Column("undone", Boolean, nullable=False, default=False),
    Column("time", UtcDateTime, nullable=False),
    Column("zone", Line, nullable=False),
    Column("external_id", Line),
    Column("content_hash", String(64)),
    # What a reply brought besides its text and calls, for the model that it came from.
    Column("extras", Text),
    UniqueConstraint("session_id", "seq"),
    UniqueConstraint("student_id", "external_id"),
    Index("messages_by_time", "student_id", "time"),
    sqlite_autoincrement=True,
)

views = Table(
    "views",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    # start | return | compaction | persona | mode | tools | undo | retry | fork
    Column("reason", String(32), nullable=False),
    Column("system", Words, nullable=False),
    Column("tools", Values, nullable=False),  # the tool schemas, in the order they are sent
    Column("brief", Words, nullable=False, default=""),
    Column("summary", Words, nullable=False, default=""),
    # The least trusted of what the system text and the summary rest on.
    Column("trust", String(16), nullable=False, default="student", server_default="student"),
    # The model was told in this view that the window is nearly full.
    Column("pressure", Boolean, nullable=False, default=False, server_default=sql_false()),
    Column(
        "mode", String(16), nullable=False, default="", server_default=""
    ),  # in which the model was told to teach
    Column("first_seq", Integer, nullable=False),  # the first message that is in view verbatim
    Column("opened_at", UtcDateTime, nullable=False),
    Index("views_by_session", "session_id", "id"),
    sqlite_autoincrement=True,
)

core_blocks = Table(
    "core_blocks",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("label", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", Words, nullable=False),
    Column("size_limit", Integer, nullable=False),  # characters
    Column("description", Words, nullable=False, default=""),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="SET NULL")),  # whose turn taught it
    # The least trusted of what the block's words came from.
    Column("trust", String(16), nullable=False, default="model", server_default="model"),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("student_id", "label", "version"),
    sqlite_autoincrement=True,
)

archival = Table(
    "archival",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("kind", String(16), nullable=False),  # fact | note | passage
    Column("text", Words, nullable=False),
    Column("subject", Line),  # what a fact is about, as a key: a new fact on it supersedes the old
    # What a fact says, as values; `text` is rendered from them. All are empty for notes and passages.
    Column("fact_kind", String(16)),  # name | nickname | school | year | major | exam | deadline | goal | ...
    Column("value", Words),  # the words that matter: the name, which exam, what confuses
    Column("day", String(10)),  # ISO 8601, in `zone`; `last_day` ends a range
    Column("last_day", String(10)),
    Column("polarity", String(16)),  # holds | about | cancelled | understood
    Column("quote", Words),  # the student's words it rests on
    Column("message_id", Id, ForeignKey("messages.id", ondelete="SET NULL")),
    Column("trust", String(16), nullable=False),
    Column("source", Line),  # file or URL
    Column("locator", Line),  # heading path, page
    Column("role", String(16)),
    Column("name", Line),
    Column("tags", Values, nullable=False, default=list),
    Column("external_id", Line),
    Column("content_hash", String(64), nullable=False),
    Column("time", UtcDateTime, nullable=False),  # when it was said or written
    Column("zone", Line, nullable=False, default="UTC"),
    Column("valid_from", UtcDateTime),
    Column("valid_to", UtcDateTime),
    Column("superseded_by", Id, ForeignKey("archival.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("path", Text),  # of a course file's passage: where the file was when it was last taken in
    UniqueConstraint("student_id", "external_id"),
    Index("archival_by_kind", "student_id", "kind"),
    Index("archival_by_subject", "student_id", "subject"),
    Index("archival_by_hash", "student_id", "content_hash"),
    sqlite_autoincrement=True,
)

open_questions = Table(
    "open_questions",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("text", Words, nullable=False),
    Column("state", String(16), nullable=False),  # open | answered | parked | dismissed | withdrawn
    Column("answer_id", Id, ForeignKey("messages.id", ondelete="SET NULL")),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    UniqueConstraint("student_id", "message_id"),
    sqlite_autoincrement=True,
)

cards = Table(
    "cards",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("front", Words, nullable=False),
    Column("back", Words, nullable=False),
    Column("topic", Line, nullable=False, default=""),
    Column("tags", Values, nullable=False, default=list),
    Column("origin", String(16), nullable=False),  # student | conversation | material | import
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE")),
    # A passage is stored anew when its file changes: the card outlives it, and `source` still says where it was from.
    Column("archival_id", Id, ForeignKey("archival.id", ondelete="SET NULL")),
    Column("source", Line),  # file or package, and the place in it
    Column("external_id", Line),
    Column("trust", String(16), nullable=False, default="model"),
    # What FSRS-6 knows of it (docs/adr/0081): 1 learning, 2 review, 3 relearning; stability in days, difficulty 1 to 10.
    Column("state", SmallInteger, nullable=False, default=1),
    Column("step", SmallInteger),
    Column("stability", Float),
    Column("difficulty", Float),
    Column("due", UtcDateTime, nullable=False),
    Column("last_review", UtcDateTime),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),  # its reviews stay; `memory forget` takes both
    UniqueConstraint("student_id", "external_id"),
    Index("cards_by_due", "student_id", "due"),
    sqlite_autoincrement=True,
)

reviews = Table(
    "reviews",  # every review as it was, so that any scheduler can be fitted to them
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("card_id", Id, ForeignKey("cards.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("rating", SmallInteger, nullable=False),  # 1 again | 2 hard | 3 good | 4 easy
    Column("duration", Integer),  # milliseconds; None where nobody measured it
    Column("scheduled_days", Float),  # from the review before to when it was due; None for the first
    Column("elapsed_days", Float),  # from the review before to this one
    # The card before it was rated.
    Column("state", SmallInteger, nullable=False),
    Column("step", SmallInteger),
    Column("stability", Float),
    Column("difficulty", Float),
    Index("reviews_by_card", "student_id", "card_id", "at"),
    Index("reviews_by_time", "student_id", "at"),
    sqlite_autoincrement=True,
)

fsrs_parameters = Table(
    "fsrs_parameters",  # fitted to a student's reviews; the newest row holds
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("parameters", Values, nullable=False),  # the 21 numbers of FSRS-6
    Column("reviews", Integer, nullable=False),  # how many there were
    Column(
        "log_loss", Float, nullable=False
    ),  # on them; `default_log_loss` is that of the published parameters
    Column("default_log_loss", Float, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("fsrs_parameters_by_student", "student_id", "id"),
    sqlite_autoincrement=True,
)

problems = Table(
    "problems",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("problem_set", Line, nullable=False),
    Column("external_id", Line, nullable=False),
    Column("topic", Line, nullable=False, default=""),
    Column("text", Words, nullable=False, default=""),  # what stands before the question
    Column("question", Words, nullable=False),
    Column("answers", Values, nullable=False),  # texts, any of which is right
    Column("answer_type", Line, nullable=False, default=""),  # as the set says: string | arithmetic | ...
    Column("choices", Values, nullable=False, default=list),  # texts, none where the answer is free
    Column(
        "hints", Values, nullable=False, default=list
    ),  # [{"type", "title", "text", "answers"}], in their order
    Column("license", Line, nullable=False, default=""),
    Column("source", Line, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("student_id", "problem_set", "external_id"),
    Index("problems_by_topic", "student_id", "topic"),
    sqlite_autoincrement=True,
)

quizzes = Table(
    "quizzes",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("topic", Line, nullable=False, default=""),
    Column("kind", String(16), nullable=False),  # short | choice | ox | explain | mixed
    Column("state", String(16), nullable=False),  # open | finished | stopped
    Column("again_of", Id, ForeignKey("quizzes.id", ondelete="SET NULL")),  # whose wrong ones it asks again
    Column(
        "session_id", Id, ForeignKey("sessions.id", ondelete="SET NULL")
    ),  # where it is asked; NULL: no chat
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("quizzes_by_student", "student_id", "state"),
    sqlite_autoincrement=True,
)

quiz_items = Table(
    "quiz_items",  # what a quiz asks, with the key, from the start: the next one never depends on a model
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("quiz_id", Id, ForeignKey("quizzes.id", ondelete="CASCADE"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("kind", String(16), nullable=False),  # short | choice | ox | explain
    Column("question", Words, nullable=False),
    Column("topic", Line, nullable=False, default=""),
    Column("answers", Values, nullable=False),
    Column("answer_type", Line, nullable=False, default=""),
    Column("choices", Values, nullable=False, default=list),
    Column("state", String(16), nullable=False),  # waiting | asked | answered | given_up
    Column("hints", SmallInteger, nullable=False, server_default="0"),  # steps of its ladder that were said
    Column("card_id", Id, ForeignKey("cards.id", ondelete="CASCADE")),
    Column("problem_id", Id, ForeignKey("problems.id", ondelete="SET NULL")),
    Column("archival_id", Id, ForeignKey("archival.id", ondelete="SET NULL")),
    UniqueConstraint("quiz_id", "place"),
    Index("quiz_items_by_quiz", "student_id", "quiz_id"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("item_id", Id, ForeignKey("quiz_items.id", ondelete="SET NULL")),
    Column("problem_id", Id, ForeignKey("problems.id", ondelete="SET NULL")),
    Column("card_id", Id, ForeignKey("cards.id", ondelete="CASCADE")),
    Column("topic", Line, nullable=False, default=""),
    Column("response", Words, nullable=False),  # verbatim
    Column("correct", Float),  # 0 | 0.5 | 1; NULL where nobody has graded it
    Column("graded_by", String(16), nullable=False),  # code | model | student | nobody
    Column("reason", Words, nullable=False, default=""),
    Column("hints_used", SmallInteger, nullable=False, default=0),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE")),
    Column("at", UtcDateTime, nullable=False),
    Index("attempts_by_topic", "student_id", "topic", "at"),
    Index("attempts_by_item", "student_id", "item_id"),
    sqlite_autoincrement=True,
)

misconceptions = Table(
    "misconceptions",  # what is hard for the student or held wrongly; its state follows from its events
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("topic", Line, nullable=False),
    Column("topic_key", Line, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("student_id", "topic_key"),
    sqlite_autoincrement=True,
)

misconception_events = Table(
    "misconception_events",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("misconception_id", Id, ForeignKey("misconceptions.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),  # seen | asked | claimed | right
    Column("words", Words, nullable=False, default=""),  # the student's, verbatim
    # None for an answer in a quiz, and where an earlier version kept no message.
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE")),
    Column("at", UtcDateTime, nullable=False),
    Column("day", String(10), nullable=False),  # ISO 8601, the student's own
    UniqueConstraint("misconception_id", "message_id", "kind"),
    Index("misconception_events_by_message", "message_id"),
    sqlite_autoincrement=True,
)

study_goals = Table(
    "study_goals",  # what a plan needs besides the exam or goal itself, which is a fact: its subject is the link
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("subject", Line, nullable=False),
    Column("minutes", Integer, nullable=False),  # a day
    Column("topics", Values, nullable=False, default=list),  # [] is the whole course
    Column("state", String(16), nullable=False),  # active | done | dropped
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("student_id", "subject"),
    sqlite_autoincrement=True,
)

acronyms = Table(
    "acronyms",  # what an acronym stands for, by the passage that spells it out or the message that brought it in
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    Column("short", Line, nullable=False),
    Column("long", Line, nullable=False),
    Column("archival_id", Id, ForeignKey("archival.id", ondelete="CASCADE")),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE")),
    Column("source", Line, nullable=False, default=""),  # an address; of a passage its row says it
    Column("trust", String(16), nullable=False),
    Column("chosen", Boolean, nullable=False, default=False),  # the student said that they mean this one
    Column("created_at", UtcDateTime, nullable=False),
    Index("acronyms_by_short", "student_id", "short"),
    sqlite_autoincrement=True,
)

promises = Table(
    "promises",  # what the professor promised for another time
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    # The student's message in whose turn it was made; it goes with it.
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("text", Words, nullable=False),
    Column("state", String(16), nullable=False),  # open | kept | dismissed
    Column("made_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Index("promises_by_student", "student_id", "state"),
    sqlite_autoincrement=True,
)

postings = Table(
    "postings",
    metadata,
    Column("student_id", Id, primary_key=True),
    Column("scope", SmallInteger, primary_key=True),  # 0 recall, 1 archival
    Column("term", Text, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("tf", SmallInteger, nullable=False),
    Index("postings_by_item", "student_id", "scope", "item_id"),
    sqlite_with_rowid=False,
)

doc_lengths = Table(
    "doc_lengths",  # one row per searchable item: its length, for BM25
    metadata,
    Column("student_id", Id, primary_key=True),
    Column("scope", SmallInteger, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("length", Integer, nullable=False),
    sqlite_with_rowid=False,
)

embedders = Table(
    "embedders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("dimensions", Integer, nullable=False),
    Column("calibration", JSON, nullable=False),  # votes per language, unrelated mean and deviation
    Column("active", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("student_id", Id, primary_key=True),
    Column("scope", SmallInteger, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("embedder_id", Integer, ForeignKey("embedders.id", ondelete="CASCADE"), primary_key=True),
    # students.change_seq at the time: what the index's watermark counts
    Column("seq", BigInteger, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),  # float16, little-endian, (parts, dimensions)
    Index("vectors_by_seq", "student_id", "embedder_id", "seq"),
)

embed_queue = Table(
    "embed_queue",  # committed with its item, removed with its vectors: what still has to be embedded
    metadata,
    Column("student_id", Id, primary_key=True),
    Column("scope", SmallInteger, primary_key=True),
    Column("item_id", Id, primary_key=True),
)

tombstones = Table(
    "tombstones",  # what was forgotten and may still be in the index; ids only
    metadata,
    Column("student_id", Id, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("scope", SmallInteger, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("parts", SmallInteger, nullable=False),
)

usage = Table(
    "usage",
    metadata,
    Column("id", Id, primary_key=True),
    _student(),
    # What was spent stays spent when the conversation is deleted.
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="SET NULL")),
    Column("turn_id", Id, ForeignKey("turns.id", ondelete="SET NULL")),
    Column("purpose", String(16), nullable=False, default="turn"),  # turn | compaction | consolidation
    Column("model", Line, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("reasoning_tokens", Integer, nullable=False, default=0),
    Column("estimated", Boolean, nullable=False, default=False),  # the server gave no usage
    Column("seconds", Float, nullable=False),
    Column("first_token_seconds", Float),
    # Money is Decimal kept as text: exact on every database.
    Column("usd", Text),  # None: no price is known
    Column("local", Boolean, nullable=False, default=False),
    Column("prices", JSON(none_as_null=True)),  # unit prices in USD per million tokens, as text
    Column("krw_rate", Text),
    Column("krw_rate_date", String(10)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("usage_by_student", "student_id", "created_at"),
    sqlite_autoincrement=True,
)

token_calibrations = Table(
    "token_calibrations",
    metadata,
    Column("model", Line, primary_key=True),
    Column("estimated", Float, nullable=False),  # decayed sums: provider's count / our estimate is the factor
    Column("counted", Float, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

settings = Table(
    "settings",  # facts about this store itself, such as the embedder it was begun with
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)
