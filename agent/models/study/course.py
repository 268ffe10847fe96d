"""Answers from the course: which part serves a question, where to look for it, and what to say when there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ....persona.lines import Lines
from .intent import ParsedQuestion, SectionKind
from .passages import Section, all_parts, choose, quote
from .phrases import no_notes, offer, persona_line, phrase
from .request import SeenHit, TurnView
from .serving import (
    ABOUT,
    ALL,
    GOES_ON,
    OPEN,
    Question,
    as_said,
    first_choice,
    headed,
    introduces,
    is_about,
    is_of_another,
    mentioning,
    next_section,
    serving_parts,
)
from .showing import add_model, on_it, phrase_unknown, read_whole, shown
from .terms import (
    Language,
    begins_alike,
    coverage,
    mentions,
    names_among,
    overlap,
    respelled,
    searched_as,
    terms_of,
)
from .topic import SEARCH_WORDS, WANTED, Reply, Topic, joined

LOOKS = 3
"""Most searches of the course in one turn."""

MOST_READ = 9
"""Most passages read whole in one turn before something is said not to be in the material."""

_BROADLY = re.compile(
    r"왜|\bwhy\b|대해|알려|설명|가르쳐|\babout\b|\bexplain\b|\bteach\b|\bdescribe\b", re.IGNORECASE
)
_MISTAKE = re.compile(
    r"^- *(?:오해|Misconception): *[\"“]?(?P<claim>.+?)[\"”]? *(?:사실|Fact): *(?P<fact>.+)$", re.MULTILINE
)
_HEARSAY = frozenset({"친구", "선배", "누가", "사람들", "인터넷", "friend", "someone", "people", "heard"})
_RESULT = re.compile(
    r"^\s*\d+\. (?P<title>.+)\n\s+(?P<url>https?://\S+)\n(?P<snippet>\s+\S.*)?$", re.MULTILINE
)


def about_course(view: TurnView, ask: ParsedQuestion, topic: Topic, lines: Lines) -> Reply:
    """Answer a question about the course, or ask for the search that may answer it."""
    if ask.intent == "simpler":
        move = about_course(view, replace(ask, intent="example"), topic, lines)
        return replace(move, text=f"{phrase('simpler', view.language)}\n\n{move.text}") if move.text else move
    if not ask.terms and (ask.intent == "statement" or not (topic.terms or topic.file)):
        return Reply(phrase("unclear" if ask.intent in {"statement", "claim"} else "no_topic", view.language))
    terms = joined(topic, ask) if ask.terms else topic.terms
    follows = not ask.terms and bool(topic.file)
    parts = tuple(part for part in all_parts(view.known.values()) if part.section != "quiz")
    here = Question(view, ask, Topic(terms, topic.file if follows else ""), topic, follows, lines, parts)
    if ask.intent in {"claim", "statement", "misconception"}:
        return _on_claim(here)
    if ask.intent == "compare" and len(terms) >= 2:
        return _compared(here)
    return _quoted(here)


def _quoted(here: Question) -> Reply:
    serving = serving_parts(here)
    first = next_section(here)
    found = first_choice(here, serving, first)
    if found is None or is_of_another(found, here):
        if look := _look(here, first):
            return look
        serving = serving_parts(here)
        found = first_choice(here, serving, first)
    if not serving and here.ask.intent in GOES_ON and here.topic.file:
        return Reply(phrase("no_more", here.view.language))
    if not serving and here.ask.intent in OPEN and here.before.file and not names_among(here.topic.terms):
        return _around(here)
    if not serving:
        return _otherwise(here)
    if found and found.section == "definition" and _BROADLY.search(here.ask.text):
        return _shown_broadly(here, found)
    if found and here.ask.intent == found.section == "definition" and not here.follows:
        return _show(here, found, nearest=not headed(found, here.topic.terms))
    nearest = found is None and here.ask.intent not in {*GOES_ON, *OPEN} and serving[0].section != "other"
    return _show(here, found or serving[0], nearest=nearest)


def _shown_broadly(here: Question, definition: Section) -> Reply:
    """Quote a definition and, where it is in view, why the thing is needed: what "tell me about it" wants."""
    if more := read_whole(here.view, definition):
        return more
    same = [part for part in here.parts if part.file == definition.file and not part.cut]
    why = [part for part in choose(same, ("why",), here.topic.terms) if headed(part, here.topic.terms)]
    texts = [shown(part, here.view) for part in (definition, *why[:1])]
    return Reply("\n\n".join([*texts, _next_step(here, definition)]))


def _around(here: Question) -> Reply:
    """Quote the note at hand where a question goes on with it in words that the note does not use."""
    parts = [part for part in here.parts if part.file == here.before.file]
    nearest = choose(parts, WANTED[here.ask.intent], here.before.terms, here.ask.text)
    if not any(begins_alike(part.body, here.ask.terms) for part in nearest):
        return _otherwise(here)
    return _show(here, nearest[0], nearest=nearest[0].section != WANTED[here.ask.intent][0])


def _look(here: Question, section: SectionKind | None = None) -> Reply | None:
    """Search the course for a section of the note on the topic, then for the bare terms; None after that."""
    view = here.view
    if cut := _read_beside(here):
        return cut
    done = view.done("archival_memory_search")
    if len(done) >= LOOKS or "archival_memory_search" not in view.tools:
        return None
    tried = {str(result.arguments.get("query")) for result in done}
    queries = _queries(here, SEARCH_WORDS[section or WANTED[here.ask.intent][0]])
    query = next((query for query in queries if query and query not in tried), None)
    return Reply(calls=(("archival_memory_search", {"query": query}),)) if query else None


def _read_beside(here: Question) -> Reply | None:
    """Read on what memory put beside the message and had to cut: it is what looked most like an answer."""
    return None if here.view.results else _read_cut(here, here.view.beside)


def _read_cut(here: Question, hits: Sequence[SeenHit]) -> Reply | None:
    """Read the passages among some finds that had to be cut, once, three at a time."""
    view = here.view
    tried = {str(result.arguments.get("id")) for result in view.done("read_more")}
    known = [view.known[hit.id] for hit in hits if hit.id not in tried]
    cut = [hit.id for hit in known if hit.cut and hit.kind == "passage"]
    if not cut or len(tried) >= MOST_READ or "read_more" not in view.tools:
        return None
    return Reply(calls=tuple(("read_more", {"id": i}) for i in cut[:3]))


def _queries(here: Question, section: str) -> list[str]:
    """What to search for: a section is found best under the title of its note, where that is known."""
    terms = searched_as(here.topic.terms)
    about = [part for part in here.parts if is_about(part, here) and part.file]
    titles = list(dict.fromkeys(part.headings[0] for part in about if part.headings))
    named = [title for title in titles if any(mentions(title, term) for term in here.topic.terms)]
    title = (named or titles)[:1] if here.follows or named or len(titles) == 1 else []
    under_title = f"{title[0]} {section}" if title else ""
    with_section = f"{terms} {section}".strip()
    return [under_title, with_section, terms] if here.follows else [with_section, under_title, terms]


def _show(here: Question, part: Section, *, nearest: bool = False) -> Reply:
    """Quote a part with its source and what could come next; of a list, the line that explains the thing."""
    if more := read_whole(here.view, part):
        return more
    language = here.view.language
    defines = here.ask.intent == "definition" and not here.follows
    keep = on_it(part, here) if defines and part.section != "definition" else None
    pieces = [
        phrase("in_passing" if defines else "nearest", language) if nearest else "",
        shown(part, here.view, keep),
        _next_step(here, part),
    ]
    return Reply("\n\n".join(piece for piece in pieces if piece))


def _next_step(here: Question, part: Section) -> str:
    """Offer what could come after a part, or let the professor speak."""
    view = here.view
    topic = " ".join(here.topic.terms)
    return offer(part.section, view.language) or persona_line(
        here.lines, "more", view.language, view.turn, topic=topic
    )


def _compared(here: Question) -> Reply:
    """Quote the comparison that speaks of every term; else each term's definition."""
    spoken_of = tuple(t for t in here.topic.terms if any(mentions(part.about, t) for part in here.parts))
    if 1 < len(spoken_of) < len(here.topic.terms):  # what is left is how they compare: "빨라요"
        here = replace(here, topic=replace(here.topic, terms=spoken_of))
    terms, language = here.topic.terms, here.view.language
    near = [part for part in serving_parts(here) if part.section == "compare"]
    if cut := next((more for part in near[:2] if (more := read_whole(here.view, part))), None):
        return cut
    both = [part for part in near if coverage(part.about, terms) >= ALL]
    both.sort(
        key=lambda part: (-coverage(quote(part, language), terms), -coverage(_sides(part, language), terms))
    )
    whole = both and coverage(quote(both[0], language), terms) >= ALL <= coverage(
        _sides(both[0], language), terms
    )
    if not whole and (look := _look(here)):
        return look
    own = [part for part in near if coverage(part.about, here.ask.terms) >= ALL]
    if both or (own and len(here.ask.terms) < len(terms)):
        return _show(here, (both or own)[0])
    found = [_definition(here, term) for term in terms[:2]]
    missing = [term for term, part in zip(terms, found, strict=False) if part is None]
    tried = {str(result.arguments.get("query")) for result in here.view.done("archival_memory_search")}
    queries = [f"{term} {SEARCH_WORDS['definition']}" for term in missing]
    left = [query for query in queries if query not in tried]
    if left and "archival_memory_search" in here.view.tools:
        return Reply(calls=tuple(("archival_memory_search", {"query": query}) for query in left))
    if missing and (more := _read_cut(here, here.view.hits())):
        return more
    parts = [part for part in found if part is not None]
    if not parts:
        return _otherwise(here)
    texts = [_shown_of(part, term, here) for part, term in zip(found, terms, strict=False) if part]
    unknown = [phrase_unknown(here, term) for term in missing]
    pieces = dict.fromkeys([phrase("not_compared", here.view.language), *texts, *unknown])
    return Reply("\n\n".join(pieces), answered=not missing)


