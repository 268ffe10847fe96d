"""The pure functions below the study model: what a turn asks, what it is about, what a passage holds."""

from __future__ import annotations

from datetime import date

import pytest

from officehours.agent.models.study.arithmetic import expression_in
from officehours.agent.models.study.intent import parse_question
from officehours.agent.models.study.passages import choose, korean_of, parts_of, quote
from officehours.agent.models.study.phrases import PHRASES, days_left
from officehours.agent.models.study.quiz import pairs_of
from officehours.agent.models.study.request import SeenHit
from officehours.agent.models.study.showing import full_names, names_line
from officehours.agent.models.study.terms import (
    coverage,
    language_of,
    mentions,
    respelled,
    searched_as,
    terms_of,
)

TITLE = "LoRA와 DoRA (LoRA and DoRA)"


def passage(text: str, place: str = "08-lora-dora.md#비교", **more: bool) -> SeenHit:
    return SeenHit(
        "a7",
        date(2026, 11, 3),
        "",
        "passage",
        place,
        text,
        more.get("untrusted", False),
        more.get("cut", False),
    )


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("DoRA가 뭐예요?", "definition"),
        ("ReLU에 대해서 알려줘", "definition"),
        ("그럼 LSTM은요?", "definition"),
        ("역전파", "definition"),
        ("What is RAG?", "definition"),
        ("Explain attention", "definition"),
        ("왜 필요한가요?", "why"),
        ("Why do we need activation functions?", "why"),
        ("RNN은 왜 긴 글을 잘 기억하지 못하나요?", "reason"),
        ("why can't RNNs remember long texts?", "reason"),
        ("어떻게 동작해요?", "how"),
        ("How does attention work?", "how"),
        ("DoRA는 매개변수가 몇 개 늘어요?", "quantity"),
        ("How many parameters does DoRA add?", "quantity"),
        ("LoRA랑 뭐가 달라요?", "compare"),
        ("difference between LoRA and DoRA", "compare"),
        ("맘바의 단점은?", "compare"),
        ("예시는?", "example"),
        ("Can you give me an example?", "example"),
        ("코드로 보여 주세요", "code"),
        ("how about code?", "code"),
        ("Write a python function for softmax", "code"),
        ("더 자세히", "more"),
        ("더", "more"),
        ("ㅎㅇ", "greeting"),
        ("트렌스포머가 머에요", "definition"),
        ("hmm ok", "acknowledgement"),
        ("그거 말고", "another"),
        ("something else please", "another"),
        ("진짜예요?", "really"),
        ("really?", "really"),
        ("뭐부터 공부하면 좋을까요?", "topics"),
        ("where should I start?", "topics"),
        ("지금까지 배운 거 정리해줘", "last_time"),
        ("what did we cover today?", "last_time"),
        ("며칠 남았어?", "exam"),
        ("Mamba가 트랜스포머보다 빨라요?", "compare"),
        ("문제 3개 내줘", "quiz"),
        ("기억하고 있는 거 다 말해줘", "about_me"),
        ("What do you remember?", "about_me"),
        ("재미없어", "mood"),
        ("그만할래요", "farewell"),
        ("not now", "acknowledgement"),
        ("skip", "another"),
        ("you are wrong", "really"),
        ("can you explain that differently", "simpler"),
        ("which one is better?", "compare"),
        ("RNN이 뭐고 왜 필요해요?", "definition"),
        ("go on", "more"),
        ("heyy", "greeting"),
        ("gtg", "farewell"),
        ("ㄱㅅㄱㅅ", "thanks"),
        ("교수님 오늘 좀 피곤하네요 ㅋㅋ", "mood"),
        ("ugh this is annoying", "mood"),
        ("교수님 몇 살이에요?", "identity"),
        ("오늘 점심 뭐 먹지", "outside"),
        ("내 이름 잊어줘", "forget"),
        ("please delete my exam date", "forget"),
        ("선형대수 시험은?", "exam"),
        ("whats my name", "name"),
        ("내가 어려워한 게 뭐였지?", "confusion"),
        ("나에 대해 아는 거 다 말해봐", "about_me"),
        ("다른 문제", "quiz"),
        ("another one", "yes"),
        ("좀 더 쉽게 설명해주세요", "simpler"),
        ("can you explain it simpler", "simpler"),
        ("아까 그거 다시", "definition"),
        ("show me that again", "definition"),
        ("chain of thought?", "definition"),
        ("Mamba가 뭐임", "definition"),
        ("what can I learn here", "topics"),
        ("2의 10승은?", "arithmetic"),
        ("sqrt of 2", "arithmetic"),
        ("어제 뭐 물어봤지?", "last_time"),
        ("지난번에 DoRA에 대해 무슨 이야기를 했죠?", "said_before"),
        ("What did we say about RAG yesterday?", "said_before"),
        ("tell me more", "more"),
        ("LoRA를 쓰면 추론이 느려지죠?", "claim"),
        ("RAG eliminates hallucinations, right?", "claim"),
        ("Is DoRA a completely different method from LoRA?", "claim"),
        ("트랜스포머는 순서를 저절로 아나요?", "claim"),
        ("자주 하는 오해는?", "misconception"),
        ("누가 만들었어요?", "reference"),
        ("any papers on that?", "reference"),
        ("문제 하나 내 주세요", "quiz"),
        ("Quiz me on that", "quiz"),
        ("힌트 좀 주세요", "hint"),
        ("지난번에 뭐 물어봤지?", "last_time"),
        ("What did I ask you last time?", "last_time"),
        ("지난번에 DoRA에 대해 뭐라고 하셨죠?", "said_before"),
        ("What did you tell me about RAG last week?", "said_before"),
        ("제 이름이 뭐예요?", "name"),
        ("What's my name?", "name"),
        ("시험까지 며칠 남았지?", "exam"),
        ("When is my exam?", "exam"),
        ("과제가 언제까지였죠?", "deadline"),
        ("제가 뭘 헷갈린다고 했죠?", "confusion"),
        ("What was I confused about?", "confusion"),
        ("저에 대해 뭘 기억하세요?", "about_me"),
        ("What do you know about me?", "about_me"),
        ("이 글 번역해 주세요", "outside"),
        ("제 과제 에세이 좀 써 주세요", "outside"),
        ("Write my essay", "outside"),
        ("오늘 날씨 어때?", "outside"),
        ("교수님은 AI예요?", "identity"),
        ("Who are you?", "identity"),
        ("뭘 할 수 있어요?", "help"),
        ("무슨 주제가 있어요?", "topics"),
        ("list the topics", "topics"),
        ("12*34는?", "arithmetic"),
        ("안녕하세요 교수님!", "greeting"),
        ("오늘은 여기까지 할게요. 안녕히 계세요.", "farewell"),
        ("That's all for today, bye!", "farewell"),
        ("Thanks, that was very clear.", "thanks"),
    ],
)
def test_what_a_turn_asks_is_told_by_its_words(said: str, intent: str) -> None:
    assert parse_question(said).intent == intent


