from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from officehours.memory.errors import PersonaError, UsageError
from officehours.persona import registry
from officehours.persona.exchange import Exchange
from officehours.persona.lines import OCCASIONS
from officehours.persona.lint import lint
from officehours.persona.spec import Persona
from officehours.persona.template import new

pytestmark = pytest.mark.checkout

GOOD = """\
---
id: lee
names: {ko: 이 교수, en: Professor Lee}
languages: [ko, en]
voice: calm
rules:
  - rule: Polite.
    check: polite_korean
  - rule: Brief.
    check: max_words
    options: {words: 5}
  - rule: Kind.
    unchecked: true
lines:
  greeting:
    ko: ["어서 와요, {name}.", "어서 와요."]
---
Common words.

# ko

한국어 말.

## English

English words.
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def refusal(path: Path) -> PersonaError:
    with pytest.raises(PersonaError) as caught:
        registry.load(path)
    assert caught.value.ko != caught.value.en
    return caught.value


def test_a_file_becomes_a_persona(tmp_path: Path) -> None:
    persona = registry.load(write(tmp_path, "lee.md", GOOD))
    assert (persona.id, persona.voice, persona.languages) == ("lee", "calm", ("ko", "en"))
    assert persona.name("ko") == "이 교수"
    assert (
        persona.render("ko") == "당신은 이 교수입니다. 자신을 이렇게 소개합니다:\nCommon words.\n한국어 말."
    )
    assert persona.render("en") == (
        "You are Professor Lee. You describe yourself like this:\nCommon words.\nEnglish words."
    )
    assert persona.tools is None
    assert [(rule.check, dict(rule.options)) for rule in persona.rules] == [
        ("polite_korean", {}),
        ("max_words", {"words": 5}),
        (None, {}),
    ]


def test_its_promises_are_checked_with_their_options(tmp_path: Path) -> None:
    persona = registry.load(write(tmp_path, "lee.md", GOOD))
    broken = persona.broken(Exchange("이것은 아주 길고 또 무례한 말이다."))
    assert [(b.violation.check, b.hard) for b in broken] == [("polite_korean", True), ("max_words", False)]
    assert persona.broken(Exchange("짧게 말할게요.")) == []


def test_a_language_the_professor_does_not_speak_gets_the_main_one(tmp_path: Path) -> None:
    persona = registry.load(write(tmp_path, "lee.md", GOOD.replace("languages: [ko, en]", "languages: [en]")))
    assert persona.render("ko") == persona.render("en")
    assert "English words." in persona.render("ko")


def test_set_phrases_use_what_is_known_and_take_turns(tmp_path: Path) -> None:
    persona = registry.load(write(tmp_path, "lee.md", GOOD))
    assert persona.line("greeting", "ko", name="민지") == "어서 와요, 민지."
    assert persona.line("greeting", "ko", name="") == "어서 와요."
    assert persona.line("unknown", "en", topic="Bayes").endswith("Bayes.")
    twice = replace(persona, lines={"thanks": {"en": ("one", "two")}})
    assert [twice.line("thanks", "en", turn) for turn in range(3)] == ["one", "two", "one"]


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("check: polite_korean", "check: polite_korea"), 8, "did you mean `polite_korean`?"),
        (("check: polite_korean", "check: sings"), 8, "known: acronym_spelled_out"),
        (("options: {words: 5}", "options: {word: 5}"), 11, "takes: words"),
        (("    unchecked: true\n", ""), 12, "`unchecked: true`"),
        (("    unchecked: true", "    unchecked: true\n    check: max_words"), 12, "`unchecked: true`"),
        (("voice: calm", "voise: calm"), 5, "did you mean `voice`?"),
        (("languages: [ko, en]", "languages: [ko, fr]"), 4, "got 'fr'"),
        (("languages: [ko, en]", ""), 2, "`languages` is missing"),
        (("names: {ko: 이 교수, en: Professor Lee}", "names: {ko: 이 교수}"), 3, "no name for `en`"),
        (("id: lee", "id: Lee"), 2, "lower-case letters"),
        (("id: lee", "id: kim"), 2, "must agree"),
        (("id: lee\n", ""), 2, "`id` is missing"),
        (("voice: calm", "voice: [calm"), 6, "expected"),
        (("  greeting:", "  greetings:"), 15, "there is no occasion `greetings`"),
        (("{name}.", "{nmae}."), 16, "{nmae} means nothing here; allowed: {name}"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(
    tmp_path: Path, change: tuple[str, str], line: int, words: str
) -> None:
    path = write(tmp_path, "lee.md", GOOD.replace(*change))
    error = refusal(path)
    assert words in error.en
    assert error.en.startswith(f"{path}:{line}: ")
    assert error.ko.startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no front matter", "front matter between two lines"),
        ("", "front matter"),
        ("---\n- a\n- b\n---\nx", "front matter"),
        ("---\n---\nx", "front matter"),
        ("---\nid: lee\nnames: {en: Lee}\nlanguages: [en]\n---\n", "there is no body"),
        ("---\nid: lee\nextends: nobody\n---\n", "no persona `nobody`"),
    ],
)
def test_half_a_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(write(tmp_path, "lee.md", text)).en


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lee.md"
    path.write_bytes(GOOD.encode("cp949"))
    assert "not UTF-8" in refusal(path).en


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "lee.md").en


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "run"
    text = GOOD.replace("voice: calm", f"voice: !!python/object/apply:os.mkdir ['{mark}']")
    refusal(write(tmp_path, "lee.md", text))
    assert not mark.exists()


def test_an_unknown_persona_is_answered_with_those_there_are() -> None:
    with pytest.raises(PersonaError, match=r"did you mean `kim-yongdam`.*harriet-ashdown, kim-yongdam"):
        registry.find("kim-yondam")


def test_the_users_own_comes_first_and_may_extend_ours(tmp_path: Path) -> None:
    write(
        tmp_path,
        "kim-yongdam.md",
        """\
        ---
        id: kim-yongdam
        extends: kim-yongdam
        tools: [calculate]
        lines:
          thanks: {ko: [별말씀을요.]}
        ---
        """,
    )
    ours, own = registry.find("kim-yongdam"), registry.find("kim-yongdam", tmp_path)
    assert own.tools == {"calculate"}
    assert own.render("ko") == ours.render("ko")
    assert own.rules == ours.rules
    assert own.line("thanks", "ko") == "별말씀을요."
    assert own.line("thanks", "en") == ours.line("thanks", "en")


def test_two_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        write(tmp_path, f"{one}.md", f"---\nid: {one}\nextends: {other}\n---\n")
    with pytest.raises(PersonaError, match="no persona"):
        registry.find("a", tmp_path)


def test_a_path_names_a_persona_too(tmp_path: Path) -> None:
    path = write(tmp_path, "lee.md", GOOD)
    assert registry.find(str(path)).id == "lee"


def test_all_gives_those_that_work_and_problems_the_others(tmp_path: Path) -> None:
    write(tmp_path, "lee.md", GOOD)
    write(tmp_path, "broken.md", "nothing")
    assert [persona.id for persona in registry.all(tmp_path)] == ["kim-yongdam", "harriet-ashdown", "lee"]
    assert [persona.id for persona in registry.all()] == ["kim-yongdam", "harriet-ashdown"]
    (problem,) = registry.problems(tmp_path)
    assert "broken.md:1" in problem.en


@pytest.mark.parametrize("persona", registry.all(), ids=lambda persona: persona.id)
def test_our_professors_are_bilingual_and_hold_to_what_they_promise(persona: Persona) -> None:
    assert lint(persona) == []
    assert set(persona.languages) == {"ko", "en"}
    for language in persona.languages:
        assert len(persona.render(language)) < 800
        for occasion in OCCASIONS:
            assert persona.line(occasion, language, name="", topic="x")


def test_our_professors_sound_different() -> None:
    one, two = registry.find("kim-yongdam"), registry.find("harriet-ashdown")
    for language in ("ko", "en"):
        for occasion in OCCASIONS:
            assert one.line(occasion, language, name="A", topic="x") != two.line(
                occasion, language, name="A", topic="x"
            )


def test_lint_says_what_could_be_better(tmp_path: Path) -> None:
    rude = (
        GOOD.replace("어서 와요.", "빨리 앉아라.")
        .replace("한국어 말.", "가" * 400)
        .replace("voice: calm\n", "")
    )
    persona = registry.load(
        write(tmp_path, "lee.md", rude.replace("languages: [ko, en]", "languages: [ko, en]\ntools: [fly]"))
    )
    said = "\n".join(finding.en for finding in lint(persona, ["calculate"]))
    assert "`lines.greeting.ko` breaks `polite_korean`: 빨리 앉아라." in said
    assert "the body for `ko` has" in said
    assert "`voice` is missing" in said
    assert "`lines.thanks.en` is missing" in said
    assert "there is no tool `fly`" in said


def test_a_new_persona_can_be_used_at_once(tmp_path: Path) -> None:
    path = new("park-ji-woo", tmp_path / "personas")
    persona = registry.load(path)
    assert persona.name("en") == "Professor Park Ji Woo"
    assert lint(persona) == []
    with pytest.raises(UsageError, match="exists already"):
        new("park-ji-woo", tmp_path / "personas")
    with pytest.raises(UsageError, match="lower-case"):
        new("../evil", tmp_path / "personas")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "personas").write_text("a file", encoding="utf-8")
    with pytest.raises(PersonaError, match="cannot be written"):
        new("lee", tmp_path / "personas")


def test_importing_the_spec_loads_neither_pydantic_nor_yaml() -> None:
    code = "import sys, officehours.persona.spec; print(sorted({'pydantic', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
