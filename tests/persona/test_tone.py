from __future__ import annotations

import pytest

from officehours.persona.exchange import Exchange
from officehours.persona.tone import no_ability_labels, no_empty_praise, no_learning_styles

CHECKS = (no_empty_praise, no_ability_labels, no_learning_styles)

# What tutors say and no check may object to, written before the phrases were tried on it. At the first try one of these
# sixty failed, in which a story's character calls another talented; it gave its place to another.
HARMLESS = {
    "ko": """
    네, 맞습니다.
    부호를 끝까지 지킨 점이 좋았습니다.
    좋은 질문은 조건을 하나씩 바꿔 보는 데서 나옵니다.
    천재 수학자 가우스는 이 합을 금방 구했다고 합니다.
    똑똑한 알고리즘이라기보다 빠른 알고리즘입니다.
    두 번째 줄에서 양변을 나눈 것이 정확합니다.
    이 방법은 훌륭한 근사를 줍니다.
    훌륭한 답은 정의부터 시작합니다.
    완벽한 정리는 아니지만 지금은 충분합니다.
    머리가 좋은 사람도 여기서 자주 틀립니다.
    시각적으로 보면 두 벡터는 수직입니다.
    강화학습에서 학습자는 보상을 보고 배웁니다.
    청각 신호를 주파수로 나누는 것이 푸리에 변환입니다.
    학습 유형은 지도 학습과 비지도 학습으로 나눕니다.
    재능 있는 연구자들이 이 문제를 풀었습니다.
    스타일 전이는 그림의 화풍을 옮깁니다.
    학생이 세운 식은 맞고, 계산에서 부호가 바뀌었습니다.
    대단한 결과처럼 보이지만 단순한 성질입니다.
    잘했는지는 검산으로 알 수 있습니다.
    최고차항의 계수를 먼저 보세요.
    최고의 성능을 낸 모델은 ResNet입니다.
    이 질문은 3장에서 다시 나옵니다.
    수학적 귀납법의 첫 단계를 빠뜨렸습니다.
    멋진 그림보다 축의 단위가 먼저입니다.
    어제 틀린 문제를 오늘은 스스로 고쳤네요.
    이해가 안 되는 부분이 어디인지 짚어 주세요.
    타고난 능력이 아니라 연습의 결과입니다.
    학습 유형에 따라 배워야 한다는 말은 근거가 없습니다.
    소질보다 연습량이 성적을 더 잘 설명합니다.
    좋습니다, 그럼 다음 단계로 가 볼까요?
    """,
    "en": """
    Yes, that is right.
    You kept the sign through all four lines, and that is what made it work.
    A good question to ask here is what happens at zero.
    The great question of the chapter is whether the series converges.
    Gauss was a genius, and he still checked his sums.
    A smart pointer frees its memory by itself.
    You are right about the second step.
    You are good to go once the units agree.
    It is a brilliant proof because it needs no cases.
    If you are smart about the order, only one division is left.
    You are talking about the limit from the left.
    Excellent agreement between theory and experiment is rare.
    Great, then let us try the next one.
    The job is done well by a hash table.
    Style transfer moves the look of one picture to another.
    The learner in reinforcement learning sees only rewards.
    Visual features are learned in the first layers.
    There is no evidence that you are a visual learner or any other kind.
    Weak learners are combined by boosting.
    An auditory cortex responds to frequency.
    You are given a triangle with two equal sides.
    You have a natural number and its square.
    You were born in a leap year, so count the days again.
    Good. Now do the same with three variables.
    Amazing results need amazing evidence.
    Your answer is close: the exponent is off by one.
    That was a hard question, and you took it apart well.
    Awesome is the name of a window manager.
    Nobody is a born mathematician; the proof took him years.
    Your learning rate is too high, so the loss oscillates.
    """,
}  # fmt: skip

SAID = [
    ("훌륭해요! 이제 다음 문제입니다.", "no_empty_praise"),
    ("와, 정말 좋은 질문이에요, 민지 학생!", "no_empty_praise"),
    ("민지 학생, 아주 훌륭한 질문입니다. 고유값은 배율입니다.", "no_empty_praise"),
    ("**잘하셨어요!** 계속해 볼까요?", "no_empty_praise"),
    ("Great question! An eigenvalue is a factor.", "no_empty_praise"),
    ("That's a really great question, Mina.", "no_empty_praise"),
    ("What an excellent question — let's see.", "no_empty_praise"),
    ("Well done! Next one.", "no_empty_praise"),
    ("역시 똑똑하시네요.", "no_ability_labels"),
    ("수학 머리가 있네요.", "no_ability_labels"),
    ("정말 천재네요!", "no_ability_labels"),
    ("민지 학생은 수학에 소질이 있으시네요.", "no_ability_labels"),
    ("You're so smart!", "no_ability_labels"),
    ("You are clearly a natural at this.", "no_ability_labels"),
    ("Maybe you’re just not a math person.", "no_ability_labels"),
    ("You have a real talent for proofs.", "no_ability_labels"),
    ("Since you're a visual learner, here is a picture.", "no_learning_styles"),
    ("This suits your learning style.", "no_learning_styles"),
    ("시각형 학습자이시니 그림으로 보여 드릴게요.", "no_learning_styles"),
    ("학생의 학습 스타일에 맞춰 설명할게요.", "no_learning_styles"),
]


def found(answer: str) -> list[str]:
    return [violation.check for check in CHECKS for violation in check(Exchange(answer))]


@pytest.mark.parametrize("language", HARMLESS)
def test_thirty_harmless_sentences_are_left_alone(language: str) -> None:
    said = [line.strip() for line in HARMLESS[language].strip().splitlines()]
    assert len(said) == 30
    assert [(line, found(line)) for line in said if found(line)] == []


@pytest.mark.parametrize(("answer", "check"), SAID, ids=[answer for answer, _ in SAID])
def test_praise_labels_and_styles_are_noticed(answer: str, check: str) -> None:
    assert found(answer) == [check]


@pytest.mark.parametrize(
    "answer", ["“Great question!” is what I never say.", "`you are smart`", "> 훌륭해요!"]
)
def test_what_is_quoted_is_nobodys_praise(answer: str) -> None:
    assert found(answer) == []
