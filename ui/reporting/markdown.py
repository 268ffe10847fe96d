"""A report as Markdown: tables with every id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..terminal.say import localized
from .tables import Table, ids_note

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$!])")
"""What Markdown would read as a mark, the bar of a table among them."""


def markdown(title: str, tables: Iterable[Table]) -> str:
    """Give a report as the text of a file."""
    return "\n".join([f"# {title}", *(line for table in tables for line in _lines(table)), "", ids_note()])


def escaped(text: str) -> str:
    """Give a text that Markdown shows as it stands, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table_lines(
    head: Sequence[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()
) -> Iterator[str]:
    """Give a table of cells that are Markdown already.

    Args:
        numbers: Columns, from 0, that are set to the right.
    """
    right = frozenset(numbers)
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---:' if at in right else '---' for at in range(len(head)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _lines(table: Table) -> Iterator[str]:
    yield f"\n## {table.title}\n"
    if not table.rows:
        yield localized("Nothing yet.", "아직 없습니다.")
        return
    rows = ([*map(escaped, row.cells), " ".join(row.ids)] for row in table.rows)
    yield from table_lines([*map(escaped, table.head), localized("from", "근거")], rows, table.numbers)
