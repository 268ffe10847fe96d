from __future__ import annotations

import pytest

from officehours.agent.events import Notice, TurnFinished
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.tutor.claims import unbacked
from tutors import say, scripted, tutor

CLAIMS = [
    ("card", "네, ReLU 카드를 만들었습니다. 내일 복습해 볼까요?"),
    ("card", "이 내용은 복습 카드로 만들어 두었어요."),
    ("card", "**카드 두 장을 추가했습니다.**"),
    ("card", "I've made a card for DoRA."),
    ("card", "Sure! I have created two flashcards on backpropagation."),
    ("note", "그 점을 노트에 적어 두었습니다."),
    ("note", "따로 기록해 두었습니다."),
    ("note", "I've made a note of that."),
    ("note", "I’ve added that to your notes."),
    ("plan", "역전파를 복습 계획에 추가했습니다."),
    ("plan", "I've updated your study plan."),
    ("reminder", "내일 아침 9시로 알림을 설정해 두었습니다."),
    ("reminder", "I've set a reminder for tomorrow."),
]
HARMLESS = [
    "엔비디아는 1999년에 그래픽 카드를 만들었습니다.",
    "연구자들이 펀치 카드를 만들었던 시절의 이야기입니다.",
    "카드를 만들까요?",
    "카드로 만들어 드릴까요? 원하시면 말씀해 주세요.",
    "아직 카드를 만들지 않았습니다.",
    "어제 카드를 만들었습니다. 오늘 복습할 차례입니다.",
    "지난번에 카드를 만들었으니 그것부터 볼까요?",
    "카드를 만드셨네요. 잘하셨습니다.",
    "카드 만드는 법을 알려 드릴게요.",
    "‘카드를 만들었습니다’라는 문장을 영어로 옮겨 보세요.",
    "민지는 공책에 풀이를 기록해 두었다.",
    "저자는 결과를 표에 기록했습니다.",
    "기억해 두겠습니다.",
    "말씀해 주신 이름을 기억하고 있어요.",
    "메모는 이해를 돕습니다. 직접 메모해 보세요.",
    "계획을 세워 볼까요? 하루에 몇 분 쓸 수 있으세요?",
    "아래와 같이 계획을 짜 보았습니다.",
    "일정이 바뀌면 알려 주세요.",
    "옵티마이저가 가중치를 갱신했습니다.",
    "알림을 설정할 수는 없습니다.",
    "I can make a card if you like.",
    "Would you like me to make a card?",
    "I have not made a card yet.",
    "I made a card last week; shall we review it?",
    "If I had made a card, it would be in your list.",
    "The company made a graphics card in 1999.",
    "You've made a card for this already.",
    "Note that the gradient is zero there.",
    "As I noted, ReLU is not differentiable at 0.",
    "I've noticed that you mix up rank and dimension.",
    "Let us plan the week: Monday derivatives, Tuesday vectors.",
    "I've added 3 to both sides, so x = 5.",
    "I set the learning rate to 0.1 in this example.",
    "Here is a card game as an example of probability.",
    'In your essay, "I made a card" should be "I have made a card".',
    "```python\n# I made a card\ndeck.append(card)\n```",
]


@pytest.mark.parametrize(("kind", "reply"), CLAIMS)
def test_what_is_claimed_and_no_tool_did_is_found(kind: str, reply: str):
    (claim,) = unbacked(reply, ())
    assert claim.kind == kind
    assert unbacked(reply, claim.tools) == ([] if claim.tools else [claim])


@pytest.mark.parametrize("reply", HARMLESS)
def test_what_claims_nothing_of_this_turn_passes(reply: str):
    assert unbacked(reply, ()) == []


CARD = ScriptedCall("make_card", {"front": "ReLU?", "back": "max(0, x)"})
NO_CARD = ScriptedCall("make_card", {"front": "ReLU?", "back": " "})


@pytest.mark.parametrize(
    ("script", "said", "kinds"),
    [
        (["I've made a card for ReLU."], "Make me a card.", ["unbacked"]),
        ([[CARD], "I've made a card for ReLU."], "Make me a card.", []),
        ([[NO_CARD], "I've made a card for ReLU."], "Make me a card.", ["unbacked"]),
        (["I've noted that down."], "Hello there.", ["unbacked"]),
        (["I've noted that down."], "My exam is on December 3.", []),  # the rules have
        (["I've noted that down."], "Backpropagation confuses me.", []),
    ],
)
def test_the_student_is_told_beside_the_reply_which_stays(own_home, script, said, kinds):
    with tutor(own_home, scripted(script)) as professor:
        events = say(professor, said)
    assert [event.kind for event in events if isinstance(event, Notice)] == kinds
    assert isinstance(events[-1], TurnFinished)
    assert events[-1].answer == script[-1]