@pytest.mark.parametrize("said", ["이해했어요", "아 알겠습니다", "got it", "ok makes sense now"])
def test_that_it_was_understood_answers_no_offer(said: str) -> None:
    assert parse_question(said, pending=True).intent == "acknowledgement"


def test_what_is_put_aside_is_not_asked_about() -> None:
    assert parse_question("LoRA 말고 DoRA 알려줘").terms == ("DoRA",)


def test_a_bare_yes_is_an_answer_only_while_something_was_asked() -> None:
    assert parse_question("네", pending=True).intent == "yes"
    assert parse_question("네", pending=False).intent == "acknowledgement"


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("ReLU에 대해서 알려 주세요", ("ReLU",)),
        ("베이즈 정리가 뭐예요?", ("베이즈", "정리")),
        ("정확도가 뭐예요?", ("정확도",)),
        ("LoRA랑은 뭐가 달라요?", ("LoRA",)),
        ("DoRA는 LoRA보다 파라미터가 10배 많죠?", ("DoRA", "LoRA", "파라미터", "10")),
        ("예시는?", ()),
        ("왜 필요한가요?", ()),
        ("백프롭 설명해줘", ("백프롭",)),
        ("What is Bayes' theorem?", ("Bayes", "theorem")),
        ("Can you give me an example?", ()),
        ("never mind, what's RLHF?", ("RLHF",)),
        ("go on", ()),
        ("LoRA 예시 들어줘", ("LoRA",)),
        ("그 식에서 d_k가 뭐예요?", ("d_k",)),
        ("우리 수업에서 RNN이 뭐예요?", ("RNN",)),
    ],
)
def test_the_terms_of_a_turn_are_its_content_words(said: str, terms: tuple[str, ...]) -> None:
    assert terms_of(said) == terms


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("RAG는 검색입니다", "RAG", True),
        ("storage and drag", "RAG", False),
        ("매개변수의 수", "파라미터", True),
        ("역전파(backpropagation)는", "백프롭", True),
        ("RNN reads text", "RNNs", True),
        ("다중 헤드 어텐션", "멀티헤드", True),
    ],
)
def test_a_term_is_found_under_its_other_spellings_and_never_inside_a_word(
    text: str, term: str, expected: bool
) -> None:
    assert mentions(text, term) == expected


