import json
import random

import pytest

from officehours.agent.tutor.grading import AnswerKey, grade
from program import officehours

PARALLEL = ("Parallel", "Not Parallel")
INTERVALS = ("$$(-\\infty,6)$$", "$$(-\\infty,6]$$", "$$(6,\\infty)$$")

# A key, what is right, what is wrong.
FREE = [
    ("$$\\frac{1}{16}$$", ["1/16?", "16분의 1", "6.25%", "2^-4", "답은 0.0625예요", "x = \\frac{1}{16}"], ["16", "1/17", "-1/16"]),
    ("2^-20", ["1048576분의 1", "9.5e-7", "9.54 × 10⁻⁷"], ["2^20", "2^-19", "9.1e-7"]),
    ("35000", ["3만 5천", "35,000", "3.5e4원"], ["3만 5백", "35001"]),
    ("$$\\frac{7}{2}$$", ["3 1/2", "3½", "3.5"], ["7", "2/7", "3 1/3"]),
    ("$$0.8666$$", ["0.86664"], ["0.8667", "0.867", "1.8666"]),
    ("$$\\frac{1}{\\sqrt{2}}$$", ["√2/2", "sqrt(2)/2", "0.707"], ["sqrt(2)", "0.7", "0.717"]),
    ("$$16$$ $$m$$", ["16m", "16미터입니다", "1600 cm", "16"], ["16 kg", "16 cm", "17 m"]),
    ("$$x=-2$$", ["-2", "x는 -2", "−2 = x"], ["x = 2", "y = -2", "-2가 아니에요"]),
    ("$$3-h^2$$", ["-h²+3", "3 - h*h"], ["h^2-3", "3-h", "9-h^2"]),
    ("$$\\left(8y-5\\right)^2$$", ["64y^2 - 80y + 25", "(5-8y)(5-8y)"], ["(8y+5)^2"]),
    ("$$\\frac{x^2}{100}+\\frac{y^2}{64}=1$$", ["64x^2+100y^2=6400"], ["64x^2-100y^2=6400"]),
    ("$$f(x)=2\\left(x-1.5\\right)^2-4.5$$", ["y = 2x^2 - 6x", "2x(x-3)"], ["y = 2x^2 - 6x + 1"]),
    ("$$\\log_{2}\\left(3\\right)+\\log_{2}\\left(x\\right)$$", ["log_2(3x)"], ["log_2(3+x)"]),
    ("(-inf,-4]&[2,inf)", ["x ≤ -4 또는 x ≥ 2", "[2,∞) ∪ (-∞,-4]"], ["(-inf,-4)U[2,inf)"]),
    ("(-3,1)", ["( -3, 1 )", "(-3, 1.0)"], ["(1,-3)", "[-3,1)", "-3, 1"]),
    ("x=-2, x=-1", ["-1, -2", "-2와 -1", "x = -1 or x = -2"], ["-2", "1, 2"]),
    ("{-25,-34}", ["{-34, -25}"], ["{25, 34}"]),
    ("x>5", ["x는 5 초과", "5 < x", "(5, ∞)"], ["x는 5 이상", "x < 5"]),
    ("$$\\begin{bmatrix} 1 & -3 \\\\ 4 & 2 \\end{bmatrix}$$", ["[[1,-3],[4,2]]"], ["[[1,4],[-3,2]]"]),
    ("g(f(x))", ["g(f(x))"], ["f(g(x))"]),
    ("cross-validation", ["cross validation", "Cross-Validation"], ["validation", "cross-entropy"]),
    ("backpropagation", ["Backpropogation", "the answer is backpropagation"], ["propagation", "forward propagation"]),
    ("dependent", ["depndent", "종속"], ["independent", "not dependent"]),
    ("역전파", ["정답은 역전파예요", "역전파입니다"], ["순전파", "역전파가 아니에요"]),
    ("6 Main tickets, 10 Terrace tickets", ["10 terrace tickets, 6 main tickets"], ["10 Main tickets, 6 Terrace tickets"]),
]  # fmt: skip

CHOSEN = [
    (PARALLEL, 1, ["b", "(B)", "2번이요", "②", "the second one", "not paralell", "정답은 B입니다"], ["A", "parallel", "1번"]),
    (INTERVALS, 0, ["(-inf, 6)", "x < 6", "A. (-∞,6)"], ["(-inf, 6]", "B", "C. (-∞,6)", "A가 아니에요"]),
    (("$$3$$", "No Solution", "$$2$$"), 1, ["해가 없습니다", "②", "b)"], ["2", "3"]),
    (("TRUE", "FALSE"), 0, ["참", "O", "true?"], ["false", "거짓이에요"]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "right", "wrong"), FREE, ids=[row[0] for row in FREE])
