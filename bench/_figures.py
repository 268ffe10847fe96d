"""What a measurement gives: figures, printed as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is of, its value with its unit, and the target where there is one."""

    what: str
    value: float
    unit: str
    target: str = ""


def parser(about: str | None) -> argparse.ArgumentParser:
    """Give a parser of a measurement's options, with `--json`."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    return made


def show(figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print figures on stdout, with the machine they were seen on."""
    if as_json:
        cores, load = os.cpu_count(), round(load_now(), 1)
        document = {"cores": cores, "load": load, "figures": [asdict(figure) for figure in figures]}
        print(json.dumps(document, ensure_ascii=False))
        return
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        print(
            f"{figure.what:<{width}}  {_number(figure.value):>10} {figure.unit:<8} {figure.target}".rstrip()
        )


def load_now() -> float:
    """Give the machine's load, 0 where it does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def p50(values: Sequence[float]) -> float:
    """Give the median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """Give the value that 95 % stay below."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def megabytes(process: int | None = None) -> float:
    """Give the memory a process holds now (this one by default), NaN where the system does not tell."""
    status = Path(f"/proc/{process or 'self'}/status")
    if not status.exists():
        return float("nan")
    line = next(row for row in status.read_text(encoding="utf-8").splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def size_of(path: Path) -> float:
    """Give the megabytes of a file with its side files, or of a folder."""
    found = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
    return sum(file.stat().st_size for file in found if file.is_file()) / 1e6


def note(text: str) -> None:
    """Say on stderr how far a long measurement is."""
    print(text, file=sys.stderr, flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