def test_names_weigh_more_than_other_words_in_coverage() -> None:
    assert coverage("DoRA는 방법이다", ["DoRA", "추론"]) == pytest.approx(2 / 3)
    assert coverage("", ["DoRA"]) == 0.0


def test_students_words_are_searched_as_the_course_writes_them() -> None:
    assert searched_as(["백프롭"]).split()[0] == "백프롭"
    assert "역전파" in searched_as(["백프롭"])
    assert searched_as(["DoRA"]) == "DoRA"


def test_a_bare_term_goes_on_in_the_language_before() -> None:
    assert language_of("ReLU?", "ko") == "ko"
    assert language_of("ReLU?", "en") == "en"
    assert language_of("What is ReLU?", "ko") == "en"
    assert language_of("ReLU가 뭐예요?", "en") == "ko"


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("8*(4096+4096)은 얼마예요?", "8*(4096+4096)"),
        ("240의 15%는 얼마예요?", "15% of 240"),
        ("2의 10제곱은?", "2^10"),
        ("루트 2는 얼마야", "sqrt(2)"),
        ("3 곱하기 4는?", "3*4"),
        ("What is 15% of 240?", "15% of 240"),
        ("What is 100 divided by 7?", "100/7"),
        ("12*12", "12*12"),
        ("x^3을 미분해 줘", "diff(x^3, x)"),
        ("solve x^2=2", "solve(x^2=2, x)"),
        ("12/3까지 과제를 내야 하나요?", ""),
        ("2026-11-03에 뭐 했지?", ""),
        ("GPT-4가 뭐예요?", ""),
        ("3-4장 범위를 알려 주세요", ""),
        ("W가 1000×500인 행렬을 설명해 주세요", ""),
    ],
)
def test_only_what_asks_for_a_calculation_is_one(said: str, expression: str) -> None:
    assert expression_in(said) == expression


def test_an_ingested_passage_opens_with_its_headings() -> None:
    (part,) = parts_of(passage(f"{TITLE} > 비교\n\n| a | b |\n|---|---|\n| 1 | 2 |"))

    assert (part.file, part.section) == ("08-lora-dora.md", "compare")
    assert part.headings == (TITLE, "비교")
    assert part.body.startswith("| a | b |")


def test_a_passage_of_several_sections_is_taken_apart_and_code_is_not_read_as_headings() -> None:
    parts = parts_of(
        passage("## 정의\n\n정의입니다.\n\n## 코드\n\n```python\n# not a heading\nprint(1)\n```", "notes.md")
    )

    assert [(part.section, part.heading) for part in parts] == [("definition", "정의"), ("code", "코드")]
    assert "# not a heading" in parts[1].body


def test_untrusted_text_and_messages_are_no_course_parts() -> None:
    assert parts_of(passage("웹에서 온 글입니다.", untrusted=True)) == ()
    assert parts_of(SeenHit("m3", date(2026, 11, 3), "14:00", "user", "", "DoRA?", False, False)) == ()


