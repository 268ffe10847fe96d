"""What is known of models and of who serves them, as data. A server's own word goes before this table."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model import ModelProfile
from .dialect import Dialect

CAUTIOUS_WINDOW = 8_192
"""The window of a model nobody has told us about."""

OLLAMA_WINDOW = 4_096
"""What Ollama serves any model with on a machine with less than 24 GiB of video memory, until it is told otherwise.
It cuts longer prompts without a word, so nothing larger may be assumed."""

_NEW_LIMIT = Dialect(limit_field="max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models.

    Attributes:
        name: As it stands before the colon in `provider:model`.
        base_url: Where it answers Chat Completions.
        key: The environment variable that holds its key; None where none is needed.
        prices: The name price lists know it by.
        dialect: Which optional fields of a request it takes, as far as that is known beforehand.
        window: The window it serves any model with where it does not tell.
    """

    name: str
    base_url: str
    key: str | None
    prices: str
    dialect: Dialect = field(default_factory=Dialect)
    window: int | None = None


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "openai", _NEW_LIMIT),
        Provider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter"),
        Provider(
            "gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "google"
        ),
        Provider("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "anthropic"),
        Provider("xai", "https://api.x.ai/v1", "XAI_API_KEY", "x-ai"),
        Provider("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq"),
        Provider("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "deepseek"),
        Provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral"),
        Provider("ollama", "http://127.0.0.1:11434/v1", None, "ollama", window=OLLAMA_WINDOW),
        Provider("lmstudio", "http://127.0.0.1:1234/v1", None, "lmstudio"),
        Provider("vllm", "http://127.0.0.1:8000/v1", None, "vllm"),
        Provider("llamacpp", "http://127.0.0.1:8080/v1", None, "llamacpp"),
    )
}
"""Every provider that can be named before a colon. The last four are servers on this machine."""

LOCAL = ("ollama", "lmstudio", "vllm", "llamacpp")

DEFAULT_MODEL = "gpt-6-luna"
"""The model of somebody who has set an OpenAI key and nothing else: the cheapest of the current generation (USD 0.1
in, 0.5 out per million tokens in November 2026)."""

# (beginning of the name, window, most output); the longest beginning that fits counts.
_KNOWN: tuple[tuple[str, int, int], ...] = (
    ("gpt-6", 1_050_000, 16_384),
    ("gpt-5", 400_000, 16_384),
    ("gpt-5.3", 128_000, 16_384),
    ("gpt-5.3-codex", 400_000, 16_384),
    ("gpt-5.4", 1_050_000, 16_384),
    ("gpt-5.4-mini", 400_000, 16_384),
    ("gpt-5.4-nano", 400_000, 16_384),
    ("gpt-5.5", 1_000_000, 16_384),
    ("gpt-5.6", 1_050_000, 16_384),
    ("gpt-4.1", 1_000_000, 16_384),
    ("gpt-4o", 128_000, 16_384),
    ("gpt-4-turbo", 128_000, 4_096),
    ("gpt-4", 8_192, 4_096),
    ("gpt-3.5-turbo", 16_385, 4_096),
    ("gpt-oss", 131_072, 16_384),
    ("o1", 200_000, 32_768),
    ("o3", 200_000, 32_768),
    ("o4", 200_000, 32_768),
    ("claude-3-opus", 200_000, 4_096),
    ("claude-3-haiku", 200_000, 4_096),
    ("claude", 200_000, 8_192),
    ("gemini", 1_000_000, 8_192),
    ("deepseek", 64_000, 8_192),
    ("mistral", 32_768, 8_192),
    ("qwen3", 32_768, 8_192),
    ("qwen2.5", 32_768, 8_192),
    ("llama-3.1", 128_000, 4_096),
    ("llama-3.3", 128_000, 4_096),
    ("llama3.1", 128_000, 4_096),
    ("llama3", 8_192, 4_096),
    ("exaone", 32_768, 4_096),
    ("gemma", 8_192, 4_096),
)


def profile_of(name: str, provider: str, *, local: bool, window: int | None = None) -> ModelProfile:
    """Give the facts about a model.

    Args:
        name: As the server knows it; a leading `maker/` is passed over when it is looked up.
        provider: For prices and for the person.
        local: It runs on this machine.
        window: What the server or the settings say of its window; goes before the table.
    """
    bare = name.rpartition("/")[2].lower()
    fitting = [row for row in _KNOWN if bare.startswith(row[0])]
    _, known, output = max(fitting, key=lambda row: len(row[0]), default=("", CAUTIOUS_WINDOW, 2_048))
    # A server on this machine usually serves less of the window than the model could have, so the table is no help there.
    size = window or (CAUTIOUS_WINDOW if local else known)
    return ModelProfile(name, provider, local=local, max_output=output).with_window(size)


def provider_at(base_url: str) -> Provider | None:
    """Find who serves at an address, or None if nobody known does."""
    return next((p for p in PROVIDERS.values() if p.base_url == base_url.rstrip("/")), None)
