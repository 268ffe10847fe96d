"""`officehours cards import|export`: cards from Anki, tables and problem sets, and back to Anki or CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...agent.runtime import Runtime
from ...memory.errors import BadImport, OfficeHoursError, UsageError
from ...memory.transfer.cards.found import FoundCards
from ..runtime import open_for_command
from ..terminal.say import echo, localized, many, prefs, print_json, say, warn

TOLD = 5
"""How many cards that were passed over are named one by one; --json has all."""

FORMS = {".apkg": "apkg", ".csv": "csv"}


def import_files(files: Sequence[Path], student: str | None, *, as_json: bool) -> int:
    """Take files in, say what became of them, and give the exit code: 1 where one could not be read."""
    documents: list[dict[str, Any]] = []
    failed = False
    with open_for_command(student, create=True) as runtime:
        for file in files:
            try:
                taken = _problems(runtime, file) if file.suffix.lower() == ".jsonl" else _cards(runtime, file)
            except OfficeHoursError as error:
                if len(files) == 1:
                    raise
                taken, failed = {"en": error.en, "ko": error.ko}, True
                say(error.say(prefs.language))
            documents.append({"file": str(file), **taken})
    if as_json:
        print_json({"files": documents})
    return int(failed)


def export(file: Path, topic: str | None, form: str | None, student: str | None) -> None:
    """Write cards into a file.

    Raises:
        UsageError: The form is not known, or there is no card to write.
        StoreUnwritable: The file cannot be written.
    """
    from ...memory.transfer import write_text
    from ...memory.transfer.cards.anki_write import write_package
    from ...memory.transfer.cards.table import write_table

    chosen = form or FORMS.get(file.suffix.lower())
    if chosen not in FORMS.values():
        raise UsageError(
            "Name a file that ends in .apkg or .csv, or say --format apkg or csv.",
            ".apkg나 .csv로 끝나는 파일을 쓰거나 --format apkg, csv 중 하나를 써 주세요.",
        )
    with open_for_command(student) as runtime:
        cards = runtime.memories.cards.all(topic)
        if not cards:
            raise UsageError("There are no such cards to write.", "내보낼 카드가 없습니다.")
        if chosen == "apkg":
            write_package(cards, file, runtime.student.collection)
        else:
            write_text(file, write_table(cards))
    echo(localized(f"{many(len(cards), 'card')} in {file}.", f"카드 {len(cards)}장을 {file}에 저장했습니다."))


def _cards(runtime: Runtime, file: Path) -> dict[str, Any]:
    from ...memory.transfer.cards.anki_read import read_package
    from ...memory.transfer.cards.table import read_table
    from ...memory.transfer.files import read_text

    anki = file.suffix.lower() in {".apkg", ".colpkg"}
    found = read_package(file) if anki else read_table(read_text(file), file.name)
    counts = Counter(kept.status for kept in runtime.memories.cards.add_all(found.cards))
    if prefs.form == "text":
        echo(
            localized(
                f"{file}: {many(counts['made'], 'card')} new, {counts['changed']} changed, {counts['known']} there already.",
                f"{file}: 새 카드 {counts['made']}장, 바뀐 카드 {counts['changed']}장, 이미 있던 카드 {counts['known']}장.",
            )
        )
        _tell(found)
    return {
        **{status: counts[status] for status in ("made", "changed", "known")},
        "cloze": found.cloze,
        "without_media": found.media,
        "without_history": found.reviewed,
        "passed_over": {place: {"en": en, "ko": ko} for place, (en, ko) in found.unfit.items()},
    }


def _problems(runtime: Runtime, file: Path) -> dict[str, Any]:
    from ...memory.learner.problem_sets import read_problem_set
    from ...memory.transfer.files import read_text

    problems = list(read_problem_set(read_text(file), file.name))
    if not problems:
        raise BadImport(f"There is no problem in {file}.", f"{file}에 문제가 없습니다.")
    new, known = runtime.memories.quizzes.add_problems(problems, file.stem)
    if prefs.form == "text":
        echo(
            localized(
                f"{file}: {many(new, 'problem')} new, {known} there already.",
                f"{file}: 새 문제 {new}개, 이미 있던 문제 {known}개.",
            )
        )
    return {"problems": new, "known": known}


def _tell(found: FoundCards) -> None:
    """Say what was not taken along as it was."""
    if found.cloze:
        warn(
            f"{many(found.cloze, 'cloze card')}: a question with a gap, and what stands in it.",
            f"빈칸 카드 {found.cloze}장: 빈칸이 있는 질문과 그 답으로 바꾸었습니다.",
        )
    if found.media:
        warn(
            f"{many(found.media, 'card')} with pictures or sound: these are named in their place, not taken along.",
            f"그림이나 소리가 있는 카드 {found.media}장: 그 자리에 이름만 남기고 파일은 가져오지 않았습니다.",
        )
    if found.reviewed:
        warn(
            f"{many(found.reviewed, 'card')} reviewed before: their history stays in Anki, here they begin anew.",
            f"복습한 적이 있는 카드 {found.reviewed}장: 복습 기록은 가져오지 않아 여기서는 새로 시작합니다.",
        )
    if resting := sum(card.suspended for card in found.cards):
        warn(
            f"{many(resting, 'card')} suspended in Anki: kept, and not asked until `officehours cards suspend ID --off`.",
            f"Anki에서 보류한 카드 {resting}장: 가져왔지만 `officehours cards suspend ID --off` 전에는 묻지 않습니다.",
        )
    for place, (en, ko) in list(found.unfit.items())[:TOLD]:
        warn(f"Passed over, {en}: {place}", f"{ko}. 건너뜀: {place}")
    if (more := len(found.unfit) - TOLD) and more > 0:
        warn(f"Passed over likewise: {more} more.", f"그 밖에 {more}장도 건너뜀.")
