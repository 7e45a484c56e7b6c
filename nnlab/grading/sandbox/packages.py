"""Which files of this Python a submission may see: the standard library, NumPy, matplotlib, and what they need."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ALLOWED = ("numpy", "matplotlib", "tqdm")
UNUSED = re.compile(r"^__|\.dist-info$|\.pth$")


@cache
def package_paths(names: tuple[str, ...] = ALLOWED) -> tuple[Path, ...]:
    """The top-level folders and modules of these distributions, and of all they require."""
    found: dict[str, set[Path]] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        site = Path(str(installed.locate_file("")))
        tops = {file.parts[0] for file in installed.files or () if ".." not in file.parts}
        found[name] = {site / top for top in tops if not UNUSED.search(top) and (site / top).exists()}
        # A requirement with a marker is for other systems or optional parts.
        plain = [entry for entry in installed.requires or () if ";" not in entry]
        waiting += [match.group() for entry in plain if (match := re.match(r"[\w.-]+", entry))]
    return tuple(sorted(set().union(*found.values())))


@cache
def python_paths() -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """(paths to show, folders to hide in them): the standard library without what was installed into it."""
    library = Path(sysconfig.get_path("stdlib")).resolve()
    base = Path(sys.base_prefix).resolve()
    shared = sorted(base.glob("lib/libpython*.so*"))
    hidden = [library / "site-packages", library / "dist-packages", library / "test"]
    return (library, *shared), tuple(path for path in hidden if path.is_dir())


@cache
def system_paths() -> tuple[Path, ...]:
    """The system's shared libraries, fonts and time zones."""
    names = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/fonts", "/usr/share/zoneinfo", "/etc/ld.so.cache")
    plain = [Path(name) for name in ("/lib", "/lib32", "/lib64") if not os.path.islink(name)]
    return tuple(path for path in [*map(Path, names), *plain] if path.exists())
