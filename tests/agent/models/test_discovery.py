import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from officehours.agent.models.discovery import find_local_server, resolve_model
from officehours.agent.models.profiles import CAUTIOUS_WINDOW, DEFAULT_MODEL, profile_of
from officehours.memory.errors import ConfigError, KeyRejected, ServerUnreachable, UnknownModel


@contextmanager
def server(routes):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = routes.get(self.path, (404, "<html>not here</html>"))
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/v1"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def models(*names, **more):
    return {"/v1/models": (200, {"object": "list", "data": [{"id": n, **more} for n in names]})}


def test_a_server_on_this_machine_is_found_by_its_list_of_models():
    with server(models("qwen3:8b", "gemma3")) as url:
        found = find_local_server(
            timeout=5, addresses=[("lmstudio", "http://127.0.0.1:9/v1"), ("ollama", url)]
        )
    assert (found.provider, found.base_url, found.models) == ("ollama", url, ("qwen3:8b", "gemma3"))


@pytest.mark.parametrize(
    "routes",
    [{}, {"/v1/models": (200, "<html>")}, {"/v1/models": (200, {"data": "no"})}, {"/v1/models": (401, "{}")}],
)
def test_a_server_of_another_kind_is_passed_over(routes):
    with server(routes) as url:
        assert find_local_server(timeout=5, addresses=[("vllm", url)]) is None


def test_study_is_chosen_by_name_whatever_else_is_set():
    assert resolve_model("study", base_url="http://127.0.0.1:9/v1", api_key="sk-x") is None


def test_an_address_alone_takes_the_first_model_it_lists_and_its_window():
    with server(models("tiny", "large", max_model_len=4096)) as url:
        profile = resolve_model(base_url=url).profile
    assert (profile.name, profile.window, profile.local) == ("tiny", 4096, True)


def test_the_window_of_llama_cpp_is_asked_for_and_the_setting_goes_before_it():
    routes = models("noise") | {"/props": (200, {"default_generation_settings": {"n_ctx": 2048}})}
    with server(routes) as url:
        assert resolve_model("noise", base_url=url).profile.window == 2048
        assert resolve_model("noise", base_url=url, window=16_000).profile.window == 16_000


def test_a_key_alone_takes_the_cheap_default():
    model = resolve_model(api_key="sk-x")
    assert model.profile.name == DEFAULT_MODEL
    assert model.base_url == "https://api.openai.com/v1"
    assert model.profile.provider == "openai"


def test_a_provider_is_named_before_the_colon_and_reads_its_own_key():
    model = resolve_model("openrouter:meta-llama/llama3.1-70b", environ={"OPENROUTER_API_KEY": "k"})
    assert model.profile.name == "meta-llama/llama3.1-70b"
    assert model.profile.window == 128_000
    assert "openrouter.ai" in model.base_url


def test_a_colon_in_a_model_name_is_no_provider():
    with server(models("qwen3:8b")) as url:
        assert resolve_model("qwen3:8b", base_url=url).profile.name == "qwen3:8b"


def test_what_is_missing_is_said_with_what_to_do():
    with pytest.raises(KeyRejected, match="ANTHROPIC_API_KEY"):
        resolve_model("anthropic:claude-sonnet", environ={})
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:9"):
        resolve_model(base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match="names no model"):
        resolve_model("ollama:")
    with server(models()) as url, pytest.raises(UnknownModel, match="lists no model"):
        resolve_model(base_url=url)


def test_a_refused_key_is_told_from_a_server_that_is_down():
    with server({"/v1/models": (401, {})}) as url, pytest.raises(KeyRejected):
        resolve_model(base_url=url, api_key="wrong")


def test_profiles_come_from_the_longest_name_that_fits():
    assert profile_of("gpt-4o-mini", "openai", local=False).window == 128_000
    assert profile_of("gpt-4-0613", "openai", local=False).window == 8_192
    assert profile_of("who-knows", "x", local=False).window == CAUTIOUS_WINDOW
    assert profile_of("gpt-4o", "x", local=True).window == CAUTIOUS_WINDOW
