"""A report for the terminal: lines that align, each with a few of its ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..terminal.columns import columns
from ..terminal.say import localized
from .tables import Table, few_ids, ids_note


def terminal(title: str, tables: Iterable[Table]) -> str:
    """Give a report as text."""
    return "\n".join([title, *(line for table in tables for line in _lines(table)), "", ids_note()])


def _lines(table: Table) -> Iterator[str]:
    yield ""
    yield table.title
    if not table.rows:
        yield localized("  nothing yet", "  아직 없습니다")
        return
    rows = [(*table.head, localized("from", "근거")), *((*row.cells, few_ids(row.ids)) for row in table.rows)]
    for line in columns(rows, right=table.numbers):
        yield f"  {line}"
