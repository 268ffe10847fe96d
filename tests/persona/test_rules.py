from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.persona.exchange import Exchange
from officehours.persona.rules import CHECKS, options_of


def breaks(check: str, answer: str, **rest: object) -> bool:
    options = {name: rest.pop(name) for name in list(rest) if name in options_of(check)}
    return bool(CHECKS[check](Exchange(answer, **rest), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        "안녕하세요. 반갑습니다!",
        "이해되셨나요? 더 볼까요?",
        "맞아요 :)",
        "값 세 개로 직접 계산해 봅시다. 천천히 하십쇼.",
        "네, 민지 학생. 잘 기억해 두겠습니다.",
        "고유값(eigenvalue)은 이렇게 정의됩니다. [a12]",
        "그렇죠. 다음으로 가시죠.",
        "```python\n# 이건 주석이다.\nx = 1\n```\n위와 같습니다.",
        "# 제목이다\n\n- 학습률 조정\n- 정규화\n\n| 항목 | 값이다 |\n\n이렇게 세 가지입니다.",
        "학생이 “모르겠다.”라고 했습니다.",
        "> 원문은 이렇다.\n\n위는 인용입니다.",
        "식은 다음과 같습니다:\n\n$y = 가나다$",
        "DoRA (Weight-Decomposed Low-Rank Adaptation)",
        "**결론부터 말하면, 줄어듭니다.**",
        "Hello. This is English.",
        "",
    ],
)
def test_polite_korean_is_left_alone(answer: str) -> None:
    assert not breaks("polite_korean", answer)


@pytest.mark.parametrize(
    "answer",
    [
        "이건 활성화 함수다.",
        "그건 나중에 보자.",
        "응, 맞아.",
        "안녕하세요. 그건 네가 틀렸어.",
        "기울기가 사라진다 (vanishing gradient).",
        "- 손실이 줄어든다.",
        "이건 그냥 외우면 된다",
    ],
)
def test_casual_korean_is_noticed(answer: str) -> None:
    assert breaks("polite_korean", answer)


@pytest.mark.parametrize(
    ("question", "answer", "broken"),
    [
        ("ReLU가 뭐예요?", "ReLU는 활성화 함수입니다.", False),
        ("ReLU가 뭐예요?", "ReLU is an activation function.", True),
        ("What is ReLU?", "ReLU is an activation function.", False),
        ("What is ReLU?", "ReLU는 활성화 함수입니다.", True),
        (
            "What is ReLU?",
            "The notes say:\n> ReLU는 활성화 함수입니다.\nThat is, it keeps what is positive.",
            False,
        ),
        ("코드로 보여 주세요", "```python\nprint(max(0, x))\n```", False),
        ("?", "네, 그렇습니다.", False),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(question: str, answer: str, broken: bool) -> None:
    assert breaks("language_matches", answer, question=question) is broken


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ("DoRA(Weight-Decomposed Low-Rank Adaptation)는 LoRA(Low-Rank Adaptation)의 변형입니다.", False),
        ("ReLU (Rectified Linear Unit) keeps what is positive. ReLU is cheap.", False),
        ("Retrieval-Augmented Generation (RAG) reads first.", False),
        ("Reinforcement Learning from Human Feedback (RLHF)은 사람의 평가를 씁니다.", False),
        ("LSTM(long short-term memory)은 기억을 둡니다.", False),
        ("RLHF는 사람의 평가를 씁니다.", True),
        ("LoRA(작은 행렬 두 개)입니다.", True),
        ("AI와 GPU 이야기입니다.", False),
        ("`LLM` 변수와 ```\nRNN\n```", False),
        ("RNN(Recurrent Neural Network)과 CNN입니다.", True),
        ("이것은 LLMs (large language models)입니다.", False),
    ],
)
def test_an_acronym_gets_its_full_name(answer: str, broken: bool) -> None:
    assert breaks("acronym_spelled_out", answer) is broken


def test_a_course_may_know_some_acronyms() -> None:
    assert not breaks("acronym_spelled_out", "RNN입니다.", known=["RNN"])


@pytest.mark.parametrize(
    ("question", "answer", "broken"),
    [
        ("코드로 보여 주세요", "```python\nx = 1\n```", False),
        ("코드로 보여 주세요", "x에 1을 넣습니다.", True),
        ("show me the code", "```\nx = 1\n```", True),
        ("뜻이 뭐예요?", "뜻은 이렇습니다.", False),
    ],
)
def test_who_asks_for_code_gets_it(question: str, answer: str, broken: bool) -> None:
    assert breaks("code_fence_when_asked", answer, question=question) is broken


