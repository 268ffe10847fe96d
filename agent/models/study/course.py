"""Questions on the course: the best section, whole, with its source; several where two things are compared; and a plain
word where the material holds nothing. Follow-ups work on the sections that were cited last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ....memory.text import HANGUL, content_words, mentions, sentences
from ....memory.text.acronyms import full_names
from ....memory.text.translations import translated
from ....memory.text.words import Phrase, as_written, is_all, is_name, respelled, sounds_in
from ....persona.lines import Lines
from ....tools.base import OUTSIDE
from ....tools.text import paragraph_with, quote, without_code
from ....tools.web import results_in
from ...model import TurnView
from .intent import named_in, says, speaks_of
from .phrases import listed, no_notes, paragraphs, persona_line, said_before, say
from .sections import NAMES, PURPOSES, Purpose, Section, purpose_of, sections

SEARCH: Final = "archival_memory_search"

NEAR, LEAD = 0.2, 2.0
"""From which relevance a section in the other language answers, and by how many times it must lead the next file's."""

EARLIER: Final = 0.1
"""What a section that was found for an earlier question counts as."""

Call = tuple[str, Mapping[str, Any]]
"""A tool's name and the arguments it is called with."""

_LAST: Final = {"misconception": -0.8, "reference": -1.2}
"""What is shown last where it was not asked for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the study model does next: speaks, asks for tools, or both; a question not `answered` stays open."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Topic:
    """What is talked about: what it is called, and the sections that were cited last."""

    phrases: tuple[Phrase, ...] = ()
    cited: tuple[Section, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """The files of the sections."""
        return frozenset(section.file for section in self.cited)

    @property
    def words(self) -> str:
        """Its name as a search takes it."""
        return joined(self.phrases) or " ".join(s.heading for s in self.cited[:1])


def joined(phrases: Iterable[Phrase], between: str = " ") -> str:
    """Write phrases one after the other."""
    return between.join(" ".join(named) for named in phrases)


@dataclass(frozen=True, slots=True)
class Question:
    """A question on the course.

    Attributes:
        phrases: What it names.
        purpose: What kind of section it is after.
        within: Files that it stays in; everywhere where there are none.
        skip: Sections that are not shown again.
        beside: What the section that was cited last is headed as.
    """

    said: str
    phrases: tuple[Phrase, ...]
    purpose: Purpose | None
    within: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    beside: tuple[Phrase, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether it says no more than the name of a thing."""
        return len(self.said.split()) <= sum(map(len, self.phrases))


def topic_of(view: TurnView) -> Topic:
    """Follow the talk back to the sections that were cited last and the question that brought them up."""
    cited: tuple[Section, ...] = ()
    for exchange in reversed(view.earlier):
        hard = [item.topic for item in view.hard if item.open and item.topic in exchange.said]
        if hard and not exchange.cited:
            return Topic(((hard[-1],),), cited)
        found = tuple(sections(view.known[i] for i in exchange.cited if i in view.known))
        if cited and found and not {s.file for s in found} & {s.file for s in cited}:
            break
        cited = cited or found
        named = named_in(exchange.asked)
        if cited and named and found:
            about = [p for p in named if any(mentions(s.about, p) for s in found)] or named
            return Topic(tuple(about), cited)
    return Topic((), cited)


def ask(view: TurnView, lines: Lines, purpose: Purpose | None = None) -> Reply:
    """Answer a question that names what it is about; `purpose` where it is known what kind of section it is after."""
    if file := _note_asked_for(view):
        return _note(view, file)
    if which := _which_sense(view):
        return which
    named, topic = tuple(named_in(view.said)), topic_of(view)
    purpose = purpose or purpose_of(view.said)
    if not named:
        return follow(view, purpose or "more", lines) if topic.phrases else Reply(say(view, "unclear"))
    if purpose == "compare" and len(named) == 1:  # a comparison takes two
        named = (*(p for p in topic.phrases if p not in named), *named)
    question = Question(view.said, named, purpose)
    if purpose is None and not question.bare:  # a claim: its words need not stand together in the course
        question = replace(question, phrases=tuple((word,) for p in named for word in p))
    return _answer(view, question, lines)


