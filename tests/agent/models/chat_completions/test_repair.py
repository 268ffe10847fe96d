from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from officehours.agent.models.chat_completions.repair import _LATEX, UnmendableError, mend

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("", {}),
        ("null", {}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{'a': 'it\\'s'}", {"a": "it's"}),
        ("{a: 1, b_2: 2}", {"a": 1, "b_2": 2}),
        ('{"a": True, "b": False, "c": None}', {"a": True, "b": False, "c": None}),
        ('```json\n{"a": 1,}\n```', {"a": 1}),
        ('```\n{"a": 1}', {"a": 1}),
        ('{"a": {"b": [1, {"c": 2', {"a": {"b": [1, {"c": 2}]}}),
        ('{"a": 1}{"a": 1}', {"a": 1}),
        ('{}{"a": 1}', {"a": 1}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('"{\\"a\\": 1,}"', {"a": 1}),
        ('[{"a": 1}]', {"a": 1}),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ('{"a": "He said "hi" to me"}', {"a": 'He said "hi" to me'}),
        ('{"a": "\\d+ \\(x\\)",}', {"a": "\\d+ \\(x\\)"}),
        ('{"a": "\\ud83d\\ude00",}', {"a": "😀"}),
        ('{"a": "\\ud83d",}', {"a": "\ufffd"}),
        ("{“a”: “안녕”}", {"a": "안녕"}),
        ('{"a": """x "y" z"""}', {"a": 'x "y" z'}),
        ('{"a": 1 /* one */, // two\n "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": -1.5e3, "b": 1_000, "c": .5,}', {"a": -1500.0, "b": 1000, "c": 0.5}),
        ('{"a": NaN}', {"a": None}),
        ('Here you are: {"a": 1}', {"a": 1}),
        ('{"a": 1}</tool_call>', {"a": 1}),
        ('{"name": "web_search", "arguments": {"a": 1}}', {"a": 1}),
        ('{"name": "web_search", "parameters": "{\\"a\\": 1}"}', {"a": 1}),
        ('{"name": "Mina", "arguments": {"a": 1}}', {"name": "Mina", "arguments": {"a": 1}}),
        ("{'a': 'it's', 'b': [1 2]", {"a": "it's", "b": [1, 2]}),
        ('{"a": "x\\n", "b": "",}', {"a": "x\n", "b": ""}),
        ('{"a": [1, 2}, "b": 3}', {"a": [1, 2], "b": 3}),
        ('{"a": 1,} That\'s all.', {"a": 1}),
    ],
)
def test_what_is_nearly_json_is_mended(broken: str, meant: dict[str, Any]) -> None:
    assert json.loads(mend(broken, "web_search")) == meant


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ('{"a": "cut in the mid', "cut off"),
        ('{"a": ', "cut off"),
        ('{"a"', "must be a JSON object"),
        ('{"a" 1}', "cut off"),
        ('{"a": , "b": 1}', "is missing"),
        ("no object", "not a JSON object"),
        ("[1, 2]", "must be a JSON object"),
        ('[{"a": 1}, {"b": 2}]', "must be a JSON object"),
        ("12", "must be a JSON object"),
        ('"words"', "must be a JSON object"),
        ('{"a": 1}{"a": 2}', "one call for each"),
        ('{"a": rm -rf}', "value was expected"),
        ('{"a": "one", "b": "two", "c', "cut off"),
        ('{"a": "one", "b"', "is missing"),
        ("{'a': 'say \"hi", "cut off"),
        ('{"a": 1, "b": tru', "value was expected"),
        ('{"a": 1}, {"b": 2}', "one call for each"),
        ('{"a": 1} and then {"b": 2}', "one call for each"),
        ('{"a": 10:30}', "is missing"),
        ('{"a": 1e999}', "too large"),
        ('{"a": 1e999,}', "too large"),
        ('{"a": 1' + "0" * 400 + "}", "too long"),
        ("{" * 5000, "too deeply"),
        ("[" * 100_000, "too deeply"),
        ('{"a":' * 5000, "too deeply"),
        ('{"a":' * 500 + "1" + "}" * 500, "too deeply"),
        ('{"a":' * 500 + "1", "too deeply"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused_with_a_reason(broken: str, why: str) -> None:
    with pytest.raises(UnmendableError, match=why):
        mend(broken)


FORMULA = r"\frac{1}{2} \\beta는 \theta, \nabla f \rho \times \text{if} x \to 0"


@pytest.mark.parametrize(
    "text", ['{"a": "%s"}', '{"a": "%s",}', "{'a': '%s'}", '{"a": "%s, \\alpha \\(x\\)"}']
)
def test_the_backslash_of_latex_is_kept(text: str) -> None:
    mended = json.loads(mend(text % FORMULA))["a"]

    assert mended.removesuffix(r", \alpha \(x\)") == FORMULA.replace("\\\\", "\\")


def test_line_ends_and_tabs_stay_what_they_are() -> None:
    text = r'{"a": "if x:\n\treturn y\nor \nnothing\r\nu = 3\tother"}'

    assert mend(text) == text


def test_json_that_was_quoted_again_and_again_is_unquoted() -> None:
    text = '{"a": 1}'
    for _ in range(5):
        text = json.dumps(text)

    assert json.loads(mend(text)) == {"a": 1}


@given(OBJECTS)
def test_json_comes_back_to_the_byte(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assume(
            not _LATEX.search(text)
        )  # "\\r" before "m" is taken for a command of LaTeX, as it is meant to be
        assert mend(text) == text


@given(
    st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii")))
)
def test_python_s_own_spelling_is_read(value: dict[str, Any]) -> None:
    plain = {k: v for k, v in value.items() if "\\" not in f"{k}{v}" and "'" not in f"{k}{v}" and k.isalpha()}
    printable = {k: v for k, v in plain.items() if not isinstance(v, str) or v.isprintable()}

    assert json.loads(mend(repr(printable))) == printable


@given(
    st.one_of(
        st.text(), st.text(st.sampled_from("{}[]\":,'\\ a1\n")), OBJECTS.map(lambda v: json.dumps(v)[:-1])
    )
)
def test_any_text_becomes_a_json_object_or_is_refused(text: str) -> None:
    try:
        mended = mend(text)
    except UnmendableError:
        return

    assert isinstance(json.loads(mended), dict)
