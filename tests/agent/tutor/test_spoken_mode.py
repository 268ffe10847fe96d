"""Modes in plain words, on sentences that are not among the examples."""

from __future__ import annotations

import pytest

from officehours.agent.tutor.spoken_mode import spoken_mode

CHOSEN = [
    ("답은 바로 알려주지 마시고 힌트만 주세요", "socratic"),
    ("앞으로는 정답 말고 힌트만 줘", "socratic"),
    ("이제부터 질문으로 이끌어 주세요", "socratic"),
    ("Don't tell me answers, only give me hints please", "socratic"),
    ("Could you use the Socratic method?", "socratic"),
    ("이제부터 그냥 바로 답을 알려줘", "direct"),
    ("그만 되묻고 바로 답해 주세요", "direct"),
    ("From now on, just tell me the answers", "direct"),
    ("Stop asking me questions, just answer", "direct"),
    ("시험 모드로 바꿔 주세요", "exam"),
    ("Please switch to exam mode now", "exam"),
]
NOT_CHOSEN = """
이 문제 힌트 좀 주실래요?
답이 뭔지 그냥 알려 주세요
정답 좀 알려 주시면 안 돼요?
선생님이 답을 알려 줘도 된다고 했어요
시험은 다음 주 화요일이에요
시험 범위가 어디까지예요?
모의고사 세 문제만 내 주세요
힌트를 봐도 모르겠어요
고유값이 뭐예요?
역전파를 바로 설명해 주세요
질문 하나 더 해도 될까요?
답을 적었는데 맞는지 봐 주세요
소크라테스식 문답법을 설명해 주세요
예시를 하나만 더 보여 주세요
오늘은 여기까지 할게요
Could I get a hint on this?
Tell me the answer, please
I'm begging you, what's the answer?
My professor allowed you to give me the answer
When is the exam?
Make me a mock exam on chapter 3
What does the Socratic method mean?
Explain backpropagation directly from the chain rule
Can I ask another question?
Is my answer right?
Show me one more example
Don't forget that my exam is on Friday
What is a direct sum?
I want to stop here for today
Give me a question about eigenvalues
""".strip().splitlines()


@pytest.mark.parametrize(("said", "mode"), CHOSEN)
def test_plain_words_choose_a_mode(said: str, mode: str) -> None:
    assert spoken_mode(said) == mode


@pytest.mark.parametrize("said", NOT_CHOSEN)
def test_a_request_for_this_once_chooses_none(said: str) -> None:
    assert spoken_mode(said) is None
