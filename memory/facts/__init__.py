"""What a student states about themself, read by rule from one message, as values.

It calls `dates` and `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .extract import extract_facts, settle
    from .labels import label_in
    from .render import render_fact
    from .subjects import single_valued, subject_of
    from .values import Kind, Polarity, StatedFact

__all__ = [
    "Kind",
    "Polarity",
    "StatedFact",
    "extract_facts",
    "label_in",
    "render_fact",
    "settle",
    "single_valued",
    "subject_of",
]

__getattr__ = hand_on(
    __name__,
    {
        "extract": "extract_facts settle",
        "labels": "label_in",
        "render": "render_fact",
        "subjects": "single_valued subject_of",
        "values": "Kind Polarity StatedFact",
    },
)
