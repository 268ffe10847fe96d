"""Try a Chroma folder in a process of its own: exit code 0 sound, 3 cannot be written, anything else damaged.

Run by `chroma_folder.probe`, never imported: some damaged folders crash the process that opens them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .client import most_touched, open_client

FULL_OR_FORBIDDEN = ("disk is full", "No space left", "readonly", "read-only", "unable to open", "locked")


def main(folder: str) -> int:
    """Open every collection, ask it, write to it and take that back."""
    offset, most = 0, most_touched()
    while True:
        client = open_client(Path(folder))
        page = client.list_collections(limit=most, offset=offset)
        for listed in page:
            _try(client.get_collection(listed.name, embedding_function=None))
        client.close()
        if len(page) < most:
            return 0
        offset += len(page)


def _try(collection: Any) -> None:
    some = collection.get(limit=1, include=["embeddings"])
    if not some["ids"]:
        return
    vector = some["embeddings"][:1]
    collection.query(query_embeddings=vector, n_results=10, include=["distances"])
    collection.upsert(ids=["probe"], embeddings=vector)
    collection.delete(ids=["probe"])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  the exit code is the whole answer
        sys.exit(3 if any(text in str(error) for text in FULL_OR_FORBIDDEN) else 1)