def test_an_answer_counts_in_whatever_notation_and_a_near_miss_does_not(key, right, wrong):
    by = AnswerKey((key,))
    assert [r for r in (key, *right) if grade(by, r).correct != 1] == []
    assert [r for r in wrong if grade(by, r).correct not in {0, 0.5}] == []


@pytest.mark.parametrize(("choices", "place", "right", "wrong"), CHOSEN, ids=[row[0][0] for row in CHOSEN])
def test_a_choice_is_taken_by_letter_number_or_text(choices, place, right, wrong):
    by = AnswerKey((choices[place],), "string", choices)
    assert [r for r in (choices[place], *right) if grade(by, r).correct != 1] == []
    assert [r for r in wrong if grade(by, r).correct != 0] == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("모르겠어요", "dont_know"),
        ("음.. 하나도 모르겠는데요 ㅠㅠ", "dont_know"),
        ("no clue, sorry", "dont_know"),
        ("포기할게요..", "gives_up"),
        ("음 모르겠어요 답 알려줘", "gives_up"),
        ("I give up", "gives_up"),
        ("그냥 답 알려주시면 안 돼요?", "asks_for_answer"),
        ("what's the answer?", "asks_for_answer"),
        ("객관식으로 해주세요", "asks_for_choices"),
        ("Can I get some options?", "asks_for_choices"),
        ("…?", "empty"),
    ],
)
@pytest.mark.parametrize(
    "key", [AnswerKey(("3",)), AnswerKey(("No",), "", ("Yes", "No")), AnswerKey(("세포벽",))]
)
def test_no_attempt_is_neither_right_nor_wrong(said, kind, key):
    found = grade(key, said)
    assert (found.correct, found.kind) == (None, kind)


def test_half_of_an_answer_and_one_that_code_cannot_tell():
    assert grade(AnswerKey(("x=1, x=2",)), "x = 1").correct == 0.5
    assert grade(AnswerKey(("1/3",)), "0.3").reason("ko").startswith("가깝지만")
    prose = AnswerKey(("Gradients vanish because derivatives are small",))
    assert grade(prose, "The slopes get multiplied until nothing is left").correct is None
    assert grade(AnswerKey(("cell wall",)), "세포벽").correct is None


def test_the_question_given_back_is_no_answer():
    key = AnswerKey(("$$(x-4)(x-2)$$",), "arithmetic", question="$$x^2-6x+8$$")
    assert grade(key, "x^2-6x+8").correct == 0
    assert grade(key, "(x-2)(x-4)").correct == 1


def test_whatever_is_typed_is_graded_and_takes_no_time():
    chance = random.Random(3)
    signs = "0123456789.,+-*/^()[]{}|=<>≤∞√π°%½²\\$&_~'\"xyze 가나이아 frac sqrt log sin or"
    keys = [AnswerKey((row[0],)) for row in FREE]
    for _ in range(400):
        grade(chance.choice(keys), "".join(chance.choices(signs, k=chance.randrange(60))))
    for hostile in (
        "9^9^9^9^9",
        "(" * 3000,
        "1" * 5000,
        "factorial(10^9)",
        "x" * 2000,
        "((x+1)^999)^999",
        "\\frac" * 400,
    ):
        assert grade(AnswerKey(("$$x^2+1$$",)), hostile).correct != 1


def test_the_command_grades_line_by_line_and_a_bad_line_stops_nothing(own_home):
    lines = [
        {
            "id": "a",
            "answer": "$$\\frac{1}{2}$$",
            "answer_type": "arithmetic",
            "response": "0.5",
            "choices": None,
        },
        {"id": "b", "answer": ["1", "2"], "response": 3},
        {"id": "c", "answer": "3", "response": "모르겠어요"},
        {"id": "d"},
    ]
    stdin = "\n".join(["{", *map(json.dumps, lines)])
    ended = officehours("grade", "--ndjson", home=own_home, stdin=stdin)
    first, *graded, last = ended.lines
    assert ended.code == 1
    assert first["id"] is None
    assert "line 1" in first["error"]
    assert graded == [
        {"id": "a", "correct": True},
        {"id": "b", "correct": False},
        {"id": "c", "correct": None},
    ]
    assert (last["id"], last["correct"]) == ("d", None)
    assert "answer" in last["error"]