@pytest.mark.parametrize(
    ("answer", "sources", "broken"),
    [
        ("나눕니다 [a12].", {"a12"}, []),
        ("나눕니다 [a12, m3].", {"a12", "m3"}, []),
        ("나눕니다.", {"a12"}, ["cites_sources"]),
        ("나눕니다 [a13].", {"a12"}, ["no_invented_sources"]),
        ("나눕니다 [a12].", set(), ["no_invented_sources"]),
        ("나눕니다 [m7].", set(), []),
        ("나눕니다.", set(), []),
        ("https://example.org/x 에 있습니다.", {"a12"}, []),
        ("벡터 [a1, a2, a3]와 `x[a4]`, $[a5]$입니다.", set(), []),
    ],
)
def test_sources_at_hand_are_named_and_no_others(answer: str, sources: set[str], broken: list[str]) -> None:
    both = ("cites_sources", "no_invented_sources")
    shown = frozenset({"m7"})
    assert [c for c in both if breaks(c, answer, sources=frozenset(sources), shown=shown)] == broken


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ("안녕하세요. 무엇을 볼까요?", False),
        ("안녕은 상대의 평안을 묻는 인사말입니다.", True),
        ("‘안녕’이란 편안하다는 뜻입니다.", True),
        ("Hello! What shall we look at?", False),
        ("“Hello” is a greeting used in English.", True),
        ("안녕하세요.\n- 하나\n- 둘", True),
        ("word " * 60, True),
    ],
)
def test_a_greeting_is_answered_as_one(answer: str, broken: bool) -> None:
    assert breaks("answers_greeting_briefly", answer, small_talk=True) is broken
    assert not breaks("answers_greeting_briefly", answer, small_talk=False)


def test_arithmetic_is_left_to_the_tool() -> None:
    assert breaks("arithmetic_by_tool", "65536입니다.", question="8*(4096+4096)은?")
    assert not breaks(
        "arithmetic_by_tool", "65536입니다.", question="8*(4096+4096)은?", tools=frozenset({"calculate"})
    )
    assert not breaks("arithmetic_by_tool", "뜻은 이렇습니다.", question="ReLU가 뭐예요?")


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ("Small. What happens at zero?", False),
        ("작습니다. 0에서는 어떨까요? ", False),
        ("It is small.", True),
        ("What now?\n```python\nx\n```", False),
    ],
)
def test_a_socratic_answer_ends_with_a_question(answer: str, broken: bool) -> None:
    assert breaks("asks_back", answer) is broken


@pytest.mark.parametrize(
    ("answer", "mode", "broken"),
    [
        ("양변을 6으로 나눠 보세요. 무엇이 남나요?", "socratic", False),
        ("왜 그럴까요? 6이 공통이라서요. 나누면 무엇이 남나요?", "exam", False),
        ("양변을 6으로 나누세요.", "socratic", True),
        ("Divide by six. What is left? And what is y? Do you see?", "socratic", True),
        ("Divide by six.", "direct", False),
        ("Divide by six. What is left? And what is y?", None, False),
    ],
)
def test_a_hint_ends_with_one_question(answer: str, mode: str | None, broken: bool) -> None:
    assert breaks("one_question", answer, mode=mode) is broken


def test_who_wants_to_be_told_is_not_asked_back() -> None:
    assert not breaks("asks_back", "It is small.", mode="direct")


def test_an_acronym_is_spelled_out_once_in_a_conversation() -> None:
    earlier = ("RNN (Recurrent Neural Network) reads in order.", "What is an RNN?")
    assert not breaks("acronym_spelled_out", "An RNN has a state.", earlier=earlier)
    assert breaks("acronym_spelled_out", "An LSTM has a gate.", earlier=earlier)


@pytest.mark.parametrize(
    ("question", "answer", "slight"),
    [
        ("왜요?", "손실이 줄어든다. 그래서 빨라진다.", [False, False]),
        ("왜요?", "줄어듭니다. 빨라져요. 그래서 좋아요. 이건 그냥 외워.", [True]),
        ("왜요?", "세 가지입니다.\n- 학습률: 걸음의 크기.\n- 배치: 한 번에 보는 양.", [True, True]),
        ("왜요?", "네. 맞습니다.", []),
        ("Say apple in Korean.", "It is 사과.", []),
    ],
)
def test_one_slip_of_politeness_is_not_asked_for_again(
    question: str, answer: str, slight: list[bool]
) -> None:
    found = CHECKS["polite_korean"](Exchange(answer, question))
    assert [violation.slight for violation in found] == slight


@pytest.mark.parametrize("question", ["이 문장을 영어로 번역해 주세요", "Please say that in Korean."])
def test_who_names_a_language_is_answered_in_it(question: str) -> None:
    assert not breaks("language_matches", "Here it is, in English.", question=question)
    assert not breaks("language_matches", "여기 있습니다, 한국어로요.", question=question)


def test_words_are_counted_without_code() -> None:
    assert not breaks("max_words", "one two\n```\n" + "code " * 100 + "\n```", words=2)
    assert breaks("max_words", "one two three", words=2)


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_a_check(answer: str, question: str) -> None:
    for check in CHECKS.values():
        assert isinstance(check(Exchange(answer, question)), list)
