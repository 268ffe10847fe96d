"""Letta's agent file (.af): a memory as other programs of MemGPT's lineage read it, and as we read it back whole.

The file has the seven lists that Letta requires and what it can hold: the core blocks, the messages, the core tools.
What it has no place for (facts with their quotes and validity, dates, turns) goes with it under a key of our own,
which Letta passes over; importing such a file here loses nothing. Every id in it is unique across all kinds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core import BLOCKS, Block
from ..store import Database
from ..types import Student
from .export import export_document, write_text
from .load_export import CARRIED

CORE_TOOLS = {
    "core_memory_append": "letta_core",
    "core_memory_replace": "letta_core",
    "archival_memory_insert": "letta_core",
    "archival_memory_search": "letta_core",
    "conversation_search": "letta_core",
}
"""MemGPT's tools by name, with the kind that Letta gives them."""

Json = dict[str, Any]


def export_agent_file(
    db: Database,
    student: Student,
    blocks: Mapping[str, Block],
    file: Path,
    *,
    persona: str = "",
    model: str = "gpt-4o-mini",
    window: int = 128_000,
) -> int:
    """Write a student's memory as an agent file, whole or not at all, and give the number of messages in it.

    Args:
        blocks: The student's core memory now.
        persona: The professor's own words, which become the system prompt; Letta has no students, only agents.
        model, window: What the agent is to speak with where it is imported.

    Raises:
        StoreUnwritable: The file cannot be written.
    """
    document = agent_file(export_document(db, student), student, blocks, persona, model, window)
    write_text(file, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return len(document["agents"][0]["messages"])


def agent_file(
    exported: Json, student: Student, blocks: Mapping[str, Block], persona: str, model: str, window: int
) -> Json:
    """Make the document from a whole export."""
    said = [row for row in exported["messages"] if not row["undone"] and row["state"] != "cancelled"]
    paired = _paired(said)
    messages = [_message(number, row) for number, row in enumerate(paired)]
    tools = [_tool(number, name) for number, name in enumerate(CORE_TOOLS)]
    shown = [_block(number, block) for number, block in enumerate(blocks.values())]
    agent: Json = {
        "id": "agent-0",
        "name": _name(student),
        "agent_type": "memgpt_agent",
        "system": persona,
        "llm_config": {"model": model, "model_endpoint_type": "openai", "context_window": window},
        "block_ids": [block["id"] for block in shown],
        "tool_ids": [tool["id"] for tool in tools],
        "messages": messages,
        "in_context_message_ids": [message["id"] for message in messages[-10:]],
        "tags": ["officehours"],
    }
    return {
        "agents": [agent],
        "groups": [],
        "blocks": shown,
        "files": [],
        "sources": [],
        "tools": tools,
        "mcp_servers": [],
        "metadata": {"made_by": "officehours"},
        CARRIED: exported,
    }


def _paired(rows: Sequence[Json]) -> list[Json]:
    """Leave out tool calls without a result and results without a call, which no provider takes."""
    called = {call[0] for row in rows for call in row["tool_calls"] or ()}
    answered = {row["tool_call_id"] for row in rows if row["role"] == "tool"}
    kept: list[Json] = []
    for row in rows:
        if row["role"] == "tool" and row["tool_call_id"] not in called:
            continue
        calls = [call for call in row["tool_calls"] or () if call[0] in answered]
        if row["content"].strip() or calls:
            kept.append(row | {"tool_calls": calls})
    return kept


def _message(number: int, row: Json) -> Json:
    message: Json = {
        "type": "message",
        "id": f"message-{number}",
        "role": row["role"],
        "content": [{"type": "text", "text": row["content"]}],
        "created_at": row["time"],
    }
    if row["name"]:
        message["name"] = row["name"]
    if row["tool_calls"]:
        message["tool_calls"] = [
            {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}
            for identity, name, arguments in row["tool_calls"]
        ]
    if row["tool_call_id"]:
        message["tool_call_id"] = row["tool_call_id"]
    return message


def _block(number: int, block: Block) -> Json:
    # Letta's agents call the one they speak with "human".
    label = "human" if block.label == "student" else block.label
    return {
        "id": f"block-{number}",
        "label": label,
        "value": block.value,
        "limit": block.limit,
        "description": BLOCKS[block.label].description,
        "read_only": False,
        "metadata": {},
    }


def _tool(number: int, name: str) -> Json:
    return {
        "id": f"tool-{number}",
        "name": name,
        "tool_type": CORE_TOOLS[name],
        "source_type": "python",
        "tags": ["letta_core"],
    }


def _name(student: Student) -> str:
    kept: Iterable[str] = (
        letter if letter.isalnum() or letter in "-_ " else "_" for letter in student.handle
    )
    return f"officehours {''.join(kept)}"[:64]
