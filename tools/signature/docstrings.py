"""What a docstring says: of the function, and of each parameter. Google's, NumPy's and Sphinx' ways to write it are read."""

from __future__ import annotations

from collections.abc import Callable, Collection

from docstring_parser import Docstring, ParseError, epydoc, numpydoc, rest
from docstring_parser.google import DEFAULT_SECTIONS, GoogleParser, Section, SectionType

_ASIDES = ("Note", "Notes", "Warning", "Warnings", "Hint", "Tip", "Important", "See Also", "References")
_GOOGLE = GoogleParser([*DEFAULT_SECTIONS, *(Section(name, name, SectionType.SINGULAR) for name in _ASIDES)])
_STYLES = (_GOOGLE.parse, numpydoc.parse, rest.parse, epydoc.parse)
_NOT_TOLD = {"raises", "raise", "except", "exception", "deprecated"}
"""Sections that a model has no use for; those of parameters go into the schema."""


def read_docstring(text: str, parameters: Collection[str]) -> tuple[str, dict[str, str]]:
    """Split a docstring into what it says of the function and what it says of each parameter.

    Args:
        text: The docstring, its margin taken off.
        parameters: The function's own; the way of writing that documents most of them is the one it is read in.
    """
    read = [found for style in _STYLES if (found := _read(text, style))]
    best = max(read, key=lambda found: _score(found, parameters), default=Docstring())
    documented = {p.arg_name: _line(p.description) for p in best.params if p.args[0] != "attribute"}
    return _told(best), documented


def _read(text: str, style: Callable[[str], Docstring]) -> Docstring | None:
    try:
        return style(
            f"\n{text}"
        )  # or the margin of what follows a heading in the first line would be taken off
    except ParseError:
        return None


def _score(read: Docstring, parameters: Collection[str]) -> tuple[int, int]:
    """How many parameters are found, and then how few words are left over for the description."""
    found = sum(p.arg_name in parameters and bool(p.description) for p in read.params)
    return found, -len(read.description or "") if read.meta else -1_000_000


def _told(read: Docstring) -> str:
    first, _, rest = (read.description or "").strip().partition("\n\n")
    parts = [_line(first), rest.strip()]
    for section in read.meta:
        name = section.args[0]
        if section in read.params or name in _NOT_TOLD or not section.description:
            continue
        parts.append(f"{name.capitalize()}: {section.description.strip()}")
    return "\n\n".join(part for part in parts if part)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