def _which_sense(view: TurnView) -> Reply | None:
    """Ask which sense of an acronym is meant; None where none has several."""
    senses = [hit for hit in view.beside if hit.kind == "acronym"]
    for short in dict.fromkeys(hit.name for hit in senses):
        its = [hit for hit in senses if hit.name == short]
        if len(its) > 1:
            told = ", ".join(f"{hit.text} [{hit.id}]" for hit in its)
            return Reply(say(view, "which_sense", senses=told), answered=False)
    return None


def follow(view: TurnView, intent: str, lines: Lines) -> Reply:
    """Go on with what was cited last: an example, the code, a reason, a comparison, in fewer words."""
    topic = topic_of(view)
    if not topic.cited:
        purpose = intent if intent in NAMES else "definition"
        about = Question(topic.words, topic.phrases, purpose)
        return _answer(view, about, lines) if topic.phrases else Reply(say(view, "no_topic"))
    if intent == "shorter":
        return _shorter(view, topic)
    if intent == "table" and (tables := [s for s in topic.cited if "|---" in s.body]):
        return Reply(shown(view, tables[0]))
    own = tuple(p for p in named_in(view.said) if p not in topic.phrases)
    instead: Mapping[str, Purpose | None] = {"simpler": "example", "table": "compare", "more": None}
    purpose = (purpose_of(view.said) or "why") if intent == "reason" else instead.get(intent, intent)
    skip = frozenset(i for exchange in view.earlier for i in exchange.cited)
    near = any(s.file in topic.files and s.purpose == purpose for s in sections(view.known.values()))
    elsewhere = intent == "compare" or (intent == "reason" and not near)
    question = Question(
        view.said if intent == "reason" else topic.words,
        (*topic.phrases, *own) if intent == "compare" else topic.phrases,
        purpose,
        within=frozenset() if elsewhere else topic.files,
        skip=skip if intent in {"more", "simpler"} else frozenset(),
        beside=tuple(named_in(topic.cited[0].headings[-1])),
    )
    if intent == "compare" and own:
        return _answer(view, question, lines)
    if look := _look(view, question):
        return look
    best = _best(view, question)
    fits = best is not None and (purpose is None or intent == "reason" or best.purpose == purpose)
    if not fits and (inside := _inside(view, topic, purpose)):
        return inside
    if best is None or (not fits and best.id in {s.id for s in topic.cited}):
        left = say(view, "no_more" if best is None else "no_part_left")
        return Reply(f"{left} {say(view, 'quiz_offer')}")
    return _with_head(view, best, intent if intent in instead and purpose else "" if fits else "no_part")


def overview(view: TurnView) -> Reply:
    """List the notes of the course."""
    files = dict.fromkeys(f"`{file}`" for file, _ in view.course)
    return Reply(listed(say(view, "notes"), files) if files else no_notes(view.language))


def _note_asked_for(view: TurnView) -> str:
    """The file of a note that is asked for by its name or its number; "" where none is."""
    lower = view.said.casefold()
    numbers = re.findall(r"\d+", lower) if says(lower, "note") else []
    begins = tuple(f"{int(number):02}" for number in numbers[:1])
    return next((file for file, _ in view.course if file.casefold() in lower or file.startswith(begins)), "")


def _note(view: TurnView, file: str) -> Reply:
    """Give what a note holds: its first section, and the headings of the others."""
    if look := search(view, re.sub(r"[\d_-]+", " ", file.rpartition(".")[0] or file).strip()):
        return look
    own = [section for section in sections(view.known.values()) if section.file == file]
    if not own:
        return Reply(say(view, "unclear"))
    first = min(own, key=lambda s: (s.purpose != "definition", -s.relevance))
    parts = [place.replace("-", " ").replace("/", " > ") for name, place in view.course if name == file]
    return Reply(paragraphs(shown(view, first), listed(say(view, "parts", file=file), parts)))


