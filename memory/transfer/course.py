"""Finding course files under the paths that were named, and what each document is called.

A document is called by its path from what was named down: `course/week 1/notes.md` for a file in a folder, `notes.md`
for a file that was named alone. It keeps that name: a file that is known by its place has the name it was first given,
however it is reached, and what is new in a known folder is named like the rest of it. A name belongs to one file. Where
another file or folder has it already, folders are put before it from the right until it differs: `stats/week1/notes.md`.
A folder that was moved keeps its names if nothing is left where it was and a file in it is unchanged.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import BadImport, NotFound, OfficeHoursError, UsageError
from ..text import mask_secrets
from .files import shown

SUFFIXES = frozenset({".md", ".markdown", ".txt", ".text"})

DESCRIBING = "readme"
"""The name, in any case, of files that describe the folder they are in."""


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A file of course material.

    Attributes:
        path: Where it is, links resolved.
        root: The folder that was named, or the file itself; links resolved.
    """

    path: Path
    root: Path

    @property
    def below(self) -> str:
        """Its path in the folder that was named, "" for a file that was named alone."""
        return "" if self.path == self.root else shown(self.path.relative_to(self.root).as_posix())


Reason = Literal["blank", "hidden", "readme", "same", "special", "type"]
"""Why an entry of a folder is passed over: it has no words; its name begins with a dot; it describes the folder; it is a
link to what is found by its own place; it is a pipe, a socket or a device; it is neither Markdown nor text."""


@dataclass(slots=True)
class Listing:
    """What is there. `found` is the sum of the others: nothing goes without a word.

    Attributes:
        found: Entries there were: files, links, and folders that were not looked into.
        roots: The folders that were named, links resolved.
        files: Each once, those of the outermost folder first.
        passed_over: Why entries of the folders are no course material, by their names.
        links: Names of links in the folders that lead out of them or nowhere.
        failed: Why what was named, and what is in the folders, cannot be read, by its place.
    """

    found: int = 0
    roots: list[Path] = field(default_factory=list[Path])
    files: list[CourseFile] = field(default_factory=list[CourseFile])
    passed_over: dict[str, Reason] = field(default_factory=dict[str, Reason])
    links: list[str] = field(default_factory=list[str])
    failed: dict[str, OfficeHoursError] = field(default_factory=dict[str, OfficeHoursError])

    def pass_over(self, name: str, path: Path, reason: Reason) -> None:
        """Write down an entry that is left out; two folders of one name may hold entries of one name."""
        self.passed_over[shown(path) if name in self.passed_over else name] = reason


def list_files(paths: Sequence[Path]) -> Listing:
    """List the course files at some paths.

    Names that begin with a dot are left out, and README files in a folder, which say what it holds.

    Raises:
        NotFound: Nothing that was named is there.
        UsageError: Of what was named nothing is Markdown or text.
    """
    listing = Listing()
    named: dict[Path, None] = {}
    for path in paths:
        error = _unfit(path)
        if error is None:
            named[Path(os.path.realpath(path))] = None
        else:
            listing.failed[shown(path)] = error
    listing.found = len(listing.failed)
    if listing.failed and not named:
        raise next(iter(listing.failed.values()))
    seen: set[Path] = set()
    for root in sorted(named, key=lambda root: (root.is_file(), len(root.parts), root)):
        if root.is_dir():
            listing.roots.append(root)
            _walk(root, listing, seen)
        elif root not in seen:
            _take(root, root, listing, seen)
    return listing


def name_documents(
    listing: Listing, stored: Mapping[str, str | None], unchanged: Callable[[CourseFile, str], bool]
) -> tuple[dict[CourseFile, str], list[str]]:
    """Give each file its document's name, and the stored documents that are gone from the folders.

    Args:
        stored: The documents there are, by name, each with the place of its file; None where that is not known.
        unchanged: Tells whether a file holds what the document of a name does.
    """
    known = {place: name for name, place in stored.items() if place is not None}
    roots: dict[Path, list[CourseFile]] = {root: [] for root in listing.roots}
    for file in listing.files:
        roots.setdefault(file.root, []).append(file)
    labels = {root: _label_of(files, known) for root, files in roots.items()}
    new = [
        root
        for root, files in roots.items()
        if labels[root] is None and any(shown(file.path) not in known for file in files)
    ]
    for root in new:
        rivals = [other for other in new if other != root]
        labels[root] = _new_label(root, roots[root], rivals, stored, unchanged)
    names = {
        file: known.get(shown(file.path)) or _joined(labels[file.root], file.below) for file in listing.files
    }
    found = set(names.values())
    gone = {
        name
        for root in listing.roots
        for name, place in stored.items()
        if name not in found and _was_in(root, labels[root] or shown(root.name), name, place)
    }
    unread = tuple(f"{place}{os.sep}" for place in listing.failed)
    return names, sorted(name for name in gone if not f"{stored[name] or ''}{os.sep}".startswith(unread))


def _unfit(path: Path) -> UsageError | None:
    """Say why something that was named cannot be taken in."""
    # Not Path's own methods, which raise where a name is too long or a folder is closed.
    if os.path.isdir(path):  # noqa: PTH112
        return None
    name = shown(path)
    if not os.path.isfile(path):  # noqa: PTH113
        return NotFound(f"There is no file or folder {name}.", f"{name} 파일이나 폴더가 없습니다.")
    if path.suffix.lower() in SUFFIXES:
        return None
    return UsageError(
        f"{name} is neither Markdown nor text (.md, .txt). Convert it first.",
        f"{name}은(는) 마크다운이나 글 파일(.md, .txt)이 아닙니다. 먼저 변환해 주세요.",
    )


