from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from officehours.memory.transfer.splitter import ROOM, cut, slug


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("plain text", ["doc"]),
        ("", []),
        ("# Only a title", ["doc"]),
        ("# T\n\n## A\n\n## B\n\n## C\n\nx", ["t", "c"]),
        ("# T\n\n## A\n\n### A1\n\n### A2\n\n## B\n", ["a", "t"]),
        ("# A\n\nx\n\n# B", ["a", "a-2"]),
        (
            "<h1>T</h1>\n<h2 class='x'>A <em>b</em> &amp; c</h2>\n<p>x</p>\n\n<H3>\nD\n</H3>\n\ny",
            ["a-b-c", "a-b-c/d"],
        ),
        ("# T\n\n```\n<h2>no</h2>\n```\n\n<h2></h2>\n\n<!-- <h2>no</h2> -->\n\nx", ["t"]),
        ("# T ##\n\n## A \\##\n\nx\n\n###### F ######\n\ny\n\n####### no\n\nz", ["a", "a/f"]),
        ("1. Intro\n\n**Lecture 2**\n\nplain", ["doc"]),
        ("---\nNote: prose\n\nbetween two rules\n\n---\n\n# A\n\nx", ["a", "a-2"]),
        ("---\ntitle: Lecture 3: LoRA\ntags:\n- a\nlist: [\n  b\n]\n...\n# A\n\nx", ["a"]),
        ("# T\n\n```a`b\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n~~~a`b\n## no\n~~~\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n   ```\n   ## no\n   ```\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n    ```\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n> ```\n> ## no\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n1. ~~~\n   ## no\n\n   ## no\n   ~~~\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n```\n## no\n\n## never closed", ["t"]),
        ("# T\n\n```\n## no\n``` no end\n## no\n`````\n\n## A\n\nx", ["t", "a"]),
        ("before\n\n# A\n\nx\n\n# B\n\ny", ["doc", "a", "b"]),
        ("# T\n\n## A\n\nx\n\n## A\n\ny", ["a", "a-2"]),
        ("Title\n=====\n\nA\n---\n\nx\n\n- item\n---\n\ny", ["a"]),
        ("# T\n\n## A\n\nx\n\n## A\n\ny\n\n## A 2\n\nz", ["a", "a-2", "a-2-2"]),
        ("# T\n\n## `code` and **bold** [link](http://x)\n\nx", ["code-and-bold-link"]),
        ("~~~\n# no\n```\n## no\n~~~\n# Yes\n\nx", ["yes", "yes-2"]),
        ("# T\n\n### deep\n\nx\n\n## less deep\n\ny", ["deep", "less-deep"]),
        ("# T\r\r## A\r\rx\r\r## B\r\ry", ["a", "b"]),
        ("# T\r\n\r\n## A\r\n\r\nx", ["a"]),
        ("# T\n\n```ls -la``` lists files\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n````\n```\n## no\n````\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n- ```\n  # no\n  ```\n\n## A\n\nx", ["t", "a"]),
        ("# T\n\n<!--\n\n## no\n\n-->\n\n## A\n\nx", ["a"]),
        ("두 줄짜리\n제목\n===\n\nA\n-\n\nx", ["a"]),
        ("# T\n\n$$\na\n=\nb\n$$\n\n## A #\n\nx", ["t", "a"]),
        ("# T\n\n> # quoted\n\n    # indented\n\n##none\n\n#\n\nx", ["t"]),
        ("---\ntitle: T\n\ntags: [a]\n---\n# A\n\nx\n\n---\n\ny", ["a"]),
        ("---\n\n# A\n\nx\n\n---\n\n# B\n\ny", ["doc", "a", "b"]),
        (f"# T\n\n## {'긴 ' * 200}\n\nx", ["t"]),
    ],
)
def test_places_are_the_headings(text, places):
    assert [passage.locator for passage in cut(text, "doc")] == places


def test_slugs_keep_hangul():
    assert slug("활성화 함수: ReLU란?") == "활성화-함수-relu란"
    assert slug("!!!") == "section"


def test_long_sections_are_cut_between_paragraphs_and_sentences():
    paragraph = "이 문장은 꽤 길어서 여러 번 나오면 한 쪽을 채운다. " * 40
    text = f"# T\n\n## A\n\n{paragraph}\n\n" + "\n\n".join(f"문단 {at}." * 60 for at in range(6))
    passages = cut(text, "doc")
    assert all(len(passage.body) <= ROOM for passage in passages)
    assert [passage.locator for passage in passages] == [
        "a",
        *(f"a-{n}" for n in range(2, len(passages) + 1)),
    ]
    joined = "".join("".join(passage.body.split()) for passage in passages)
    assert joined == "".join(text.split("## A")[1].split())


def test_code_tables_and_lists_that_fit_are_never_torn():
    code = "```python\n" + "\n\n".join(f"x{at} = {at}" for at in range(80)) + "\n```"
    table = "| n | 값 |\n|---|---|\n" + "\n".join(f"| {at} | {'값' * 20} |" for at in range(30))
    points = "\n\n".join(f"- 항목 {at}. {'설명' * 30}" for at in range(14))
    blocks = ["before", code, "between", table, points, "after"]
    bodies = [passage.body for passage in cut("# T\n\n" + "\n\n".join(blocks), "doc")]
    assert all(any(block in body for body in bodies) for block in blocks)
    assert all(len(body) <= ROOM for body in bodies)


