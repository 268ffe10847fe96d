from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer, Reply, refuse, say
from officehours.agent.comparison.values import Answer, Contender, ratios
from officehours.agent.events import Bill
from officehours.ui.compare import document
from program import officehours

PRICES = "[prices.dear]\ninput = 2.0\noutput = 8.0\n"


def answers(body: dict[str, Any]) -> Reply:
    """Answer as the model that is asked; `broken` fails."""
    if body["model"] == "broken":
        return refuse(401, "Incorrect API key provided.")
    with_professor = any(m["role"] == "system" for m in body["messages"])
    usage = {"prompt_tokens": 1_000 if with_professor else 10, "completion_tokens": 20}
    return say(f"{body['model']} answers.", usage=usage | {"total_tokens": sum(usage.values())})


def compare(home: Path, server: ChatServer, models: str, *arguments: str):
    return officehours(
        "compare", "ReLU에 대해서 알려줘", "--models", models, *arguments, home=home, OPENAI_BASE_URL=server.url
    )  # fmt: skip


def test_each_model_answers_alone_and_with_the_professor(own_home: Path):
    officehours("ask", "My name is Mina.", home=own_home)
    (own_home / "config.toml").write_text(PRICES, encoding="utf-8")
    officehours("memory", "export", own_home / "before.json", home=own_home)
    kept = json.loads((own_home / "before.json").read_text(encoding="utf-8"))
    with ChatServer(answers) as server:
        found = compare(own_home, server, "dear,broken,study", "--json").json
        asked = [request.body for request in server.requests if request.method == "POST"]
    by = {(one["model"], one["professor"]): one for one in found["answers"]}
    assert list(by) == [*((m, p) for m in ("dear", "broken") for p in (False, True)), ("study", True)]  # fmt: skip
    assert by["dear", False]["answer"] == by["dear", True]["answer"] == "dear answers."
    assert {one["error"]["kind"] for key, one in by.items() if key[0] == "broken"} == {"KeyRejected"}
    assert by["study", True]["answer"]
    assert by["study", True]["usage"]["usd"] == 0

    bare = next(body for body in asked if body["model"] == "dear")
    assert [(m["role"], m["content"]) for m in bare["messages"]] == [("user", "ReLU에 대해서 알려줘")]
    assert "tools" not in bare

    spent = by["dear", False]["usage"]
    assert (spent["requests"], spent["input_tokens"], spent["output_tokens"]) == (1, 10, 20)
    assert spent["usd"] == pytest.approx((10 * 2 + 20 * 8) / 1e6)
    assert spent["krw"] == pytest.approx(1400 * spent["usd"])
    ratio = {(r["of"]["model"], r["of"]["professor"], r["to"]["model"], r["to"]["professor"]): r for r in found["ratios"]}  # fmt: skip
    assert ratio["dear", True, "dear", False]["tokens"] == pytest.approx(1020 / 30)
    assert ratio["study", True, "dear", False]["usd"] == 0
    assert not any(r["of"]["model"] == "broken" for r in found["ratios"])

    officehours("memory", "export", own_home / "after.json", home=own_home)
    after = json.loads((own_home / "after.json").read_text(encoding="utf-8"))
    assert {row["purpose"] for row in after.pop("usage")[len(kept.pop("usage")) :]} == {"comparison"}
    assert after == kept
    assert not [*own_home.glob("comparison-*")]
    usage = officehours("usage", "--json", home=own_home).json["by_model"]
    assert usage["dear"]["requests"] == 2
    assert usage["dear"]["usd"] == pytest.approx((10 * 2 + 20 * 8 + 1000 * 2 + 20 * 8) / 1e6)


def test_a_question_may_come_from_stdin(own_home: Path):
    done = officehours("compare", "-", "--models", "study", "--json", home=own_home, stdin="안녕하세요")
    assert done.json["question"] == "안녕하세요"
    assert done.json["answers"][0]["answer"]


def test_the_tables_are_for_people(own_home: Path):
    with ChatServer(answers) as server:
        table = compare(own_home, server, "cheap,study", "--format", "md").out
        lines = compare(own_home, server, "cheap,study").out
    assert r"| cheap alone | 1 | 10 | 20 | \$0.000000 | ₩0.00 |" in table
    assert "> cheap answers." in table
    assert "cheap with the professor" in lines


UNPRICED = Bill(1, 10, 0, 20, None, None, local=False, seconds=2)
PRICED = Bill(1, 10, 0, 50, Decimal("0.003"), Decimal("4.2"), local=False, seconds=1)
FREE = Bill(1, 10, 0, 20, Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("of", "to", "usd", "tokens"),
    [
        (PRICED, PRICED, 1.0, 1.0),
        (replace(PRICED, usd=Decimal("0.001")), PRICED, float(Decimal(1) / 3), 1.0),
        (UNPRICED, PRICED, None, 0.5),
        (PRICED, UNPRICED, None, 2.0),
        (FREE, PRICED, 0.0, 0.5),
        (PRICED, FREE, None, 2.0),
    ],
)
def test_a_ratio_is_of_exact_values_or_unknown(of: Bill, to: Bill, usd: float | None, tokens: float):
    found = [
        Answer(Contender("a", professor=False), "x", to),
        Answer(Contender("a", professor=True), "x", of),
    ]
    (ratio,) = ratios(found)
    assert (ratio.usd, ratio.tokens) == (usd, tokens)
    shown = document("?", found)
    assert (shown["answers"][1]["usage"]["usd"] is None) == (of.usd is None)


@pytest.mark.parametrize(
    ("models", "more", "code"), [(" , ", (), 2), ("study", ("--format", "pdf"), 2), ("broken", (), 3)]
)
def test_what_cannot_be_compared_is_said(own_home: Path, models: str, more: tuple[str, ...], code: int):
    with ChatServer(answers) as server:
        done = compare(own_home, server, models, *more)
    assert done.code == code
    assert "Traceback" not in done.err
