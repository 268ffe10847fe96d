from __future__ import annotations

import subprocess
import sys

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
