"""How a store of an earlier version becomes one of this version, with Alembic and without an alembic.ini.

A new revision is a file in `versions/`; its id becomes `HEAD` here, and what was `HEAD` joins `KNOWN`. A revision
that has been released is never edited.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0007"
KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005", "0006", "0007"})


def configuration() -> Config:
    """Give Alembic's configuration of this package."""
    from alembic.config import Config

    config = Config()
    # Alembic interpolates this value as an ini file would.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the store up to a revision, inside the connection's transaction."""
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
