"""What a text is and says: clean, in one language, in sentences and terms, its secrets masked.

It calls nothing but `types`.
"""

from __future__ import annotations

from .josa import josa
from .normalize import HANGUL, clean, clean_line, language, normalize, sentences
from .sanitize import (
    mask_secrets,
    redact,
    redacted,
    remember_secrets,
    sanitize_message,
    sanitize_user,
    warm_for,
)
from .terms import load_korean, summary, terms
from .words import content_words, mentions, phrases_of

__all__ = [
    "HANGUL",
    "clean",
    "clean_line",
    "content_words",
    "josa",
    "language",
    "load_korean",
    "mask_secrets",
    "mentions",
    "normalize",
    "phrases_of",
    "redact",
    "redacted",
    "remember_secrets",
    "sanitize_message",
    "sanitize_user",
    "sentences",
    "summary",
    "terms",
    "warm_for",
]
