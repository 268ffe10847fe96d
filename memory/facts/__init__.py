"""What a student states about themself, read by rule from one message, as values.

It calls `dates` and `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .extract import extract_facts, settle
    from .labels import label_in
    from .names import name_in
    from .render import render_fact
    from .subjects import called, single_valued, subject_of
    from .values import Kind, Polarity, StatedFact

__all__ = [
    "Kind",
    "Polarity",
    "StatedFact",
    "called",
    "extract_facts",
    "label_in",
    "name_in",
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
        "names": "name_in",
        "render": "render_fact",
        "subjects": "called single_valued subject_of",
        "values": "Kind Polarity StatedFact",
    },
)