def _take(path: Path, root: Path, listing: Listing, seen: set[Path]) -> None:
    seen.add(path)
    listing.found += 1
    listing.files.append(CourseFile(path, root))


def _walk(root: Path, listing: Listing, seen: set[Path]) -> None:
    """Sort the entries of a folder, links last: what a link leads to is known by its own place."""
    linked: list[Path] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        if folder in seen:
            continue
        seen.add(folder)
        try:
            entries = sorted(os.listdir(folder))  # noqa: PTH208  names alone
        except OSError as error:
            _cannot_read(folder, root, error, listing)
            continue
        inner: list[Path] = []
        for path in (folder / entry for entry in entries):
            if path in seen:
                continue
            try:
                mode = path.lstat().st_mode
            except OSError as error:
                _cannot_read(path, root, error, listing)
                continue
            if stat.S_ISDIR(mode) and not path.name.startswith("."):
                inner.append(path)
            elif stat.S_ISLNK(mode) and not path.name.startswith("."):
                linked.append(path)
            elif (reason := _why_not(path, mode)) is None:
                _take(path, root, listing, seen)
            else:
                seen.add(path)
                listing.found += 1
                listing.pass_over(_below(path, root), path, reason)
        folders.extend(reversed(inner))
    for path in linked:
        _follow(path, root, listing, seen)


def _follow(path: Path, root: Path, listing: Listing, seen: set[Path]) -> None:
    """Say what became of a link; a file that only a link leads to is taken in."""
    seen.add(path)
    target = Path(os.path.realpath(path))
    if not (os.path.exists(target) and target.is_relative_to(root)):  # noqa: PTH110
        listing.found += 1
        listing.links.append(_below(path, root))
    elif target not in seen and os.path.isfile(target) and _is_material(target):  # noqa: PTH113
        _take(target, root, listing, seen)
    else:
        listing.found += 1
        listing.pass_over(_below(path, root), path, "same")


def _why_not(path: Path, mode: int) -> Reason | None:
    if path.name.startswith("."):
        return "hidden"
    if not stat.S_ISREG(mode):
        return "special"
    if path.suffix.lower() not in SUFFIXES:
        return "type"
    return None if _is_material(path) else "readme"


def _is_material(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.stem.lower() != DESCRIBING


def _cannot_read(path: Path, root: Path, error: OSError, listing: Listing) -> None:
    listing.found += 1
    name = _below(path, root)
    listing.failed[shown(path)] = BadImport(
        f"{name} cannot be read ({error.strerror}).", f"{name}을(를) 읽을 수 없습니다 ({error.strerror})."
    )


def _below(path: Path, root: Path) -> str:
    return shown(path.relative_to(root.parent).as_posix())


def _label_of(files: Iterable[CourseFile], known: Mapping[str, str]) -> str | None:
    """Give what stands before the names of a folder's files, from one that is known; None where none is."""
    for file in files:
        name = known.get(shown(file.path), "")
        if file.below and name.endswith(f"/{file.below}"):
            return name.removesuffix(f"/{file.below}")
    return None


def _new_label(
    root: Path,
    files: Sequence[CourseFile],
    rivals: Sequence[Path],
    stored: Mapping[str, str | None],
    unchanged: Callable[[CourseFile, str], bool],
) -> str:
    """Give the end of a root's path, as short as no other root and no stored document has it."""
    others = list(rivals)
    for length in range(1, len(root.parts)):
        label = "/".join(shown(part) for part in root.parts[-length:])
        owned = {
            name: place
            for name, place in stored.items()
            if place is not None and (name == label or name.startswith(f"{label}/"))
        }
        if owned and not _moved(label, files, owned, unchanged):
            # What has this name may end as the longer ones do.
            depths = {name: name.removeprefix(label).count("/") for name in owned}
            others += [Path(place, "x").parents[depths[name]] for name, place in owned.items()]
        elif all(other.parts[-length:] != root.parts[-length:] for other in others):
            return label
    return shown(root.as_posix())


def _moved(
    label: str,
    files: Iterable[CourseFile],
    owned: Mapping[str, str],
    unchanged: Callable[[CourseFile, str], bool],
) -> bool:
    """Whether documents of this label are what a root holds now: nothing is left at their places, and one is unchanged."""
    if any(map(_is_there, owned.values())):
        return False
    names = {_joined(label, file.below): file for file in files}
    return any(unchanged(file, name) for name, file in names.items() if name in owned)


def _was_in(root: Path, label: str, name: str, place: str | None) -> bool:
    """Whether a stored document came from a folder, by its place, or by its name where nothing is at its place."""
    if place is not None and place.startswith(f"{shown(root)}{os.sep}"):
        return True
    return name.startswith(f"{label}/") and (place is None or not _is_there(place))


def _is_there(place: str) -> bool:
    return _found(place) is not None


def _found(place: str) -> Path | None:
    """Give the path that is shown as `place`: on the disk its names may be decomposed, or no UTF-8."""
    if os.path.exists(place):  # noqa: PTH110
        return Path(place)
    folder, name = os.path.split(place)
    above = _found(folder) if name else None
    try:
        return above and next((above / entry for entry in os.listdir(above) if shown(entry) == name), None)  # noqa: PTH208
    except OSError:
        return None


def _joined(label: str | None, below: str) -> str:
    return mask_secrets(f"{label}/{below}" if below else str(label))