def test_what_does_not_fit_is_cut_between_rows_items_and_lines():
    code = "```python\n" + "\n".join(f"x{at} = {at}" for at in range(300)) + "\n```"
    table = "| n | 값 |\n|---|---|\n" + "\n".join(f"| {at} | {'값' * 20} |" for at in range(80))
    points = "\n".join(f"- 항목 {at}\n  {'설명' * 30}" for at in range(40))
    bodies = [passage.body for passage in cut(f"# T\n\n{code}\n\n## B\n\n{table}\n\n## C\n\n{points}", "doc")]
    kinds = [[body for body in bodies if body.startswith(mark)] for mark in ("```", "|", "-")]
    assert sum(map(len, kinds)) == len(bodies)
    assert all(body.startswith("```python\nx") and body.endswith("\n```") for body in kinds[0])
    assert all(body.startswith("| n | 값 |\n|---|---|\n| ") and body.endswith(" |") for body in kinds[1])
    assert all(body.startswith("- 항목 ") and body.endswith("설명") for body in kinds[2])
    assert all(len(body) <= ROOM for body in bodies)


LONG_LINE = " ".join(f"자막{at}" for at in range(17_000))


@pytest.mark.parametrize(
    "text",
    [
        LONG_LINE,
        "가" * 20_000,
        f"# T\n\n- {LONG_LINE}",
        f"| a |\n|---|\n| {LONG_LINE} |",
        f"| {LONG_LINE} |\n|---|\n| a |",
        f"```\n{LONG_LINE}\n```",
        f"```{LONG_LINE}\nx\n```",
        f"> {LONG_LINE}",
        f"    {LONG_LINE}",
        f"<div>{LONG_LINE}</div>",
        f"# {LONG_LINE}",
        f"{LONG_LINE}\n===",
        f"[a]: {LONG_LINE.replace(' ', '')}\n\nx",
    ],
    ids=lambda text: text[:8],
)
def test_no_text_makes_a_passage_that_is_too_long_and_nothing_is_lost(text):
    passages = cut(text, "doc")
    assert max(len(passage.text) for passage in passages) <= ROOM + len("doc\n\n")
    kept = "".join(passage.body for passage in passages)
    assert Counter(re.findall("[가-힣0-9]", text)) <= Counter(re.findall("[가-힣0-9]", kept))


def test_headings_with_nothing_below_them_are_kept_together_where_they_stand():
    passages = cut("# 계획\n\n## 1주 역전파\n\n## 2주 경사하강법\n\n## 3주\n\n글", "doc")
    assert [(passage.heading, passage.body) for passage in passages] == [
        ("계획", "## 1주 역전파\n\n## 2주 경사하강법"),
        ("계획 > 3주", "글"),
    ]


WHOLE = ["e\u0301", "👩\u200d👩\u200d👧", "🇰🇷", "👍🏽", "각", "ᄒᆞᆫ", "क्षि"]


@pytest.mark.parametrize("letter", WHOLE, ids=ascii)
@pytest.mark.parametrize("before", range(3))
def test_what_people_see_as_one_letter_is_not_torn(letter, before):
    letter = unicodedata.normalize("NFC", letter)
    bodies = [passage.body for passage in cut("x" * before + letter * 3_000, "doc")]
    assert len(bodies) > 1
    assert all(
        len(body) <= ROOM and body.removeprefix("x" * before).replace(letter, "") == "" for body in bodies
    )


def test_a_letter_without_end_is_torn():
    assert all(len(passage.body) <= ROOM for passage in cut("a" + "\u0315" * 5_000, "doc"))


FRAGMENTS = st.sampled_from(
    ["# {}", "## {} ##", "### {}", "{}\n===", "{}\n---", "<h2>{}</h2>", "<h1>{}\n</h1>", "{}", "- {}\n  - {}", "1. {}",
     "> {}", "> # {}", "```\n{}\n```", "```{}", "~~~~\n{}\n```", "    {}", "| {} |\n|---|\n| {} |", "| {} |", "[{}]: x",
     "**{}**", "<div>{}</div>", "<div>\n\n{}\n\n</div>", "$$\n{}\n=\n{}\n$$", "---", "***", "{}: {}", "![{}](y)",
     "`{}`", "{}\\", "", "[", "{} {} {}", "\t{}", "<b>{}", "&amp;{}", "{}\u2028{}", "{}\x0b{}", "{}\x1c{}", "{}\f{}"]
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(st.tuples(FRAGMENTS, st.sampled_from(["\n", "\n\n", " ", "\r", "\r\n\r\n"]))),
    st.integers(1, 400),
)
def test_every_word_of_a_document_is_in_a_passage_of_it(pieces, length):
    numbers = count()
    text = ""
    for fragment, end in pieces:
        words = [f"w{next(numbers)}x" * length for _ in range(fragment.count("{}"))]
        text += fragment.format(*words) + end
    passages = cut(text, "doc")
    found = "".join(f"{passage.heading}\n{passage.body}" for passage in passages)
    assert all(len(passage.body) <= ROOM for passage in passages)
    assert len({passage.locator for passage in passages}) == len(passages)
    missing = [number for number in range(next(numbers)) if f"w{number}x" not in found]
    assert missing == []


@pytest.mark.parametrize(
    "text",
    ["<h1>\n" * 50_000, "---\n" + "- a: b\n" * 20_000, "---\n" + "-a: b\n" * 20_000, "<h1>" * 50_000, "<!--" * 50_000,
     "> " * 5_000, "- " * 5_000, "[" * 50_000, "`" * 50_000, "![](" * 20_000, "|a" * 5_000 + "\n" + "|-" * 5_000,
     "\n".join("  " * depth + "- x" for depth in range(500)), "*" * 50_000, "[a]: " * 20_000, "# " + "#" * 50_000],
    ids=lambda text: ascii(text[4:12]),
)  # fmt: skip
def test_no_text_takes_time_that_grows_with_its_square(text):
    assert all(len(passage.body) <= ROOM for passage in cut(text, "doc"))
