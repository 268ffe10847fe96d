import random
import unicodedata

import pytest

from chat_server import Call, Reply
from tutors import answer, assert_valid_json, limits, log_of, online, say, spoken, tutor

pytestmark = pytest.mark.slow

NAMES = [
    "core_memory_append",
    "archival_memory_insert",
    "conversation_search",
    "teleport",
    "\x00\x01",
    "함수",
    "read_more",
]
PIECES = [
    "\x00",
    "\ufffd",
    "안녕",
    "\x1b[2J",
    "the",
    '{"',
    "}",
    "<tool_call>",
    "</s>",
    "�",
    "\u202e",
    "학생",
    "```json\n",
    "a",
]


def noise(dice):
    return "".join(dice.choice(PIECES) for _ in range(dice.randrange(30)))


def arguments(dice):
    good = '{"label": "student", "content": "' + dice.choice(["a", "안녕", "x" * 3000]) + '"}'
    return dice.choice(
        [
            good,
            '{"query": "' + "학생" * dice.randrange(9) + '"}',
            noise(dice),
            '{"a": \x00}',
            "",
            "[1,2]",
            good[:-3],
        ]
    )


def babble(dice):
    def reply(_body):
        calls = tuple(
            Call(dice.choice(NAMES), arguments(dice)) for _ in range(dice.choice([0, 0, 0, 1, 1, 3]))
        )
        return Reply(
            text=noise(dice),
            calls=calls,
            usage=dice.choice(["auto", None]),
            finish=dice.choice([None, "length"]),
        )

    return reply


def test_a_model_that_babbles_breaks_nothing_and_spoils_no_memory(own_home, chat_server):
    dice = random.Random(5)
    server = chat_server(babble(dice))
    said = [f"질문 {number}: 고유값이 뭐예요?" for number in range(40)]
    with tutor(own_home, online(server.url, window=8_192), limits=limits(steps=5)) as professor:
        for text in said:
            assert say(professor, text)[-1].type in {"turn_finished", "turn_failed", "compacted"}
        assert spoken(professor) == said
        state = professor.state
        texts = [m.message.content for m in log_of(professor)]
        texts += [block.value for block in state.memories.core.blocks().values()]
        texts += [kept.text for kept in state.memories.archival.list()]
        for text in texts:
            assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
        server.script = lambda _body: Reply(text="이제 제대로 답합니다.")
        assert answer(say(professor, "괜찮으세요?")) == "이제 제대로 답합니다."
    for record in server.requests:
        assert_valid_json(record.body)
