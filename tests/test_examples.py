from __future__ import annotations

import re
import runpy
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = pytest.mark.checkout

COURSE = Path(__file__).parent.parent / "examples" / "ai-basics"
NOTES = sorted(COURSE.glob("[0-9][0-9]-*.md"))
SECTIONS = [
    "한 줄 정의",
    "왜 필요한가",
    "어떻게 동작하는가",
    "비교",
    "예시",
    "코드",
    "자주 하는 오해",
    "더 알아보기",
    "확인 문제",
]
IN_ENGLISH = {"한 줄 정의", "비교", "예시"}
MAX_WORDS = 120  # what the study model can quote in one breath

CODE_AND_OUTPUT = re.compile(
    r"^```python\n(?P<code>.*?)^```\n\n출력[^\n]*:\n```text\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL
)
HEADING = re.compile(r"(?P<marks>#{1,6}) (?P<title>.+)")
LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")

every_note = pytest.mark.parametrize("note", NOTES, ids=lambda note: note.stem)
every_page = pytest.mark.parametrize("page", [*NOTES, COURSE / "README.md"], ids=lambda page: page.stem)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[tuple[int, str]]:
    found = (HEADING.fullmatch(line) for line in without_code(text).splitlines())
    return [(len(match["marks"]), match["title"]) for match in found if match]


def passages(text: str) -> list[tuple[str, str, str]]:
    """Each passage under a heading, as (section, topic or "", body)."""
    parts = re.split(r"^(#{1,3}) (.+)$", without_code(text), flags=re.MULTILINE)
    section = ""
    found: list[tuple[str, str, str]] = []
    for marks, title, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        section = title if len(marks) == 2 else section
        if body.strip():
            found.append((section, title if len(marks) == 3 else "", body.strip()))
    return found


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, repeated ones numbered, as code hosts make them."""
    made: set[str] = set()
    for _, title in headings(read(path)):
        base = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        slug, number = base, 0
        while slug in made:
            number += 1
            slug = f"{base}-{number}"
        made.add(slug)
    return made


def test_the_course_has_twelve_notes_numbered_in_order() -> None:
    assert [note.stem[:2] for note in NOTES] == [f"{number:02}" for number in range(1, 13)]


@every_note
def test_a_note_has_one_bilingual_title_and_the_nine_sections_in_order(note: Path) -> None:
    found = headings(read(note))

    (level, title), *rest = found
    assert level == 1
    assert re.fullmatch(r".*[가-힣].* \([A-Z].+\)", title)
    assert [heading for depth, heading in rest if depth == 2] == SECTIONS
    assert all(after <= before + 1 for (before, _), (after, _) in pairwise(found))


@every_note
def test_no_section_of_a_note_is_empty(note: Path) -> None:
    filled = {section for section, _, _ in passages(read(note))}
    assert filled == set(SECTIONS)


@every_note
def test_definitions_open_with_the_name_of_their_topic_in_polite_korean(note: Path) -> None:
    for section, topic, body in passages(read(note)):
        if section != "한 줄 정의":
            continue
        definition = body.splitlines()[0]
        assert definition.startswith(topic)
        assert re.match(r"[^.]{1,40}?\(.+?\)[은는] ", definition), definition
        assert definition.endswith("니다.")


@every_note
def test_definition_comparison_and_example_carry_one_english_line_each(note: Path) -> None:
    for section, topic, body in passages(read(note)):
        english = [line for line in body.splitlines() if line.startswith("In English: ")]
        assert len(english) == (section in IN_ENGLISH), (section, topic)


@every_note
def test_passages_are_short_enough_to_quote(note: Path) -> None:
    for section, topic, body in passages(read(note)):
        prose = [line for line in body.splitlines() if not line.startswith(("|", "In English: "))]
        assert len(" ".join(prose).split()) <= MAX_WORDS, (section, topic)
        assert sum(line.startswith("|") for line in body.splitlines()) <= 2 + 6, (section, topic)


@every_note
def test_a_note_cites_papers_with_title_and_year_and_well_formed_arxiv_numbers(note: Path) -> None:
    further = next(body for section, _, body in passages(read(note)) if section == "더 알아보기")
    papers = [line for line in further.splitlines() if '"' in line]
    assert len(papers) >= 2
    for paper in papers:
        assert re.fullmatch(r'- [^"]+, "[^"]+", [^"]*\b(19|20)\d\d\b.*', paper), paper
    for number in re.findall(r"arXiv:([\d.]*\d)", further):
        assert re.fullmatch(r"(0[7-9]|1[0-4])\d\d\.\d{4}|(1[5-9]|2\d)\d\d\.\d{5}", number), number


@every_note
def test_a_note_ends_with_two_questions_that_are_answered(note: Path) -> None:
    questions = next(body for section, _, body in passages(read(note)) if section == "확인 문제")
    assert re.fullmatch(r"1\. .+\?\n> 정답: .+\n\n2\. .+\?\n> 정답: .+", questions)


@every_note
def test_code_prints_exactly_the_output_that_the_note_states(
    note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = read(note)
    blocks = list(CODE_AND_OUTPUT.finditer(text))
    assert len(blocks) == text.count("```python") >= 1

    for block in blocks:
        script = tmp_path / "block.py"
        script.write_text(block["code"], encoding="utf-8")
        runpy.run_path(str(script), run_name="__main__")
        assert capsys.readouterr().out == block["output"]


@every_page
def test_links_inside_the_course_resolve(page: Path) -> None:
    for target in LINK.findall(without_code(read(page))):
        name, _, anchor = target.partition("#")
        goal = page.parent / name if name else page
        assert goal.is_file(), target
        assert not anchor or anchor in anchors(goal), target


@every_page
def test_a_page_is_clean_composed_unicode(page: Path) -> None:
    raw = page.read_bytes()
    text = raw.decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert b"\r" not in raw
    assert text.endswith("\n")
    assert all(line == line.rstrip() for line in text.splitlines())


def test_the_readme_lists_every_note() -> None:
    assert {note.name for note in NOTES} <= set(LINK.findall(read(COURSE / "README.md")))
