from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from officehours.memory.index.chroma.client import close_client, open_client

OPENED = """
import sys
from pathlib import Path
from officehours.memory.index.chroma.client import close_client, open_client
close_client(open_client(Path(sys.argv[1])))
assert "grpc" not in sys.modules
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
assert OTLPSpanExporter.__module__ == "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"
"""


def test_chroma_opens_without_the_exporter_of_traces_which_others_still_get(tmp_path):
    subprocess.run([sys.executable, "-c", OPENED, str(tmp_path)], check=True)


@pytest.mark.parametrize(
    "variable", ["CHROMA_SERVER_HTTP_PORT", "IS_PERSISTENT", "MIGRATIONS", "CHROMA_SERVER_CORS_ALLOW_ORIGINS"]
)
def test_a_variable_that_chroma_cannot_read_is_named(tmp_path: Path, variable: str) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom officehours.memory.index.chroma import ChromaFolder\n"
        "folder = ChromaFolder(Path(sys.argv[1]), lambda warning: print(warning.en))\n"
        "print(folder.open_now())\nfolder.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "index")],
        env={**os.environ, variable: "maybe"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    said, is_open = done.stdout.splitlines()
    assert variable in said
    assert is_open == "False"


def test_another_kind_of_chroma_in_the_environment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMA_API_IMPL", "chromadb.api.fastapi.FastAPI")
    close_client(open_client(tmp_path))