def _sides(part: Section, language: Language) -> str:
    """What a comparison compares: the head of its table and the first cell of each row, where a table is shown."""
    shown_text = quote(part, language)
    rows = [line.strip("| ").split("|") for line in shown_text.splitlines() if line.startswith("|")]
    return " ".join([*rows[0], *(row[0] for row in rows)]) if rows else shown_text


def _shown_of(part: Section, term: str, here: Question) -> str:
    keep = None if part.section == "definition" else on_it(part, replace(here, topic=Topic((term,))))
    return shown(part, here.view, keep)


def _definition(here: Question, term: str) -> Section | None:
    about = [part for part in here.parts if mentions(f"{part.heading} {part.body[:80]}", term)]
    chosen = choose(about, WANTED["definition"], (term,))
    chosen.sort(key=lambda part: (part.section != "definition", -headed(part, (term,))))
    own = [part for part in chosen if headed(part, (term,))]
    return next(iter((*own, *(part for part in here.parts if introduces(part, (term,))), *chosen)), None)


def _on_claim(here: Question) -> Reply:
    """Hold a claim against the misconceptions of the course, then against the part that speaks of it most."""
    language = here.view.language
    mistakes = [part for part in here.parts if part.section == "misconception" and _is_near(part, here)]
    if not mistakes and (look := _look(here, "misconception")):
        return look
    for part in mistakes:
        if more := read_whole(here.view, part):
            return more
    if here.ask.intent == "misconception":
        return _show(here, mistakes[0]) if mistakes else _quoted(here)
    found = [(_match(line, part, here), line, part) for part in mistakes for line in _lines(part)]
    best = max(found, default=None, key=lambda entry: entry[0])
    if best and best[0] >= ABOUT:
        text = shown(best[2], here.view, lambda line: line == best[1])
        return Reply(f"{phrase('misconception', language)}\n\n{text}")
    serving = _speaking_of_it(here, mistakes)
    if not serving and (look := _look(here, "compare")):
        return look
    serving = serving or mistakes
    if serving:
        return read_whole(here.view, serving[0]) or Reply(
            f"{phrase('claim', language)}\n\n{shown(serving[0], here.view)}"
        )
    return Reply(phrase("unclear", language)) if here.ask.intent == "statement" else _otherwise(here)