def test_prose_is_quoted_as_prose_tables_and_code_as_they_are_and_keys_never() -> None:
    body = "앞 문단 [RNN](04.md).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n\ny = 2\n```\n\n> 정답: 42"
    (part,) = parts_of(passage(f"{TITLE} > 비교\n\n{body}"))

    shown = quote(part, "ko")

    assert "> 앞 문단 RNN." in shown
    assert "\n\n| a | b |\n" in shown
    assert "```python\nx = 1\n\ny = 2\n```" in shown
    assert "42" not in shown


def test_english_readers_get_the_english_line_and_koreans_do_not() -> None:
    (part,) = parts_of(
        passage(f"{TITLE} > 한 줄 정의\n\nDoRA는 방법입니다.\n\nIn English: DoRA is a method.")
    )

    assert quote(part, "en") == "> DoRA is a method."
    assert korean_of(part) == "DoRA는 방법입니다."


def test_of_two_definitions_the_one_headed_by_the_term_is_chosen() -> None:
    parts = [
        part
        for name, body in (("ReLU의 변형", "ReLU의 변형은 여럿입니다."), ("ReLU", "ReLU는 함수입니다."))
        for part in parts_of(passage(f"ReLU와 그 변형 > 한 줄 정의 > {name}\n\n{body}", "06.md#정의"))
    ]

    assert choose(parts, ("definition",), ["ReLU"])[0].heading == "ReLU"


def test_questions_and_answer_keys_are_told_apart() -> None:
    text = f"{TITLE} > 확인 문제\n\n1. 첫째는 몇입니까?\n> 정답: 셋입니다.\n\n2. 둘째는?\n> 정답: 넷,\n> 다섯입니다."
    (part,) = parts_of(passage(text))

    assert [(pair.question, pair.answer) for pair in pairs_of(part)] == [
        ("첫째는 몇입니까?", "셋입니다."),
        ("둘째는?", "넷, > 다섯입니다."),
    ]


def test_full_names_come_from_the_course_and_are_said_once() -> None:
    names = full_names(
        ["DoRA(Weight-Decomposed Low-Rank Adaptation)는", "uses Chain of Thought (CoT) prompting"]
    )

    assert names == {"DoRA": "Weight-Decomposed Low-Rank Adaptation", "CoT": "Chain of Thought"}
    assert (
        names_line("> DoRA를 씁니다", [], names, "ko")
        == "줄임말: DoRA(Weight-Decomposed Low-Rank Adaptation)"
    )
    assert names_line("> DoRA", ["DoRA(Weight-Decomposed Low-Rank Adaptation)는"], names, "ko") == ""
    assert names_line("`CoT`", [], names, "en") == ""


@pytest.mark.parametrize(
    ("day", "korean", "english"),
    [
        (25, "22일 남았습니다", "22 days left"),
        (3, "오늘입니다", "it is today"),
        (2, "어제였습니다", "it was yesterday"),
    ],
)
def test_days_left_are_said_in_both_languages(day: int, korean: str, english: str) -> None:
    today = date(2026, 11, 3)

    assert days_left(date(2026, 11, day), today, "ko") == korean
    assert days_left(date(2026, 11, day), today, "en") == english


def test_every_phrase_exists_in_both_languages() -> None:
    assert all(set(phrases) == {"ko", "en"} for phrases in PHRASES.values())


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("지난번에 DoRA에 대해 무슨 이야기를 했죠?", ("DoRA",)),
        ("어제 RAG에 대해 뭐라고 했어?", ("RAG",)),
        ("아까 어텐션 설명한거 다시 보여줘", ("어텐션",)),
        ("파이썬으로 ReLU 짜줘", ("ReLU",)),
        ("토큰이 뭔데", ("토큰",)),
        ("what even is a token", ("token",)),
    ],
)
def test_small_words_of_a_chat_are_no_terms(said: str, terms: tuple[str, ...]):
    assert parse_question(said).terms == terms


def test_a_word_that_is_almost_one_of_the_field_is_taken_for_it():
    assert respelled("트렌스포머", ()) == "트랜스포머"
    assert respelled("backpropogation", ()) == "backpropagation"
    assert respelled("attention", ()) == respelled("양자역학", ()) == respelled("cat", ()) == ""