def _look(view: TurnView, question: Question) -> Reply | None:
    """Search for what a question names, in words that headings of the wanted kind have."""
    open_end = question.purpose in {"how", "why", None} or not question.phrases
    words = [joined(question.phrases), question.said if open_end else ""]
    korean = view.language == "ko" or any(HANGUL.search(place) for _, place in view.course)
    names = NAMES.get(question.purpose or "", {})
    words += [name for language, name in names.items() if korean or language == "en"]
    return search(view, " ".join(filter(None, words)))


def search(view: TurnView, query: str) -> Reply | None:
    """Search the course; None where that was done or cannot be."""
    return Reply(calls=((SEARCH, {"query": query[:300], "kind": "course"}),)) if view.can(SEARCH) else None


def _answer(view: TurnView, question: Question, lines: Lines) -> Reply:
    if look := _look(view, question):
        return look
    found = candidates(view, question)
    known = tuple(p for p in question.phrases if any(mentions(s.about, p) for s in found))
    unknown = tuple(p for p in question.phrases if p not in known)
    if unknown and (reply := _respelled(view, question, unknown, lines)):
        return reply
    if not known or any(is_name(word) for p in unknown for word in p):
        other = _in_other_language(view, found, question)
        return other or _absent(view, question, unknown or question.phrases, lines)
    question = replace(question, phrases=known)
    if question.purpose == "compare" and len(known) > 1:
        return _compared(view, question)
    best = max(found, key=lambda s: (speaks_of(s.about, known), worth(s, question)))
    if question.purpose != "definition" and (question.purpose or not question.bare):
        return _with_head(view, best, "")
    others = [p for p in known if not mentions(best.about, p)][:2]
    each = [_best(view, replace(question, phrases=(p,), purpose="definition")) for p in others]
    head = "" if any(best.names(p) for p in known) else say(view, "in_passing")
    return Reply(paragraphs(head, *dict.fromkeys(shown(view, s) for s in (best, *each) if s)))


def _respelled(view: TurnView, question: Question, unknown: Sequence[Phrase], lines: Lines) -> Reply | None:
    """Answer for what the course calls in its own language, or spells otherwise, what was asked for."""
    words, texts = _vocabulary(view), [s.about for s in candidates(view, question)]
    meant = {p: m for p in unknown if (m := translated(p, texts) or respelled(p, words)) and m != p}
    if not meant:
        return None
    phrases = tuple(meant.get(p, p) for p in question.phrases)
    again = replace(question, phrases=phrases, said=f"{joined(phrases)} {question.said}")
    in_view = any(mentions(s.about, p) for s in candidates(view, question) for p in meant.values())
    if not in_view and len(view.done(SEARCH)) < 2:
        return Reply(calls=((SEARCH, {"query": joined(phrases), "kind": "course"}),))
    reply = _answer(view, again, lines)
    if not reply.text or not reply.answered or len(unknown) < len(question.phrases):
        return reply
    texts = [s.about for s in candidates(view, again)]
    said = say(view, "respelled", term=", ".join(as_written(p, texts) for p in meant.values()))
    return replace(reply, text=f"{said}\n\n{reply.text}")


def candidates(view: TurnView, question: Question) -> list[Section]:
    """The sections that were found in this turn, best first, then those that were found for another."""
    found = sorted(sections(view.hits()), key=lambda s: -s.relevance)
    ids = {section.id for section in found}
    rest = [replace(s, relevance=EARLIER) for s in sections(view.known.values()) if s.id not in ids]
    return [
        s for s in (*found, *rest)
        if (not question.within or s.file in question.within) and s.id not in question.skip
        and (s.purpose != "quiz" or question.purpose == "quiz")
    ]  # fmt: skip