def _speaking_of_it(here: Question, mistakes: Sequence[Section]) -> list[Section]:
    """The parts that speak of what makes the claim special, those of the notes on its topic first."""
    files = {part.file for part in mistakes}
    own = _own(mistakes[0], here) if mistakes else list(here.topic.terms)
    serving = [part for part in serving_parts(here) if coverage(part.body, own) >= ABOUT or not own]
    return sorted(serving, key=lambda part: (part.file not in files, -coverage(part.body, own)))


def _is_near(part: Section, here: Question) -> bool:
    """Whether a part belongs to the file of the topic or speaks of one of its terms by name."""
    if here.follows:
        return part.file == here.topic.file
    terms = here.topic.terms
    must = names_among(terms) or sorted((term for term in terms if not term.isdigit()), key=len)[-1:]
    return any(mentions(part.about, term) for term in must)


def _lines(part: Section) -> list[str]:
    return [found.group() for found in _MISTAKE.finditer(part.body)]


def _own(part: Section, here: Question) -> list[str]:
    """The terms of a claim that are not simply what the whole note is about."""
    title = " ".join((part.file.replace("-", " "), *part.headings))
    return [term for term in here.topic.terms if not mentions(title, term)]


def _match(line: str, part: Section, here: Question) -> float:
    """How far a claim is the misconception of a line: by its letters, or by the terms that make it special."""
    found = _MISTAKE.match(line)
    claim = found["claim"] if found else line
    own = [term for term in _own(part, here) if term not in _HEARSAY]
    stems = sum(mentions(claim, term) or (len(term) > 2 and term[:2] in claim) for term in own)
    return max(overlap(here.ask.text, claim), stems / len(own) if own else 0.0)


