"""The student's yes to what stands in a folder of tools, as `officehours tools enable` gives it."""

from __future__ import annotations

from pathlib import Path

from officehours.tools.user_files.consent import Consent
from officehours.tools.user_files.finding import find


def say_yes(folder: Path) -> None:
    for file in find(folder).files:
        Consent(folder).answer(file.parts, "yes")
