"""Reading a persona file: YAML front matter checked by pydantic, each error with its line and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from ..memory.errors import PersonaError
from .lines import OCCASIONS, PLAIN, Lines, words_in
from .modes import Mode
from .rules import CHECKS, HARD, nearest, options_of
from .spec import Persona, Rule

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Language = Literal["ko", "en"]
Place = tuple[int | str, ...]

_FRONT = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^#{1,3}\s*(ko|en|한국어|English)\s*$", re.IGNORECASE | re.MULTILINE)
_LANGUAGES = {"ko": "ko", "한국어": "ko", "en": "en", "english": "en"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleEntry(_Strict):
    """One of `rules`: a promise that names its check, or says that there is none."""

    rule: Text
    check: Text | None = None
    unchecked: Literal[True] | None = None
    options: dict[str, Any] = Field(default_factory=dict[str, Any])
    hard: bool | None = None


class FrontMatter(_Strict):
    """What stands between the two lines of dashes."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    extends: Text | None = None
    names: dict[Language, Text] = Field(default_factory=dict[Language, Text])
    languages: list[Language] = Field(default_factory=list[Language])
    voice: Text | None = None
    mode: Mode | None = None
    rules: list[RuleEntry] | None = None
    tools: list[Text] | None = None
    lines: dict[str, dict[Language, list[Text]]] = Field(default_factory=dict)


def read(path: Path, find: Callable[[str], Persona]) -> Persona:
    """Read a persona file.

    Args:
        path: The file; its name is the persona's id.
        find: Gives the persona that this one extends.

    Raises:
        PersonaError: It cannot be used.
    """
    file = _File(path)
    front = file.front
    if front.id != path.stem:
        file.refuse(
            ("id",),
            f"the id is `{front.id}`, but the file is {path.name}; they must agree",
            f"id는 `{front.id}`인데 파일 이름은 {path.name}입니다. 둘이 같아야 합니다",
        )
    base = find(front.extends) if front.extends else None
    rules = _rules(file) if front.rules is not None else (base.rules if base else ())
    lines = _lines(file, base.lines if base else PLAIN)
    body, sections = _sections(file.body)
    languages = tuple(front.languages) or (base.languages if base else ())
    names = {**(base.names if base else {}), **front.names}
    if not languages:
        file.refuse(
            (),
            "`languages` is missing; give [ko, en] or one of them",
            "`languages`가 없습니다. [ko, en] 중에서 쓰세요",
        )
    for language in languages:
        if language not in names:
            file.refuse(
                ("names",), f"`names` has no name for `{language}`", f"`names`에 `{language}` 이름이 없습니다"
            )
    if base is not None and not body and not sections:
        body, sections = base.body, dict(base.sections)
    if not body and not any(sections.get(language) for language in languages):
        file.refuse(
            (),
            "there is no body: say below the front matter who the professor is",
            "본문이 없습니다. 교수가 누구인지 쓰세요",
        )
    tools = frozenset(front.tools) if front.tools is not None else (base.tools if base else None)
    voice = front.voice or (base.voice if base else "")
    mode = front.mode or (base.mode if base else None)
    return Persona(front.id, names, languages, voice, rules, tools, lines, body, sections, path, mode)


class _File:
    """A file with its front matter, knowing the line of each of its parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = self._text()
        found = _FRONT.match(text)
        if found is None:
            self._fail(
                1,
                "it must begin with front matter between two lines of ---",
                "파일은 --- 두 줄 사이의 머리말로 시작해야 합니다",
            )
        self.body = text[found.end() :].strip()
        self._first_line = 2
        self._tree, data = self._parse(found.group("yaml"))
        try:
            self.front = FrontMatter.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            english, korean = _explained(first)
            self.refuse(_place(first), english, korean)

    def refuse(self, place: Place, en: str, ko: str) -> NoReturn:
        """Raise an error about a part of the front matter."""
        self._fail(self._line_of(place), en, ko)

    def _fail(self, line: int, en: str, ko: str) -> NoReturn:
        raise PersonaError(
            f"{self.path}:{line}: {en}. See docs/personas.md.",
            f"{self.path}:{line}: {ko}. docs/personas.md를 보세요.",
        )

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self._fail(1, "it is not UTF-8; save it as UTF-8", "UTF-8이 아닙니다. UTF-8로 저장하세요")
        except OSError as error:
            raise PersonaError(
                f"{self.path} cannot be read: {error.strerror or error}.",
                f"{self.path}을(를) 읽을 수 없습니다: {error.strerror or error}.",
            ) from error

    def _parse(self, text: str) -> tuple[yaml.Node | None, Any]:
        try:
            node = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
            return node, yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "this is not YAML"
            self._fail(
                self._first_line + (mark.line if mark else 0), what, f"YAML을 읽을 수 없습니다: {what}"
            )

    def _line_of(self, place: Place) -> int:
        node, line = self._tree, 0
        for part in place:
            inner, at = _child(node, part)
            if inner is None:
                break
            node, line = inner, at
        return self._first_line + line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node | None, int]:
    """Give a part of a node and the line it begins on."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        items = cast("Sequence[yaml.Node]", node.value)
        return (items[part], items[part].start_mark.line) if part < len(items) else (None, 0)
    if isinstance(node, yaml.MappingNode):
        pairs = cast("Sequence[tuple[yaml.Node, yaml.Node]]", node.value)
        for key, value in pairs:
            if key.value == part:
                return value, key.start_mark.line
    return None, 0


