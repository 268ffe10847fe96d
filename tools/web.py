"""Searching the web and reading a page of it. Whatever comes back is untrusted text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ..memory.errors import ToolError
from ..memory.lazy import load_whole
from ..memory.text import HANGUL, clean
from .base import Tool, ToolContext, ToolResult, tool
from .pages.fetch import DO_WITHOUT, Page, fetch
from .pages.html import Readable, decode, readable

RESULTS = 5
_SEARCH_SECONDS = 8
_MOST_CHARACTERS = 200_000
_RESULT = re.compile(
    r"^\[?\d+[\].]\s*(?P<title>[^\n]+)\n\s*(?P<url>https?://\S+)(?:\n\s+(?P<snippet>[^\n]+))?", re.MULTILINE
)
_TEXT_TYPES = re.compile(r"text/|application/(json|xml|xhtml\+xml|yaml|x-ndjson)$")


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search."""

    title: str
    url: str
    snippet: str


Search = Callable[[str, str], list[Found]]
"""Searches for a query in a region ("kr-kr", "us-en"); raises ToolError when it cannot."""

Fetch = Callable[[str], Page]
"""Reads a URL; raises ToolRetry or ToolError when it cannot."""


def web_tools(search: Search | None = None, fetcher: Fetch = fetch) -> list[Tool]:
    """Make the two web tools of one conversation.

    While words of others are in view, both may carry the student's data out. A search goes out freely as long as it
    tells nothing of the student. An address is read freely if the student wrote it, or a search of this conversation
    gave it; any other waits for the keypress. Addresses inside pages are not shown and do not count.
    """
    given: set[str] = set()
    searcher = search if search is not None else search_ddgs

    def tells_of_the_student(arguments: Mapping[str, Any], context: ToolContext) -> bool:
        return context.reveals(arguments["query"])

    @tool(effect="outside", guarded=tells_of_the_student, timeout=25.0, told=())
    def web_search(query: str, context: ToolContext) -> ToolResult:
        """Search the web.

        Args:
            query: search words
            context: The turn.
        """
        results = searcher(query, region(query))
        given.update(result.url for result in results)
        return _listed(query, results, context.language)

    def leads_elsewhere(arguments: Mapping[str, Any], context: ToolContext) -> bool:
        url: str = arguments["url"]
        return url not in given and not any(wrote(said, url) for said in (context.text, *context.earlier))

    @tool(effect="outside", guarded=leads_elsewhere, timeout=25.0, told=())
    def read_page(url: str, context: ToolContext) -> ToolResult:
        """Read a web page.

        Args:
            url: http(s) address
            context: The turn.
        """
        page = fetcher(url)
        return _page(page, _text_of(page), context.language)

    return [web_search, read_page]


def wrote(said: str, url: str) -> bool:
    """Whether somebody wrote an address: with or without its scheme, and with what stands after it in a sentence.

    After the last letter of the address only marks may stand, or a particle in Hangul.
    """
    wanted = _bare(url)
    if "." not in wanted:
        return False
    words = (_bare(word[max(0, word.find("http")) :].lstrip("([{<\"'“‘「")) for word in said.split())
    return any(
        word.startswith(wanted)
        and not any(c.isascii() and (c.isalnum() or c in "/=&%#") for c in word[len(wanted) :])
        for word in words
    )


def _bare(url: str) -> str:
    """Give an address as it is compared: no scheme, the host in small letters, no escapes, no slash at the end."""
    host, slash, path = unquote(url.strip()).removeprefix("https://").removeprefix("http://").partition("/")
    return f"{host.lower()}{slash}{path}".rstrip("/")


def region(query: str) -> str:
    """Choose where to search: Korea for a query in Hangul, else the English-speaking web."""
    return "kr-kr" if HANGUL.search(query) else "us-en"


