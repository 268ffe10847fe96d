from __future__ import annotations

import pytest

from officehours.memory.learner.pairs import pairs_in

PAIRS = [
    ("LoRA", "**Rank**: the number of columns of B.", [("Rank", "the number of columns of B.")]),
    ("LoRA", "- **랭크(rank)**: B의 열의 개수", [("랭크(rank)", "B의 열의 개수")]),
    ("LoRA", "**Epoch** is one pass over the data. More.", [("Epoch", "Epoch is one pass over the data.")]),
    ("기초", "**에폭**이란 자료를 한 번 다 보는 것이다.", [("에폭", "에폭이란 자료를 한 번 다 보는 것이다.")]),
    ("LoRA", "**Note**: the exam is on Friday, in room 3.", []),
    ("LoRA", "**주의**: 시험은 금요일입니다.", []),
    ("LoRA", "Some **bold** words in a sentence: here.", []),
    (
        "ReLU > 정의",
        "ReLU(Rectified Linear Unit)는 음수를 0으로 만드는 함수입니다. 1960년대부터 있었습니다.",
        [
            ("ReLU (Rectified Linear Unit)", "ReLU(Rectified Linear Unit)는 음수를 0으로 만드는 함수입니다."),
            ("ReLU = ?", "Rectified Linear Unit"),
        ],
    ),
    ("토큰 (Tokens)", "In English: A token is the smallest unit of text.", [("token", "A token is the smallest unit of text.")]),
    ("어텐션", "학생은 밥을 먹는 사람입니다.", []),
    ("Attention", "The exam is the last of the term.", []),
    ("고유값 > 왜 필요한가", "고유값은 어렵습니다.", []),
    ("Quiz", "Q: What is 2 + 2?\nA: It is 4.", [("What is 2 + 2?", "It is 4.")]),
    ("퀴즈", "1. ReLU가 뭔가요?\n\n> 정답: max(0, x)\n> 입니다.", [("ReLU가 뭔가요?", "max(0, x) 입니다.")]),
    ("퀴즈", "문제 1: 랭크는 얼마인가요?\n\n정답: 4를 씁니다.", [("랭크는 얼마인가요?", "4를 씁니다.")]),
    ("퀴즈", "2. ReLU(−3) + ReLU(2)는 얼마입니까?\n> 정답: 2입니다.", [("ReLU(−3) + ReLU(2)는 얼마입니까?", "2입니다.")]),
    ("a", "ELUs (Exponential Linear Units)", [("ELUs = ?", "Exponential Linear Units")]),
    (
        "기호",
        "| 기호 | 뜻 |\n|---|---|\n| $\\alpha$ | 학습률을 뜻함 |\n| `w` | 가중치를 뜻함 |",
        [("$\\alpha$ · 뜻", "학습률을 뜻함"), ("`w` · 뜻", "가중치를 뜻함")],
    ),
    ("일정", "| 주 | 내용 |\n|---|---|\n| 1 | 소개와 준비 |\n| 2 | 어텐션 |", []),
    ("비교", "| | A | B |\n|---|---|---|\n| speed | fast one | slow one |", []),
    ("용어집", "- 배치: 한 번에 보는 자료\n- 에폭 - 자료 전체를 한 번 보기", [("배치", "한 번에 보는 자료"), ("에폭", "자료 전체를 한 번 보기")]),
    ("Steps", "- First: open the file\n- Then: run it", []),
    ("a", "We use Low-Rank Adaptation (LoRA) here.", [("LoRA = ?", "Low-Rank Adaptation")]),
    ("a", "DoRA (Weight-Decomposed Low-Rank Adaptation) splits it.", [("DoRA = ?", "Weight-Decomposed Low-Rank Adaptation")]),
    ("a", "The GPU (see the last chapter) and the CPU (which is slow).", []),
    ("코드", "```\n**Rank**: not read\n```", []),
]  # fmt: skip


@pytest.mark.parametrize(("headings", "body", "expected"), PAIRS)
def test_only_what_a_text_sets_against_each_other_is_a_pair(headings, body, expected):
    assert [(pair.front, pair.back) for pair in pairs_in(headings, body)] == expected