def _rules(file: _File) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for number, entry in enumerate(file.front.rules or ()):
        if (entry.check is None) == (entry.unchecked is None):
            file.refuse(
                ("rules", number),
                "a rule names its `check`, or says `unchecked: true`",
                "규칙에는 `check` 또는 `unchecked: true` 중 하나가 있어야 합니다",
            )
        if entry.check is not None:
            _known_check(file, number, entry)
        if entry.hard and entry.check is None:
            file.refuse(
                ("rules", number, "hard"),
                "a rule that nothing checks cannot be hard; name its `check`",
                "검사하지 않는 규칙에는 `hard`를 쓸 수 없습니다. `check`를 정해 주세요",
            )
        hard = entry.check in HARD if entry.hard is None else entry.hard
        rules.append(Rule(entry.rule, entry.check, dict(entry.options), hard))
    return tuple(rules)


def _known_check(file: _File, number: int, entry: RuleEntry) -> None:
    name = entry.check or ""
    known = ", ".join(sorted(CHECKS))
    if name not in CHECKS:
        near = nearest(name, CHECKS)
        file.refuse(
            ("rules", number, "check"),
            f"there is no check `{name}`{f'; did you mean `{near}`?' if near else ';'} known: {known}",
            f"그런 검사는 없습니다: `{name}`{f'. `{near}` 말씀인가요?' if near else '.'} 쓸 수 있는 것: {known}",
        )
    allowed = options_of(name)
    for option in entry.options:
        if option not in allowed:
            listed = ", ".join(allowed) or "none"
            file.refuse(
                ("rules", number, "options", option),
                f"the check `{name}` has no option `{option}`; it takes: {listed}",
                f"검사 `{name}`에는 `{option}` 설정이 없습니다. 쓸 수 있는 것: {listed}",
            )


def _lines(file: _File, base: Lines) -> Lines:
    for occasion, languages in file.front.lines.items():
        if occasion not in OCCASIONS:
            file.refuse(
                ("lines", occasion),
                f"there is no occasion `{occasion}`; known: {', '.join(OCCASIONS)}",
                f"그런 경우는 없습니다: `{occasion}`. 쓸 수 있는 것: {', '.join(OCCASIONS)}",
            )
        for language, phrases in languages.items():
            for number, phrase in enumerate(phrases):
                if stray := sorted(words_in(phrase) - OCCASIONS[occasion]):
                    allowed = ", ".join(f"{{{word}}}" for word in sorted(OCCASIONS[occasion]))
                    file.refuse(
                        ("lines", occasion, language, number),
                        f"{{{stray[0]}}} means nothing here; allowed: {allowed}",
                        f"{{{stray[0]}}}은(는) 여기에 쓸 수 없습니다. 쓸 수 있는 것: {allowed}",
                    )
    own = {o: {str(lang): tuple(p) for lang, p in by.items()} for o, by in file.front.lines.items()}
    return {occasion: {**base[occasion], **own.get(occasion, {})} for occasion in OCCASIONS}


def _sections(body: str) -> tuple[str, dict[str, str]]:
    """Split a body into what is for every language and what is for one."""
    common, *rest = _SECTION.split(body)
    sections = {
        _LANGUAGES[head.lower()]: text.strip() for head, text in zip(rest[::2], rest[1::2], strict=True)
    }
    return common.strip(), sections


def _place(error: ErrorDetails) -> Place:
    return tuple(part for part in error["loc"] if part != "[key]")


def _explained(error: ErrorDetails) -> tuple[str, str]:
    name = ".".join(str(part) for part in _place(error)) or "front matter"
    match error["type"]:
        case "extra_forbidden":
            fields = list(RuleEntry.model_fields if name.startswith("rules.") else FrontMatter.model_fields)
            near = nearest(name.rpartition(".")[2], fields)
            hint = f"did you mean `{near}`? " if near else ""
            return (
                f"`{name}` is unknown; {hint}allowed: {', '.join(fields)}",
                f"`{name}`은(는) 모르는 항목입니다. 쓸 수 있는 것: {', '.join(fields)}",
            )
        case "missing":
            return f"`{name}` is missing", f"`{name}`이(가) 없습니다"
        case "string_pattern_mismatch":
            return (
                f"`{name}` must be lower-case letters, digits and dashes, got {error['input']!r}",
                f"`{name}`에는 영어 소문자, 숫자, -만 쓸 수 있습니다: {error['input']!r}",
            )
        case _:
            message = f"{error['msg'][:1].lower()}{error['msg'][1:]}"
            return (
                f"`{name}`: {message}, got {error['input']!r}",
                f"`{name}`: 값 {error['input']!r}을(를) 쓸 수 없습니다",
            )
