"""Which of the choices a student takes: by its letter, its number, its place, or its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from .plain import plain, squashed
from .words import matches, mere_filler, tokens, word_lists

Same = Callable[[str, str, bool], bool]

_LETTERS: Final = ("abcdefghij", "가나다라마바사아자차", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ")
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩"
_MARK: Final = re.compile(
    r"(?<![^\s\"(])(?:[(\[]\s*(?P<in>[A-Ja-j]|[가나다라마]|[ㄱ-ㅊ]|10|[1-9])\s*[)\]]|(?P<letter>[A-Ja-j]|[가나다라마]|[ㄱ-ㅊ])(?:[).:]|\s*번)?"
    r"(?=\s|$|[,.!?]|[이예입은는라야로를을가인다죠요])|(?P<number>10|[1-9])(?P<sure>[).:](?!\d)|\s*번(?!째))?(?=\s|$|[,!?]|\.(?!\d)|[이예입은는]|요))"
)


def chosen(choices: Sequence[str], response: str, same: Same) -> frozenset[int] | None:
    """Give the indices of the choices that a response takes: several where they read the same, none if it contradicts
    itself, None if it names no choice.

    Args:
        same: Whether a response says a choice in another notation or wording, first without slips, then with them.
    """
    marked = _circled(choices, response)
    if marked is None:
        if exactly := _exactly(choices, response):
            return exactly
        marked = _marked(choices, response)
    if marked is None or not marked.sure:
        by_text = _by_text(choices, response, same)
        if by_text is not None or marked is None:
            return by_text
    place, rest = marked.place, marked.rest
    if mere_filler(tokens(rest)):
        return frozenset({place})
    also = _by_text(choices, rest, same)
    return (frozenset({place}) & also if also else frozenset()) if also is not None else None


def marks_in(text: str, named: Collection[str] = ()) -> list[int]:
    """Every place that a text names by a mark which can be nothing else: (B), B번, 2번, ②, a capital letter alone.

    Args:
        named: Letters that alone are something else.
    """
    found = [_CIRCLED.index(sign) for sign in text if sign in _CIRCLED]
    for mark in _MARK.finditer(re.sub(r"[*`]", " ", text)):
        letter, number = mark["letter"] or mark["in"] or "", mark["number"] or ""
        alone = mark["letter"] in {"A", "I"} and re.match(r"\s+[a-z]", text[mark.end() :])
        alone = alone or (mark[0] in named)
        if letter.isdigit() or (number and "번" in mark[0]):
            found.append(int(letter or number) - 1)
        elif letter and not alone and (letter.isupper() or mark["in"] or "번" in mark[0]):
            place = _place_of(letter)
            found += [place] if place is not None else []
    return found


def _place_of(letter: str) -> int | None:
    return next((signs.index(letter.casefold()) for signs in _LETTERS if letter.casefold() in signs), None)


def _exactly(choices: Sequence[str], response: str) -> frozenset[int]:
    given = squashed(response)
    for read in (str, str.casefold):
        exact = frozenset(n for n, choice in enumerate(choices) if read(squashed(choice)) == read(given))
        if exact and given:
            return exact
    return frozenset()


def _by_text(choices: Sequence[str], response: str, same: Same) -> frozenset[int] | None:
    """By the text as it is written, else by what says the same; None for no choice."""
    if exactly := _exactly(choices, response):
        return exactly
    tests: tuple[Callable[[str], bool], ...] = (
        lambda choice: matches(choice, response, slips=False),
        lambda choice: same(choice, response, False),
        lambda choice: same(choice, response, True),
    )
    for test in tests:
        found = frozenset(n for n, choice in enumerate(choices) if test(choice))
        if found:
            kinds = {squashed(choices[n]) for n in found}
            return found if len(kinds) == 1 else frozenset()
    return None


class _Marked(NamedTuple):
    """A place that was named, what else is said, and whether it can be nothing but a mark: 2번, (B)."""

    place: int
    rest: str
    sure: bool


def _circled(choices: Sequence[str], response: str) -> _Marked | None:
    return next(
        (
            _Marked(place, response.replace(sign, " ", 1), sure=True)
            for place, sign in enumerate(_CIRCLED[: len(choices)])
            if sign in response
        ),
        None,
    )


def _marked(choices: Sequence[str], response: str) -> _Marked | None:
    """The place that a letter, a number or an ordinal names, and what else is said."""
    text = plain(response)
    joined = re.sub(r"\s+(?=번째)", "", text.casefold())
    for name, words in word_lists()["places"].items():
        for word in words:
            if re.search(rf"(?<!\w){word}(?!\w)|{word}(?=이에요|입니다|요|거)", joined):
                at = int(name) - 1 if int(name) > 0 else len(choices) - 1
                return _Marked(at, joined.replace(word, " ", 1), sure=False) if at < len(choices) else None
    unsure: _Marked | None = None
    all_numbers = all(re.fullmatch(r"[-\d.,/%() ]+", plain(choice)) for choice in choices)
    for found in _MARK.finditer(text):
        letter, number = found["letter"] or found["in"] or "", found["number"]
        if letter and not letter.isdigit():
            place = _place_of(letter)
            article = letter == "a" and re.match(r"\s+\w", text[found.end() :])
            if article or letter == "I" or place is None:
                continue
        else:
            if number and not found["sure"] and all_numbers:
                continue
            place = int(number or letter) - 1
        if place < len(choices):
            at_front = found["sure"] in {")", ":"} or (found["sure"] == "." and found.start() == 0)
            sure = "번" in found[0] or ((bool(found["in"]) or at_front) and not all_numbers)
            marked = _Marked(place, f"{text[: found.start()]} {text[found.end() :]}", sure)
            if sure:  # "나는 2번" is no choice of 나
                return marked
            unsure = unsure or marked
    return unsure