def worth(section: Section, question: Question) -> float:
    """How well a section serves: what it is headed as, what it is for, how often it speaks of it, and the search's word."""
    several = max(1, len(question.phrases))
    named = sum(mentions(section.heading, p) + mentions(section.opening, p) for p in question.phrases)
    named = named or sum(sounds_in(section.heading, p) for p in question.phrases)
    titled = sum(mentions(section.titles, p) for p in question.phrases)
    spoken = sum(mentions(section.about, p) for p in question.phrases)
    worth = (named + titled + 2 * spoken) / several + 0.6 * bool(named) / len(section.headings[-1].split())
    worth += speaks_of(section.heading, question.beside)
    wanted = question.purpose or ("definition" if question.bare else None)
    if wanted is None:  # a claim, or whatever else no word tells: the search knows best
        return worth + 4 * section.relevance + 1.2 * (section.purpose == "misconception")
    if wanted == "definition":
        worth += sum(section.introduces(p) for p in question.phrases) / several
    fits = 0.35 * (section.purpose == "other" and wanted != "definition")
    heads = section.purpose == "other" and any(is_all(section.headings[-1], p) for p in question.phrases)
    if section.purpose == wanted or (wanted == "definition" and heads):
        fits = 2.5 if wanted in _LAST else 1.0
    elif section.purpose in _LAST:
        fits = _LAST[section.purpose]
    return worth + 1.8 * fits + 1.2 * section.relevance


def _best(view: TurnView, question: Question) -> Section | None:
    """The best section for a follow-up; of the wanted kind where the files it stays in have one."""
    found = candidates(view, question)
    if question.within:
        found = [s for s in found if s.purpose == question.purpose] or found
    else:
        found = [s for s in found if speaks_of(s.about, question.phrases)] or found
    return max(found, key=lambda s: worth(s, question), default=None)


def _compared(view: TurnView, question: Question) -> Reply:
    """Show the section that speaks of all that is compared, else the best on each."""
    found = candidates(view, question)
    both = [s for s in found if all(mentions(s.about, p) for p in question.phrases)]
    compares = [s for s in both if s.purpose == "compare" or all(s.names(p) for p in question.phrases)]
    # A table's line may hold in one language what the prose leaves out.
    whole = [s for s in compares if all(mentions(s.text(view.language), p) for p in question.phrases)]
    if chosen := max(whole or compares, key=lambda s: worth(s, question), default=None):
        return Reply(shown(view, chosen))
    each = [_best(view, replace(question, phrases=(p,), purpose="definition")) for p in question.phrases[:3]]
    texts = dict.fromkeys(shown(view, section) for section in each if section)
    return Reply(paragraphs(say(view, "not_compared"), *texts))


def _inside(view: TurnView, topic: Topic, purpose: Purpose | None) -> Reply | None:
    """Show the part of a cited section that is what is wanted: a worked example below a definition."""
    words = PURPOSES[purpose] if purpose else ()
    for section in topic.cited:
        if words and (text := paragraph_with(section.body, words)):
            return Reply(paragraphs(_source(view, section), quote(text)))
    return None


def _shorter(view: TurnView, topic: Topic) -> Reply:
    """Give the first sentences of what was cited last, as many as are asked for."""
    count = next((n for n in range(2, 6) if says(view.said, str(n))), 1)
    near = [s for s in sections(view.known.values()) if s.file in topic.files]
    named = [s for s in near if any(s.names(p) for p in topic.phrases)]
    first = next((s for s in (*topic.cited, *named) if s.purpose == "definition"), topic.cited[0])
    told = sentences(without_code(first.text(view.language)).replace("**", ""))[:count]
    return Reply(f"{say(view, 'shorter')} [{first.id}]\n\n{quote(chr(10).join(told))}")


def _vocabulary(view: TurnView) -> set[str]:
    """The words that the course has for its things: those of its headings, and all that are written in Latin letters."""
    words = {word for _, place in view.course for word in place.replace("-", " ").replace("/", " ").split()}
    headings = {heading for section in sections(view.known.values()) for heading in section.headings}
    return words.union(view.vocabulary(), *map(content_words, headings))


