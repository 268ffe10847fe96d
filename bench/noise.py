"""A session on a server that answers with noise: nothing may break, hang, get lost or spoil memory.

    pip install 'llama-cpp-python[server]'              (in an environment of its own; compiles for some minutes)
    python -m llama_cpp.server --model noise.gguf --port 8123 --n_ctx 8192 --chat_format chatml-function-calling
    python -m officehours.bench noise http://127.0.0.1:8123/v1 [--turns 200]

noise.gguf is a llama of half a megabyte with random weights, as the package `gguf` writes one. Any server that speaks
Chat Completions will do; the worse its model, the better the proof.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFailed
from officehours.agent.model import ModelProfile
from officehours.agent.models.chat_completions.client import OpenAIModel, Retry
from officehours.agent.settings import Limits, Settings
from officehours.bench._mixed import spoken


def main() -> None:
    """Talk, then look at what is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base_url")
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--model", default="noise")
    parser.add_argument("--window", type=int, default=8_192)
    parser.add_argument("--max-output", type=int, default=96)
    options = parser.parse_args()
    profile = ModelProfile(
        options.model, "llama.cpp", window=options.window, max_output=options.max_output, local=True
    )
    model = OpenAIModel(profile, base_url=options.base_url, retry=Retry(tries=2, seconds=2, first=0.1))
    settings = Settings(
        home=Path(tempfile.mkdtemp(prefix="officehours-noise-")),
        embedder="hashing",
        language="ko",
        zone="Asia/Seoul",
        limits=Limits(steps=4),
    )
    kinds = Counter[str]()
    said: list[str] = []
    began = time.monotonic()
    slowest = 0.0
    with open_tutor(settings, model=model) as agent:
        for number, text in enumerate(spoken(options.turns, mixed=True), 1):
            started = time.monotonic()
            said.append(text)
            for event in agent.turn(text):
                kinds[event.type] += 1
                if isinstance(event, TurnFailed):
                    kinds[f"failed: {event.error.en}"] += 1
            slowest = max(slowest, time.monotonic() - started)
            if number % 20 == 0:
                print(f"{number} turns, {time.monotonic() - began:.0f} s", file=sys.stderr)
        state = agent.state
        log = state.memories.sessions.log(state.conversation.session)
        kept = [m.message.content for m in log if m.message.role == "user"]
        strange = [m.id for m in log if spoilt(m.message.content)]
        core = state.memories.core.blocks()
        over = [label for label, block in core.items() if len(block.value) > block.limit]
        strange += [a.id for a in state.memories.archival.list() if spoilt(a.text)]
    print(dict(kinds))
    print(f"messages kept: {len(kept)} of {options.turns}, in order: {kept == said}")
    print(
        f"texts that hold control characters or half letters: {len(strange)}; blocks over their limit: {over}"
    )
    print(
        f"slowest turn {slowest:.1f} s; core memory holds {sum(len(b.value) for b in core.values())} characters"
    )
    with open_tutor(settings, model=model) as agent:
        agent.state.begin()
        print(
            "opened again:",
            len(agent.state.memories.sessions.log(agent.state.conversation.session)),
            "messages",
        )


def spoilt(text: str) -> bool:
    """Whether a text holds what no text should."""
    return any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text)


if __name__ == "__main__":
    main()
