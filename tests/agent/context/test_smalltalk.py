import pytest

from officehours.agent.context.smalltalk import is_question, small_talk


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("안녕", "greeting"),
        ("안녕하세요 교수님!", "greeting"),
        ("교수님 오랜만이에요~", "greeting"),
        ("Hello", "greeting"),
        ("hi professor :)", "greeting"),
        ("감사합니다 교수님 ㅎㅎ", "thanks"),
        ("정말 고맙습니다!!", "thanks"),
        ("thanks a lot!", "thanks"),
        ("그럼 이만 가볼게요", "farewell"),
        ("안녕히 계세요", "farewell"),
        ("bye, see you tomorrow", "farewell"),
        ("네 알겠습니다", "acknowledgement"),
        ("ㅋㅋㅋ", "acknowledgement"),
        ("ok got it", "acknowledgement"),
    ],
)
def test_a_turn_of_nothing_but_pleasantries_is_small_talk(text, kind):
    assert small_talk(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요 교수님, ReLU가 뭐예요?",
        "감사합니다. 그런데 LoRA는요?",
        "hi, what is attention?",
        "thanks, one more question",
        "네트워크",
        "okapi",
        "교수님",
        "",
        "...",
        "good gradient",
        "안녕" * 40,
    ],
)
def test_anything_more_is_not_small_talk(text):
    assert small_talk(text) is None


def test_yes_answers_a_pending_question():
    assert small_talk("네") == "acknowledgement"
    assert small_talk("네", pending_question=True) is None
    assert small_talk("안녕하세요", pending_question=True) == "greeting"


def test_a_long_row_of_laughter_is_decided_at_once():
    assert small_talk("ㅎ" * 59 + "x") is None
    assert small_talk("네" * 58 + "x") is None


@pytest.mark.parametrize(
    "text",
    [
        "ReLU가 뭐예요",
        "DoRA에 대해서 알려줘",
        "왜 기울기가 사라지나요?",
        "what is dropout",
        "Explain attention to me",
        "예시는?",
    ],
)
def test_questions_and_requests_are_owed_an_answer(text):
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["안녕하세요?", "저는 민수예요.", "시험은 12월 3일입니다.", "thanks!", "I study at night."]
)
def test_statements_and_pleasantries_are_not(text):
    assert not is_question(text)