def search_ddgs(query: str, where: str) -> list[Found]:
    """Search through ddgs.

    Raises:
        ToolError: There is no network, the services refuse, or they are too slow.
    """
    load_whole("ddgs")
    from ddgs import DDGS  # pyright: ignore[reportUnknownVariableType]
    from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

    try:
        rows = DDGS(timeout=_SEARCH_SECONDS).text(
            query, region=where, safesearch="moderate", max_results=RESULTS
        )
    except RatelimitException as error:
        raise ToolError(
            "The search service refuses more searches for now.",
            "검색 서비스가 지금은 더 받지 않습니다. 잠시 뒤에 다시 해 보세요.",
            advice=DO_WITHOUT,
            ours=True,
        ) from error
    except TimeoutException as error:
        raise ToolError(
            "The web search took too long and was stopped.",
            "웹 검색이 너무 오래 걸려 멈췄습니다.",
            advice=DO_WITHOUT,
            ours=True,
        ) from error
    except DDGSException as error:
        if "No results" in str(error):
            return []
        raise ToolError(
            "The web cannot be searched: there is no network, or the search services do not answer.",
            "웹 검색을 할 수 없습니다. 네트워크가 없거나 검색 서비스가 답하지 않습니다.",
            advice=DO_WITHOUT,
            ours=True,
        ) from error
    except Exception as error:
        raise ToolError(
            "The web search cannot begin. Look at DDGS_PROXY and HTTPS_PROXY in the environment: write them like "
            "http://127.0.0.1:8080, or unset them.",
            "웹 검색을 시작할 수 없습니다. DDGS_PROXY와 HTTPS_PROXY 환경 변수를 http://127.0.0.1:8080 처럼 적거나 지워 "
            "주세요.",
            advice=DO_WITHOUT,
            ours=True,
        ) from error
    return [Found(row.get("title", ""), row["href"], row.get("body", "")) for row in rows if row.get("href")]


def _listed(query: str, results: list[Found], language: str) -> ToolResult:
    if not results:
        said = (
            f"‘{query}’: 웹에서 찾은 것이 없습니다."
            if language == "ko"
            else f"Nothing on the web for “{query}”."
        )
        return ToolResult(f"Nothing found for: {query}", said, {"results": ()}, trust="model")
    lines = [
        f"{number}. {' '.join(result.title.split())}\n   {result.url}\n   {' '.join(result.snippet.split())}"
        for number, result in enumerate(results, 1)
    ]
    count = len(results)
    said = f"웹 검색 ‘{query}’: {count}건" if language == "ko" else f"Web search “{query}”: {count} results"
    extras = {"results": tuple(results)}
    return ToolResult("\n".join(lines), said, extras, source=f"web search: {query}")


def results_in(text: str) -> list[Found]:
    """Read back the results that a search wrote."""
    return [Found(r["title"].strip(), r["url"], (r["snippet"] or "").strip()) for r in _RESULT.finditer(text)]


def _text_of(page: Page) -> Readable:
    if not _TEXT_TYPES.match(page.type):
        raise ToolError(
            f"{page.url} is {page.type}; only HTML and plain text can be read.",
            f"{page.url}은(는) {page.type} 형식이라 읽을 수 없습니다. HTML과 글만 읽습니다.",
        )
    text = decode(page.body, page.charset)
    if _is_binary(text):
        raise ToolError(
            f"{page.url} says that it is {page.type}, and holds something that is no text.",
            f"{page.url}은(는) {page.type} 형식이라고 하지만 글이 아닌 것이 들어 있습니다.",
        )
    content = readable(text) if "html" in page.type else Readable("", clean(text).strip())
    if not content.text:
        raise ToolError(
            f"{page.url} holds no text; it may need a browser that runs its scripts.",
            f"{page.url}에 읽을 글이 없습니다. 스크립트로 그려지는 페이지일 수 있습니다.",
        )
    return content


def _is_binary(text: str) -> bool:
    """Whether more than a tenth of a text's beginning is nothing that anybody writes."""
    begins = text[:4096]
    strange = sum(c == "\N{REPLACEMENT CHARACTER}" or (c < " " and c not in "\t\n\r\f") for c in begins)
    return strange * 10 > len(begins)


def _page(page: Page, content: Readable, language: str) -> ToolResult:
    text = content.text[:_MOST_CHARACTERS]
    cut = page.cut or len(content.text) > _MOST_CHARACTERS
    body = "\n\n".join(part for part in (content.title, text, "(the page goes on)" if cut else "") if part)
    name = content.title or page.url
    said = f"읽은 페이지: {name}" if language == "ko" else f"Read: {name}"
    extras = {"url": page.url, "title": content.title}
    return ToolResult(body, said, extras, source=page.url)
