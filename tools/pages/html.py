"""From a page's HTML to the text a person would read in it.

Parsing is lxml's (ddgs brings it): Python's own parser takes quadratic time on malformed pages, over a minute for
90 KB of `<a `, and whoever writes a page can write that.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

_UNREAD = frozenset({
    "script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "iframe", "button", "select", "head",
})  # fmt: skip
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = frozenset({
    "p", "div", "section", "article", "main", "header", "form", "ul", "ol", "dl", "table", "blockquote", "pre",
    "figure", "figcaption", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_LINES = frozenset({"li", "tr", "dt", "dd", "br"})
_BEFORE = {"li": "- ", "td": " | ", "th": " | ", **{f"h{level}": "#" * level + " " for level in range(1, 7)}}
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_LEAST_MAIN = 200
_ENCODINGS = (
    "utf-8", "utf-16", "utf-32", "utf_8_sig", "ascii", "iso8859", "iso2022", "cp", "euc", "johab", "big5", "gb", "shift_jis", "koi8",
    "mac", "tis", "hz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readable:
    """A page's title ("" if it has none) and its text."""

    title: str
    text: str


def decode(body: bytes, charset: str) -> str:
    """Read bytes as text: by the server's charset, the page's own, UTF-8, or Korean Windows' as the last guess."""
    found = _META_CHARSET.search(body[:4096])
    named = found.group(1).decode("ascii") if found else ""
    for name in (charset, named, "utf-8-sig", "cp949"):
        with suppress(ValueError, LookupError):
            if _is_of_the_web(name):
                return body.decode(name)
    return body.decode("utf-8", errors="replace")


def _is_of_the_web(name: str) -> bool:
    """Whether a page can be encoded so; Python knows other codecs, some of which take forever or are no encoding."""
    return bool(name) and codecs.lookup(name).name.startswith(_ENCODINGS)


def readable(html: str) -> Readable:
    """Take the text out of HTML: the main part where the page names one, without menus, scripts and hidden words."""
    root = _parse(html)
    if root is None:
        return Readable("", "")
    title = " ".join((root.findtext(".//title") or "").split())
    outermost = (
        e for e in root.iter("main", "article") if next(e.iterancestors("main", "article"), None) is None
    )
    main = max(map(_text, outermost), key=len, default="")
    return Readable(title, main if len(main) >= _LEAST_MAIN else _text(root))


def _parse(html: str) -> Any:
    """Give the tree without comments, or None for a page that holds no element."""
    etree: Any = import_module("lxml.etree")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _text(root: Any) -> str:
    lines = (line.rstrip() for line in "".join(_pieces(root)).splitlines())
    kept = [line if line.startswith("  ") else line.strip() for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in kept if line not in {"-", "|"})).strip()


def _pieces(root: Any) -> Iterator[str]:
    """Walk the tree without recursion, as a page may be nested to any depth."""
    stack: list[tuple[Any, bool, bool]] = [(root, False, False)]
    while stack:
        element, leaving, verbatim = stack.pop()
        tag = str(element.tag)
        if leaving:
            if tag in _BLOCKS:
                yield "\n"
        elif tag not in _UNREAD and not _hidden(element):
            inside = verbatim or tag == "pre"
            yield ("\n" if tag in _BLOCKS or tag in _LINES else "") + _BEFORE.get(tag, "")
            yield _words(element.text, verbatim=inside)
            stack.append((element, True, verbatim))
            stack.extend((child, False, inside) for child in reversed(element))
            continue
        if element is not root:
            yield _words(element.tail, verbatim=verbatim)


def _hidden(element: Any) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_UNSEEN.search(element.get("style") or ""))
    )


def _words(text: str | None, *, verbatim: bool) -> str:
    if not text:
        return ""
    return text if verbatim else re.sub(r"\s+", " ", text)
