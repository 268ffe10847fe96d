"""Running the student's files: each content once a process, only what they said yes to, without a word to `sys.path`.

The files of a folder are the modules of a package that has a name of its own. So a file may be called as anything
else is, two homes do not meet, and only these files see each other: `from .helper import x` as in any package, and
`import helper` as in any script.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from threading import RLock
from typing import Any

from ...memory.errors import ConfigError
from .consent import Consent
from .finding import ToolFile, beside, digest_of, local_module

PACKAGE = "officehours_user_tools_"
"""How the name of a folder's package begins; the rest is of its path."""

_lock = RLock()
_folders: dict[str, Path] = {}
_loaded: dict[str, str] = {}
"""The content that each module of a folder was made of."""

_typed: set[str] = set()
"""Contents that the person runs by a command of this process, without a yes that is kept."""

_ran: dict[str, str] = {}
"""The content of a file and of all its parts when it was run last."""


def run_file(folder: Path, file: ToolFile, *, typed: bool = False) -> types.ModuleType:
    """Give the module of a file, run now if this process has not run this very content.

    Args:
        typed: The person named it in a command that runs it, which is a yes for this process.

    Raises:
        ConfigError: It imports a file of the folder that the student did not say yes to.
        BaseException: Whatever the file itself raises.
    """
    with _lock:
        package = _package(folder)
        _typed.update(part.digest for part in file.parts if typed)
        whole = f"{package}.{file.name}"
        if _ran.get(whole) != file.digest:
            for part in file.parts:
                name = ".".join([package, *_dotted(folder, part.path)])
                if part.path == file.path or _loaded.get(name) != part.digest:
                    _forget(name)
        module = import_module(whole)
        _ran[whole] = file.digest
        return module


def _package(folder: Path) -> str:
    name = PACKAGE + digest_of(str(folder).encode("utf-8", "surrogateescape"))[:12]
    if name not in _folders:
        root = types.ModuleType(name, "The tools of a folder.")
        root.__path__ = [str(folder)]
        _folders[name], sys.modules[name] = folder, root
        if _Finder not in sys.meta_path:
            sys.meta_path.insert(0, _Finder)  # before the one that would take what was compiled before
    return name


def _forget(name: str) -> None:
    """Let a module be run anew, and what stands on it where it is a package."""
    for known in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[known]
        _loaded.pop(known, None)


def _dotted(folder: Path, path: Path) -> Sequence[str]:
    parts = path.relative_to(folder).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


class _Finder:
    """Finds the modules of the folders' packages, and nothing else."""

    @staticmethod
    def find_spec(
        fullname: str, _path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, rest = fullname.partition(".")
        folder = _folders.get(package)
        if folder is None or not rest:
            return None
        *above, name = rest.split(".")
        file = local_module(folder.joinpath(*above), name)
        if file is None:
            return None
        inside = [str(file.parent)] if file.name == "__init__.py" else None
        loader = _Loader(fullname, str(file), folder)
        return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=inside)


class _Loader(SourceFileLoader):
    """Runs a file from the bytes that were said yes to; what was compiled before is never taken."""

    def __init__(self, fullname: str, path: str, folder: Path) -> None:
        super().__init__(fullname, path)
        self._folder = folder

    def get_code(self, fullname: str) -> types.CodeType:
        content = self.get_data(self.path)
        digest = digest_of(content)
        if digest not in _typed and Consent(self._folder).to(digest) != "yes":
            name = Path(self.path).relative_to(self._folder).parts[0].removesuffix(".py")
            raise ConfigError(
                f"{self.path} is new or has changed, and is not run before you say: officehours tools enable {name}",
                f"{self.path}: 새로 생겼거나 바뀐 파일이라 실행하지 않았습니다. 실행하려면: officehours tools enable {name}",
            )
        _loaded[fullname] = digest
        return self.source_to_code(content, self.path)

    def exec_module(self, module: types.ModuleType) -> None:
        importing = _Import(self._folder, module.__name__, is_package=hasattr(module, "__path__"))
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": importing}
        super().exec_module(module)


class _Import:
    """`__import__` as the files of one folder see it: what stands beside them is found by its plain name.

    It is theirs alone: for everybody else, `import helper` means what it meant before. A file called `numpy.py` that
    imports numpy means the other one.
    """

    def __init__(self, folder: Path, module: str, *, is_package: bool) -> None:
        self._folder, (self._package, _, rest) = folder, module.partition(".")
        self._own = "" if is_package else rest

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - as Python names them
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        top = name.partition(".")[0]
        if level == 0 and top != self._own and beside(self._folder, top):
            found = import_module(f"{self._package}.{name}")
            for part in fromlist or ():
                if part != "*" and not hasattr(found, part) and hasattr(found, "__path__"):
                    import_module(f"{self._package}.{name}.{part}")
            return found if fromlist else sys.modules[f"{self._package}.{top}"]
        return builtins.__import__(name, globals, locals, fromlist or (), level)
