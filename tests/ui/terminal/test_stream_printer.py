from __future__ import annotations

from collections.abc import Sequence

import pytest

from officehours.agent.events import Citation
from officehours.ui.terminal.rendering import Hint
from officehours.ui.terminal.stream_printer import MENTIONS, Blocks, MarkdownPrinter, Numbering, PlainPrinter

KNOWN = ("a12", "m7", "a3")


def cites(text: str) -> Sequence[Citation]:
    """Number the known ids that a text names, in the order of their first mention."""
    places = sorted((text.find(known), known) for known in KNOWN if known in text)
    return [Citation(n, known, "notes.md", None, "…") for n, (_, known) in enumerate(places, 1)]


def shown(text: str, size: int) -> str:
    numbering = Numbering(cites)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return "".join(numbering.take(piece) for piece in pieces) + numbering.rest()


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_ids_become_numbers_however_the_text_is_cut(size: int) -> None:
    text = "먼저 [m7], 그리고 [a12, m7]. 모르는 [a99]와 배열 a[i], 링크 [여기](x)"
    assert shown(text, size) == "먼저 [1], 그리고 [2][1]. 모르는 [a99]와 배열 a[i], 링크 [여기](x)"


def test_only_what_may_be_an_id_is_held_back() -> None:
    numbering = Numbering(cites)
    assert numbering.take("답은 [a1") == "답은 "
    assert numbering.take("2]") == "[1]"
    assert numbering.take("끝") == "끝"
    assert numbering.take(" [") == " "
    assert numbering.rest() == "["


def test_what_is_said_beside_an_answer_begins_on_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = PlainPrinter(cites)
    printer.write("답입니다 [a12")
    printer.pause()
    assert capsys.readouterr().out == "답입니다 [a12\n"
    printer.pause()
    printer.write("다음입니다.")
    printer.end()
    assert capsys.readouterr().out == "\n다음입니다.\n"
    printer.pause()
    printer.end()
    assert capsys.readouterr().out == ""


def blocks(text: str, size: int = 3) -> list[str]:
    cutter = Blocks()
    found = [b for at in range(0, len(text), size) for b in cutter.take(text[at : at + size])]
    return [block.strip("\n") for block in [*found, cutter.rest()] if block.strip()]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_paragraphs_are_blocks_of_their_own(size: int) -> None:
    assert blocks("하나\n두 줄\n\n둘\n\n\n셋", size) == ["하나\n두 줄", "둘", "셋"]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_list_whose_items_stand_apart_stays_whole(size: int) -> None:
    text = "1. 하나\n\n2. 둘\n\n   더\n\n끝"
    assert blocks(text, size) == ["1. 하나\n\n2. 둘\n\n   더", "끝"]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_fence_is_never_cut(size: int) -> None:
    code = "```python\na = 1\n\nb = 2\n```"
    assert blocks(f"앞\n\n{code}\n\n뒤", size) == ["앞", code, "뒤"]


def test_a_block_is_given_as_soon_as_the_next_one_begins() -> None:
    cutter = Blocks()
    assert list(cutter.take("첫 문단\n\n")) == []
    assert [block.strip() for block in cutter.take("둘")] == ["첫 문단"]


def test_each_source_is_looked_up_once_however_often_it_is_named() -> None:
    asked: list[str] = []

    def counting(said: str) -> Sequence[Citation]:
        asked.append(said)
        return cites(said)

    numbering = Numbering(counting)
    said = "".join(numbering.take("[a12] ") for _ in range(1000)) + numbering.rest()

    assert said == "[1] " * 1000
    assert asked == ["[a12]"]


def test_what_a_reply_names_without_end_is_looked_up_so_often_at_most() -> None:
    asked: list[str] = []

    def counting(said: str) -> Sequence[Citation]:
        asked.extend(said.split())
        return ()

    numbering = Numbering(counting)
    for n in range(3 * MENTIONS):
        numbering.take(f"[a{n}] ")

    assert len(asked) == MENTIONS


def test_what_is_taken_back_before_it_was_printed_is_never_seen(capsys: pytest.CaptureFixture[str]) -> None:
    printer = MarkdownPrinter(cites, Hint())

    printer.write("I should greet her.")
    seen = printer.take_back()
    printer.write("Hello, Mina.")
    printer.end()

    assert not seen
    assert "greet" not in capsys.readouterr().out
