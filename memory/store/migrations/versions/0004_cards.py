"""What is kept of learning: cards and their reviews, problems, quizzes, attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, those that others refer to first."""
    op.create_table(
        "cards",
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("archival_id", ID, nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=True),
        sa.Column("stability", sa.Float(), nullable=True),
        sa.Column("difficulty", sa.Float(), nullable=True),
        sa.Column("due", TIME, nullable=False),
        sa.Column("last_review", TIME, nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("deleted_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["archival_id"], ["archival.id"], ondelete="SET NULL"),
        sa.UniqueConstraint("student_id", "external_id"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("cards_by_due", "cards", ["student_id", "due"])
    op.create_table(
        "reviews",
        sa.Column("card_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("scheduled_days", sa.Float(), nullable=True),
        sa.Column("elapsed_days", sa.Float(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=True),
        sa.Column("stability", sa.Float(), nullable=True),
        sa.Column("difficulty", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], ondelete="CASCADE"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("reviews_by_card", "reviews", ["student_id", "card_id", "at"])
    op.create_index("reviews_by_time", "reviews", ["student_id", "at"])
    op.create_table(
        "fsrs_parameters",
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("log_loss", sa.Float(), nullable=False),
        sa.Column("default_log_loss", sa.Float(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("fsrs_parameters_by_student", "fsrs_parameters", ["student_id", "id"])
    op.create_table(
        "problems",
        sa.Column("problem_set", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answer_type", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("hints", sa.JSON(), nullable=False),
        sa.Column("license", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("student_id", "problem_set", "external_id"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("problems_by_topic", "problems", ["student_id", "topic"])
    op.create_table(
        "quizzes",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("again_of", ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["again_of"], ["quizzes.id"], ondelete="SET NULL"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("quizzes_by_student", "quizzes", ["student_id", "state"])
    op.create_table(
        "quiz_items",
        sa.Column("quiz_id", ID, nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answer_type", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("card_id", ID, nullable=True),
        sa.Column("problem_id", ID, nullable=True),
        sa.Column("archival_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["quiz_id"], ["quizzes.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["archival_id"], ["archival.id"], ondelete="SET NULL"),
        sa.UniqueConstraint("quiz_id", "place"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("quiz_items_by_quiz", "quiz_items", ["student_id", "quiz_id"])
    op.create_table(
        "attempts",
        sa.Column("item_id", ID, nullable=True),
        sa.Column("problem_id", ID, nullable=True),
        sa.Column("card_id", ID, nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("correct", sa.Float(), nullable=False),
        sa.Column("graded_by", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hints_used", sa.SmallInteger(), nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["quiz_items.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        *_own(),
        sqlite_autoincrement=True,
    )
    op.create_index("attempts_by_item", "attempts", ["student_id", "item_id"])
    op.create_index("attempts_by_topic", "attempts", ["student_id", "topic", "at"])


def _own() -> list[sa.schema.SchemaItem]:
    """What every table of a student's rows has."""
    return [
        sa.Column("id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    ]
