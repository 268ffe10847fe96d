from __future__ import annotations

import re
from pathlib import Path

import pytest

from program import officehours

COURSE = Path(__file__).parents[2] / "examples" / "ai-basics" / "08-lora-dora.md"
QUESTION = "What is <script>alert(1)</script> | in the proof of Fermat's theorem?"
ADDRESS = re.compile(r"https?:[^\"<>\s]+|url\(|@import|<script|\bsrc=|\bhref=")


@pytest.fixture
def studied(own_home: Path) -> Path:
    """A student who asked, reviewed twice and answered a quiz."""

    def on(day: int, *arguments: str | Path, stdin: str = "", hour: int = 10) -> None:
        now = f"2026-11-{day:02}T{hour}:00:00+09:00"
        officehours(*arguments, home=own_home, stdin=stdin, OFFICEHOURS_NOW=now)

    on(1, "ingest", COURSE)
    on(1, "chat", stdin=f"What is LoRA?\nBackpropagation confuses me.\n{QUESTION}\n")
    on(1, "cards", "make", "LoRA")
    on(1, "review", stdin="\n3\n" * 3 + "q\n", hour=11)
    on(5, "review", stdin="\n3\n\n1\nq\n", hour=15)
    on(5, "quiz", "-n", "1", stdin="Low-Rank Adaptation\ny\n", hour=16)
    return own_home


def report(home: Path, *arguments: str | Path, **env: str):
    return officehours("report", *arguments, home=home, OFFICEHOURS_NOW="2026-11-26T10:00:00+09:00", **env)


def test_every_number_of_a_report_stands_with_its_rows(studied: Path):
    found = report(studied, "--json").json
    assert [day["day"] for day in found["days"]] == ["2026-11-01", "2026-11-05"]
    assert found["days"][0]["sessions"] == ["s1"]
    counted = [*found["days"], *found["topics"], *found["known"], *found["forgetting"], *found["questions"],
               *found["hard"], *found["cost"]]  # fmt: skip
    assert all(part["ids"] for part in counted)
    assert [item["text"] for item in found["questions"]] == [QUESTION]
    assert [(item["topic"], item["state"]) for item in found["hard"]] == [("Backpropagation", "suspected")]
    (known,) = found["known"]
    assert known["mastery"]["attempts"] == 1
    assert 0 < known["mastery"]["retrievability"] < 1
    assert (len(found["kept"]["first"]), len(found["kept"]["late"])) == (3, 2)
    (point,) = found["forgetting"]
    assert (point["first_day"], point["remembered"], point["ids"]) == (4, 0.5, ["r4", "r5"])

    later = report(studied, "--json", "--since", "2026-11-05").json
    assert [day["day"] for day in later["days"]] == ["2026-11-05"]
    assert later["known"] == found["known"]


def test_a_page_stands_by_itself_in_either_language(studied: Path):
    for language, words in (("ko", "망각 곡선"), ("en", "Forgetting curve")):
        officehours("config", "set", "language", language, home=studied)
        done = report(studied, "--out", studied / "report.html")
        page = (studied / "report.html").read_text(encoding="utf-8")
        assert words in page, done
        assert {found for found in ADDRESS.findall(page) if "www.w3.org" not in found} == set()
        assert page.count("<svg") == 3
        assert "&lt;script&gt;alert(1)" in page
        assert words in report(studied).out
        markdown = report(studied, "--format", "md").out
        assert f"## {words}" in markdown
        assert r"\<script\>alert(1)\</script\> \| in" in markdown


@pytest.mark.parametrize(
    "arguments", [("--since", "tomorrow"), ("--since", "whenever"), ("--format", "pdf"), ("--out", "no/such/x.md")]
)  # fmt: skip
def test_what_cannot_be_reported_is_said_in_a_sentence(own_home: Path, arguments: tuple[str, ...]):
    officehours("chat", home=own_home, stdin="hello")
    refused = report(own_home, *arguments)
    assert refused.code in {2, 5}
    assert "Traceback" not in refused.err
    assert not refused.out
