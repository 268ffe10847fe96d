"""A report as one page that stands by itself: its style and its plots are inside, and it may load nothing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ...agent.tutor.report import StudyReport
from ..terminal.say import localized
from .plots import plot
from .tables import Row, Table, few_ids, ids_note, report_tables, report_title

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --soft: #5c6370; --line: #d5d8dd;
  --first: #0b63ce; --second: #b3560b; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181c; --ink: #e8eaed; --soft: #a0a6b0; --line: #3a3f47; --first: #6aa9f4; --second: #f0a35e; }
}
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.ids, .note { color: var(--soft); font-size: .85rem; }
svg { max-width: 100%; height: auto; }
"""
"""Light and dark as the reader's machine is set."""


def page(found: StudyReport, language: str) -> str:
    """Give a report as an HTML file."""
    title = escape(report_title(found))
    return "\n".join([
        "<!doctype html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        # Should anything that was missed name an address, the browser does not go there.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        *(line for table in report_tables(found) for line in _section(found, table)),
        f'<p class="note">{escape(ids_note())}</p>',
        "</body>",
        "</html>",
    ])  # fmt: skip


def _section(found: StudyReport, table: Table) -> Iterator[str]:
    yield f"<section><h2>{escape(table.title)}</h2>"
    if table.plot and table.rows:
        yield plot(found, table.plot)
    if table.rows:
        yield "<table><thead><tr>"
        yield "".join(_cell("th", text, at, table) for at, text in enumerate(table.head))
        yield f"<th>{escape(localized('from', '근거'))}</th></tr></thead><tbody>"
        yield from (_line(row, table) for row in table.rows)
        yield "</tbody></table>"
    else:
        yield f"<p>{escape(localized('Nothing yet.', '아직 없습니다.'))}</p>"
    yield "</section>"


def _line(row: Row, table: Table) -> str:
    cells = "".join(_cell("td", text, at, table) for at, text in enumerate(row.cells))
    return f'<tr>{cells}<td class="ids">{_ids(row.ids)}</td></tr>'


def _cell(tag: str, text: str, at: int, table: Table) -> str:
    kind = ' class="number"' if at in table.numbers else ""
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def _ids(ids: tuple[str, ...]) -> str:
    """Give all ids; those that are many are folded away."""
    shown = escape(few_ids(ids))
    whole = escape(" ".join(ids))
    return whole if len(ids) <= 3 else f"<details><summary>{shown}</summary>{whole}</details>"
