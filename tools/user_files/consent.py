"""To which files the student said yes, and to which no: a word is given to a content, not to a name (docs/adr/0035)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from ...memory.private import read_table, replace_private
from .finding import SourceFile, ToolFile

Answer = Literal["yes", "no"]

FILE = "approved-tools.json"
"""In the home, not among the tools: a folder of tools that comes from somebody else must not bring its own yes."""


class Consent:
    """The answers that are kept beside a folder of tools.

    Args:
        folder: The tools' folder; the answers stand beside it.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder.with_name(FILE)
        self._answers = _read(self.file)

    def to(self, digest: str) -> Answer | None:
        """Give the answer to a content; None where nobody was asked."""
        return self._answers.get(digest, (None, ""))[0]

    def to_file(self, file: ToolFile) -> Answer | None:
        """Give the answer to all that runs when a file is imported: yes if it is yes to every part."""
        answers = {self.to(part.digest) for part in file.parts}
        return "no" if "no" in answers else None if None in answers else "yes"

    def unasked(self, file: ToolFile) -> list[SourceFile]:
        """Give the parts of a file that nobody said yes to."""
        return [part for part in file.parts if self.to(part.digest) != "yes"]

    def changed(self, file: ToolFile) -> bool:
        """Whether another content of that file was answered to before."""
        return any(name == str(file.path) for _answer, name in self._answers.values())

    def answer(self, parts: Iterable[SourceFile], answer: Answer) -> None:
        """Keep an answer to what these files hold now; older contents of theirs are forgotten."""
        self.keep({part.digest: (answer, str(part.path)) for part in parts})

    def keep(self, new: Mapping[str, tuple[Answer, str]]) -> None:
        """Keep answers by what they are to; each names whose they are, and takes the place of the one before."""
        names = {name for _answer, name in new.values()}
        old = {key: value for key, value in _read(self.file).items() if value[1] not in names}
        self._answers = {**old, **new}
        content = {key: {"answer": answer, "of": name} for key, (answer, name) in self._answers.items()}
        replace_private(self.file, json.dumps(content, indent=1, ensure_ascii=False))


def _read(file: Path) -> dict[str, tuple[Answer, str]]:
    """Read the answers; from a file that is not there or no longer what was written, none: then it is asked again."""
    answers: dict[str, tuple[Answer, str]] = {}
    for key, value in read_table(file).items():
        match value:
            case {"answer": "yes" | "no" as answer, "of": str(name)}:
                answers[key] = (answer, name)
            case _:
                pass
    return answers
