"""Which embedder a setting names."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConfigError
from .base import AUTO, PACKAGED, Embedder, WarningSink
from .bilingual import BILINGUAL, bilingual_embedder
from .foreign import ForeignEmbedder
from .hashing import HashingEmbedder

MOST_DIMENSIONS = 65_536


def open_embedder(
    setting: Embedder | str,
    *,
    api_key: str | None = None,
    warn: WarningSink | None = None,
    start: bool = True,
) -> Embedder:
    """Open the embedder that a setting names; returns at once and loads in the background.

    Args:
        setting: `auto`, `hashing` (or `hashing-N` for N dimensions), a model's name, a folder, or
            `URL#MODEL` of an OpenAI-compatible server; or an embedder.
        api_key: For an endpoint.
        warn: Takes warnings, such as that a model is being fetched.
        start: Begin to load now; else at the first use.

    Raises:
        ConfigError: The setting cannot be understood. What fails while loading is raised by `wait` and `embed`.
    """
    embedder = (
        _choose(setting.strip(), api_key, warn) if isinstance(setting, str) else ForeignEmbedder(setting)
    )
    if start:
        embedder.start()
    return embedder


def _choose(setting: str, api_key: str | None, warn: WarningSink | None) -> Embedder:
    from .sentence import AutoEmbedder, EndpointEmbedder, SentenceEmbedder, hub_is_off

    hub = not hub_is_off()
    if setting in AUTO:
        return AutoEmbedder(hub=hub, warn=warn)
    if setting == BILINGUAL:
        return bilingual_embedder()
    if setting in {PACKAGED, f"sentence-transformers/{PACKAGED}"}:
        return SentenceEmbedder(PACKAGED, PACKAGED)
    if setting == "hashing":
        return HashingEmbedder()
    if setting.startswith("hashing-") and setting[8:].isdecimal():
        if not 0 < int(setting[8:][:9]) <= MOST_DIMENSIONS:
            raise ConfigError(
                f"{setting} is no embedder: it has 1 to {MOST_DIMENSIONS} dimensions. Check OFFICEHOURS_EMBEDDER.",
                f"{setting} 임베더는 없습니다. 차원은 1에서 {MOST_DIMENSIONS} 사이입니다. OFFICEHOURS_EMBEDDER를 확인해 주세요.",
            )
        return HashingEmbedder(int(setting[8:]))
    if setting.startswith(("http://", "https://")):
        return EndpointEmbedder(setting, api_key)
    folder = Path(setting).expanduser()
    if folder.is_dir():
        resolved = str(folder.resolve())
        return SentenceEmbedder(resolved, resolved)
    if folder.is_absolute() or setting.startswith((".", "~")):
        raise ConfigError(
            f"The embedder's folder {setting} is not there. Check OFFICEHOURS_EMBEDDER, or set it to auto.",
            f"임베더 폴더 {setting}가 없습니다. OFFICEHOURS_EMBEDDER를 확인하거나 auto로 바꿔 주세요.",
        )
    return SentenceEmbedder(setting, setting, hub=hub, warn=warn)
