"""Opening Chroma in this process, so that it never lets go of a collection by itself.

Chroma (seen in 1.5.9) keeps the collections that were touched in a cache and saves one after every 1,000 changes. What
falls out of that cache comes back without its unsaved changes: a search fails ("Nothing found on disk"), or finds less
and does not say so. That happens long before the cache is full, with 4 collections of 51 possible. So nothing may fall
out: the cache is made larger than will ever be needed, and who opened the client counts the collections and opens it
anew after `most_collections()` of them, which loses nothing (docs/adr/0011).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import ConfigError
from ...lazy import load_whole, loading

MOST_COLLECTIONS = 64
"""Their vectors are held in memory: a thousand students of a thousand messages each took 4.6 GB."""

FILES_PER_COLLECTION = 4
FILES_OF_OTHERS = 128

NEVER_FULL = 1_000_000

EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"
EMBEDDED = "chromadb.api.rust.RustBindingsAPI"

TRACES_WANTED = "CHROMA_OTEL_COLLECTION_ENDPOINT"
"""The setting of Chroma's that makes it use the exporter."""


def open_client(folder: Path) -> Any:
    """Open Chroma on a folder, made if it is not there, without telemetry and whatever a `.env` file says."""
    chromadb = import_chromadb()
    from chromadb.api.shared_system_client import SharedSystemClient

    _hold_all()
    settings = chroma_settings(chroma_api_impl=EMBEDDED)
    try:
        load_whole("chromadb.api.rust", "chromadb.telemetry.product.posthog")  # what it loads by itself
        return chromadb.PersistentClient(path=str(folder), settings=settings)
    except BaseException:
        shared: Any = SharedSystemClient
        # What failed at its start is kept there, and would be given to the next who opens the folder.
        shared._identifier_to_system.pop(str(folder), None)
        raise


def import_chromadb() -> Any:
    """Import Chroma without the exporter of its traces, gRPC behind it: 14 MB and 160 modules that nothing here asks for."""
    with loading:
        return _import_chromadb()


def _import_chromadb() -> Any:
    stand_in = ModuleType(EXPORTER)
    stand_in.OTLPSpanExporter = None  # pyright: ignore[reportAttributeAccessIssue]
    missing = (
        {} if TRACES_WANTED in os.environ else {EXPORTER.rpartition(".")[0]: stand_in, EXPORTER: stand_in}
    )
    added = {name for name, module in missing.items() if sys.modules.setdefault(name, module) is module}
    try:
        with settings_named():
            import chromadb
    finally:
        for name in added:  # whoever wants the real one gets it
            del sys.modules[name]
    return chromadb


def chroma_settings(**values: Any) -> Any:
    """Give Chroma's settings: `values`, then the environment.

    Raises:
        ConfigError: A variable of the environment is no such setting.
    """
    from chromadb.config import Settings

    with settings_named():
        return Settings(anonymized_telemetry=False, _env_file=None, **values)  # pyright: ignore[reportCallIssue]


@contextmanager
def settings_named() -> Generator[None]:
    """Name the variable that Chroma does not take: any of its some seventy settings is read from one of that name."""
    try:
        yield
    except ValueError as error:
        wrong = getattr(error, "errors", list[Any])()
        named = str(wrong[0]["loc"][0]) if wrong else str(error).partition('"')[2].partition('"')[0]
        if not named:
            raise
        raise ConfigError(
            f"Chroma, which keeps the search index, reads {named.upper()} in the environment (or in a file .env here) "
            "and cannot use its value; unset it. Until then memory is searched without the index, more slowly.",
            f"검색 색인을 맡은 Chroma가 환경 변수(또는 여기 있는 .env 파일)의 {named.upper()} 값을 읽지 못합니다. 변수를 지워 "
            "주세요. 그때까지는 색인 없이 조금 더 느리게 찾습니다.",
        ) from error


def close_client(client: Any) -> None:
    """Close what `open_client` opened, with every file."""
    client.close()
    gc.collect()  # the last files are closed with Chroma's own objects, which refer to each other


def most_collections() -> int:
    """Say how many collections may be touched before the client is opened anew: each keeps files open."""
    if sys.platform == "win32":
        return MOST_COLLECTIONS
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_COLLECTIONS
    return max(2, min(MOST_COLLECTIONS, (files - FILES_OF_OTHERS) // FILES_PER_COLLECTION))


def _hold_all() -> None:
    # There is no setting for it: Chroma works the number out of the files that may be open, in this attribute.
    from chromadb.api.rust import RustBindingsAPI

    bindings: Any = RustBindingsAPI
    bindings.hnsw_cache_size = property(lambda _: NEVER_FULL, lambda _, worked_out: None)  # noqa: ARG005