def _in_other_language(view: TurnView, found: Sequence[Section], question: Question) -> Reply | None:
    """Show the nearest section whose script cannot hold the question's words; None where nothing is near."""
    words = [word for p in question.phrases for word in p]
    korean = any(map(HANGUL.search, words))
    if any(map(is_name, words)):
        return None
    other = [s for s in found if bool(HANGUL.search(without_code(s.body))) != korean]
    best = max(other, key=lambda s: s.relevance, default=None)
    if best is None or best.relevance < NEAR:
        return None
    leads = all(s.relevance * LEAD <= best.relevance for s in other if s.file != best.file)
    return _with_head(view, best, "other_language") if leads else None


def _absent(view: TurnView, question: Question, missing: Sequence[Phrase], lines: Lines) -> Reply:
    """Say that the material holds nothing; look on the web where that is possible."""
    language, topic = view.language, joined(missing, ", ")
    tried = said_before("web_failed", language, [exchange.said for exchange in view.earlier])
    if view.can("web_search") and not tried:
        return Reply(calls=(("web_search", {"query": joined(question.phrases)}),))
    searched = view.done("web_search")
    results = [found for result in searched for found in results_in(result.text)][:3]
    if results:
        items = (f"{r.title}: {r.snippet} <{r.url}>" for r in results)
        return Reply(listed(f"{say(view, 'web_found')}\n", items))
    other = _in_one_language(view, missing)
    own = persona_line(lines, "unknown", language, view.turn, topic=topic)
    if other or topic not in own:
        own = say(view, "other_words" if other else "absent", topic=topic)
    pieces = [own, say(view, "web_failed") if searched else "", say(view, "kept_open")]
    more = overview(view).text if other or not view.course else add_model(view)
    return Reply(paragraphs(" ".join(filter(None, pieces)), more), answered=False)


def _in_one_language(view: TurnView, missing: Sequence[Phrase]) -> bool:
    """Whether the course is written in the other language than what it does not hold: it may well have another word for it."""
    told = sections(view.known.values())
    korean = any(HANGUL.search(word) for p in missing for word in p)
    return bool(told) and not any(HANGUL.search(s.about) if korean else s.english for s in told)


def add_model(view: TurnView) -> str:
    """How to connect a language model, once a day; "" where that was said today."""
    midnight = view.now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = [m.message.content for m in view.past(midnight, None, "assistant")]
    return "" if said_before("add_model", view.language, today) else say(view, "add_model")


def _with_head(view: TurnView, section: Section, name: str) -> Reply:
    return Reply(paragraphs(say(view, name) if name else "", shown(view, section)))


def _source(view: TurnView, section: Section) -> str:
    name = NAMES[section.purpose][view.language] if section.purpose in NAMES else section.headings[-1]
    return say(view, "source", file=section.file, name=name, id=section.id)


def shown(view: TurnView, *of: Section) -> str:
    """Sections, each with its source in front of it, and the full names of what they abbreviate behind them."""
    texts = [section.text(view.language) for section in of]
    heads = (_head(view, section, text) for section, text in zip(of, texts, strict=True))
    quoted = (paragraphs(head, quote(text)) for head, text in zip(heads, texts, strict=True))
    return paragraphs(*quoted, _full_names(view, "\n".join(texts)))


def _head(view: TurnView, section: Section, text: str) -> str:
    prose = without_code(text)
    korean = view.language == "en" and len(HANGUL.findall(prose)) > len(prose) / 4
    remark = f" {say(view, 'korean_only')}" if korean else ""
    return f"{_source(view, section)}{remark}"


def _full_names(view: TurnView, text: str) -> str:
    """Spell out the acronyms that a reply brings up first; "" where there are none."""
    known = full_names([text, *(exchange.said for exchange in view.earlier)])
    names = full_names(hit.text for hit in view.known.values() if hit.trust not in OUTSIDE)
    new = [short for short, long in names.items() if short not in known and long not in text]
    used = [short for short in new if mentions(without_code(text), (short,))]
    spelled = ", ".join(f"{short} ({names[short]})" for short in used[:4])
    return f"{'줄임말' if view.language == 'ko' else 'In full'}: {spelled}" if spelled else ""
