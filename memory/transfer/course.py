"""Finding course files under the paths that were named, and what each document is called.

A document is called by its path from what was named down: `course/week 1/notes.md` for a file in a folder, `notes.md`
for a file that was named alone. It keeps that name: a file that is known by its place has the name it was first given,
however it is reached, and what is new in a known folder is named like the rest of it. A name belongs to one file. Where
another file or folder has it already, folders are put before it from the right until it differs: `stats/week1/notes.md`.
A folder that was moved keeps its names if nothing is left where it was and a file in it is unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(slots=True)
class Listing:
    """What is there.

    Attributes:
        roots: The folders that were named, links resolved.
        files: Each once, those of the outermost folder first.
        passed_over: Names of files in the folders that are no course material.
        links: Names of links in the folders that lead out of them or nowhere.
        unreadable: Folders that cannot be listed, each with the reason.
    """

    roots: list[Path] = field(default_factory=list[Path])
    files: list[CourseFile] = field(default_factory=list[CourseFile])
    passed_over: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    unreadable: dict[Path, OfficeHoursError] = field(default_factory=dict[Path, OfficeHoursError])


def list_files(paths: Sequence[Path]) -> Listing:
    """List the course files at some paths.

    Names that begin with a dot are left out, and README files in a folder, which say what it holds.

    Raises:
        NotFound: A path is not there.
        UsageError: A file that was named is neither Markdown nor text.
    """
    listing = Listing()
    for path in paths:
        _check(path)
    named = {Path(os.path.realpath(path)) for path in paths}
    seen: set[Path] = set()
    for root in sorted(named, key=lambda root: (root.is_file(), len(root.parts), root)):
        if root.is_dir():
            listing.roots.append(root)
        for path in _walk(root, listing) if root.is_dir() else (root,):
            if path not in seen:
                seen.add(path)
                listing.files.append(CourseFile(path, root))
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
    unlisted = tuple(f"{shown(folder)}{os.sep}" for folder in listing.unreadable)
    return names, sorted(name for name in gone if not (stored[name] or "").startswith(unlisted))


def _check(path: Path) -> None:
    if path.is_dir():
        return
    name = shown(path)
    if not path.is_file():
        raise NotFound(f"There is no file or folder {name}.", f"{name} 파일이나 폴더가 없습니다.")
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{name} is neither Markdown nor text (.md, .txt). Convert it first.",
            f"{name}은(는) 마크다운이나 글 파일(.md, .txt)이 아닙니다. 먼저 변환해 주세요.",
        )


def _walk(root: Path, listing: Listing) -> Iterator[Path]:
    """Give the course files of a folder, links last: what a link leads to is known by its own place."""
    linked: list[Path] = []

    def name(path: Path) -> str:
        return shown(path.relative_to(root.parent).as_posix())

    def cannot_list(error: OSError) -> None:
        folder = Path(error.filename)
        listing.unreadable[folder] = BadImport(
            f"{name(folder)} cannot be read ({error.strerror}).",
            f"{name(folder)} 폴더를 읽을 수 없습니다 ({error.strerror}).",
        )

    for top, folders, files in os.walk(root, onerror=cannot_list):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for path in (Path(top, entry) for entry in sorted([*folders, *files]) if not entry.startswith(".")):
            if path.is_symlink():
                linked.append(path)
            elif path.is_file():
                if _is_material(path):
                    yield path
                else:
                    listing.passed_over.append(name(path))
    for path in linked:
        target = Path(os.path.realpath(path))
        if not (target.exists() and target.is_relative_to(root)):
            listing.links.append(name(path))
        elif target.is_file() and _is_material(target):
            yield target


def _is_material(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.stem.lower() != DESCRIBING


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
    if any(Path(place).exists() for place in owned.values()):
        return False
    names = {_joined(label, file.below): file for file in files}
    return any(unchanged(file, name) for name, file in names.items() if name in owned)


def _was_in(root: Path, label: str, name: str, place: str | None) -> bool:
    """Whether a stored document came from a folder, by its place, or by its name where nothing is at its place."""
    if place is not None and place.startswith(f"{shown(root)}{os.sep}"):
        return True
    return name.startswith(f"{label}/") and (place is None or not Path(place).exists())


def _joined(label: str | None, below: str) -> str:
    return mask_secrets(f"{label}/{below}" if below else str(label))
