import json

import pytest

from officehours.memory.errors import BadImport
from officehours.memory.learner.problem_sets import Hint, Problem, read_problem_set

ROW = {
    "id": "a1",
    "course": "Algebra",
    "lesson": "2.1",
    "text": "Solve.",
    "question": "$$6(y-4)=-18$$",
    "answers": ["$$1$$"],
    "answer_type": "arithmetic",
    "choices": None,
    "hints": [
        {"type": "hint", "title": "Divide", "text": "By 6.", "answers": None},
        {"type": "scaffold", "title": "", "text": "What is left?", "answers": ["$$y-4=-3$$"]},
    ],
    "source": "OpenStax",
    "license": "CC BY 4.0",
}


def test_a_set_is_read_line_by_line():
    text = f"{json.dumps(ROW)}\n\n{json.dumps({'id': 2, 'question': 'a or b?', 'answers': ['a'], 'choices': ['a', 'b']})}\n"
    first, second = read_problem_set(text, "set.jsonl")
    assert first.hints == (
        Hint("hint", "Divide", "By 6."),
        Hint("scaffold", "", "What is left?", ("$$y-4=-3$$",)),
    )
    assert (first.lesson, first.license) == ("2.1", "CC BY 4.0")
    assert second == Problem("2", "a or b?", ("a",), choices=("a", "b"))


@pytest.mark.parametrize(
    "line",
    ["{", "[1]", json.dumps(ROW | {"id": ""}), json.dumps(ROW | {"answers": []}), json.dumps(ROW | {"choices": "a"}),
     json.dumps(ROW | {"hints": [{"type": "joke"}]}), json.dumps(ROW | {"question": {}}), "[" * 5000],
)  # fmt: skip
def test_a_line_that_is_no_problem_is_named(line):
    with pytest.raises(BadImport, match=r"set.jsonl, line 2: .+") as refused:
        list(read_problem_set(f"{json.dumps(ROW)}\n{line}\n", "set.jsonl"))
    assert "2번째 줄" in refused.value.ko