def _otherwise(here: Question) -> Reply:
    """The material holds nothing: look on the web where that is possible, and say so."""
    view, language = here.view, here.view.language
    if move := _as_respelled(here):
        return move
    if near := mentioning(here):
        return _show(here, near, nearest=True)
    if more := _read_cut(here, view.hits()):
        return more
    topic = as_said(here.ask.text, here.ask.terms) or " ".join(here.topic.terms)
    searched = view.done("web_search")
    if not searched and "web_search" in view.tools and topic:
        return Reply(calls=(("web_search", {"query": topic}),))
    results = [found for result in searched for found in _RESULT.finditer(result.text)][:3]
    if results:
        listed = "\n".join(
            f"- {r['title'].strip()}: {' '.join((r['snippet'] or '').split())} <{r['url']}>" for r in results
        )
        return Reply(f"{phrase('web_found', language)}\n\n{listed}")
    empty = not here.parts and bool(view.done("archival_memory_search"))
    first = [
        phrase_unknown(here, topic),
        phrase("web_failed", language) if searched else "",
        phrase("kept_open", language),
    ]
    pieces = [
        " ".join(piece for piece in first if piece),
        no_notes(language) if empty else "",
        add_model(view),
    ]
    return Reply("\n\n".join(piece for piece in pieces if piece), answered=False)


def _as_respelled(here: Question) -> Reply | None:
    """Answer for the word of the course that was meant by one that is spelled almost like it."""
    known = [word for part in here.parts for word in terms_of(" ".join(part.headings))]
    terms = tuple(respelled(term, known) or term for term in here.ask.terms)
    if terms == here.ask.terms:
        return None
    move = about_course(here.view, replace(here.ask, terms=terms), here.before, here.lines)
    if not move.text or not move.answered:
        return move if move.calls else None
    meant = ", ".join(term for term in terms if term not in here.ask.terms)
    return replace(move, text=f"{phrase('respelled', here.view.language).format(term=meant)}\n\n{move.text}")
