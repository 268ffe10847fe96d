"""A side of an Anki card as text and back: its HTML is for a browser, a terminal shows words and `$formulas$`."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_SOUND = re.compile(r"\[sound:([^\]]*)\]")
_MEDIA = re.compile(r"\[(?:image|sound): [^\]]*\]")
_DISPLAY, _INLINE = re.compile(r"\\\[(.+?)\\\]", re.DOTALL), re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_DOLLARS = re.compile(r"\$\$(?P<display>[^$]+)\$\$|\$(?P<inline>[^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)")


def text_of(side: str) -> tuple[str, bool]:
    """Give a side's text, and whether it had pictures or sound; their names stand in their place."""
    reader = _Reader()
    reader.feed(side)
    reader.close()
    text = _SOUND.sub(r"[sound: \1]", "".join(reader.parts)).replace("\xa0", " ")
    text = _DISPLAY.sub(r"$$\1$$", _INLINE.sub(r"$\1$", text))
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip(), _MEDIA.search(text) is not None


def only_media(text: str) -> bool:
    """Whether a text names pictures and sound and says nothing."""
    return not _MEDIA.sub("", text).strip()


def html_of(text: str) -> str:
    """Give a text as Anki shows it: formulas for MathJax, lines as lines."""

    def formula(found: re.Match[str]) -> str:
        return f"\\[{found['display']}\\]" if found["display"] else f"\\({found['inline']}\\)"

    return _DOLLARS.sub(formula, html.escape(text, quote=False)).replace("\n", "<br>")


class _Reader(HTMLParser):
    """Collects the words of a side, a line where a browser breaks one."""

    BLOCKS = frozenset(
        {"div", "p", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote", "pre", "hr"}
    )
    MEDIA = frozenset({"img", "video", "audio", "object"})
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.MEDIA:
            named = dict(attrs)
            name = next((named[key] for key in ("alt", "src", "data") if named.get(key)), "?")
            self.parts.append(f"[image: {name}]")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in self.BLOCKS:
            self._break()
        elif tag in self.SILENT:
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self._break()
        elif tag in self.SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def _break(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
