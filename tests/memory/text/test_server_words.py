"""What a server said in an error: words, whatever they are wrapped in."""

from __future__ import annotations

import json

import pytest

from officehours.memory.text.server_words import WORDS, names_in, said_in

SAID = "CUDA out of memory"
NESTED = json.dumps({"error": {"message": json.dumps({"error": {"message": SAID}})}})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"message": "CUDA out of memory", "code": 500}}', SAID),
        ('{"error": "CUDA out of memory"}', SAID),
        ('[{"error": {"message": "CUDA out of memory"}}]', SAID),
        ('{"detail": "CUDA out of memory"}', SAID),
        (
            '{"detail": [{"loc": ["body", "stream_options"], "msg": "extra fields not permitted"}]}',
            "body.stream_options: extra fields not permitted",
        ),
        ('{"errors": ["CUDA out of memory", "again"]}', f"{SAID}; again"),
        (NESTED, SAID),
        ("Error code: 500 - {'error': {'message': 'CUDA out of memory', 'code': None}}", SAID),
        ('{"error": null, "message": "CUDA out of memory"}', SAID),
        ('{"error": {"type": "overloaded_error"}}', "overloaded_error"),
        ("CUDA out\n of \x1b[31mmemory", "CUDA out of [31mmemory"),
        ("{'error': 'CUDA out of memory'}", SAID),
        ("use {x} for a value", "use {x} for a value"),
        ('failed: {"error": {"mess', "failed"),
        ('{"error": {"mess', ""),
        ("{" * 5000, ""),
        ("[" * 5000, ""),
        ('{"a": ' * 5000, ""),
        ("{}", ""),
        ("null", "null"),
        ("", ""),
        ("<html><body>Bad Gateway</body></html>", ""),
        ("x" * 10_000, "x" * (WORDS - 1) + "…"),
    ],
)
def test_the_words_are_found_and_json_never(body: str, said: str) -> None:
    assert said_in(body) == said


def test_codes_and_types_are_found_at_any_depth() -> None:
    body = '[{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"reason": "rateLimitExceeded"}]}}]'

    assert names_in(body).split() == ["429", "RESOURCE_EXHAUSTED", "rateLimitExceeded"]
    assert names_in("words") == ""
