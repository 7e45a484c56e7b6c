"""Which modules of a package a file's results can depend on: its imports, followed to where each name is defined."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path


class Package:
    """A package read from its files, without importing it.

    ``from package import name`` leads to the module that defines the name, through any re-exports, and not to all that
    a package's ``__init__`` brings in; ``import package`` leads to the ``__init__`` with all of it. Imports inside
    functions count like those at the top.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.name
        self._trees: dict[str, ast.Module] = {}

    def path(self, module: str) -> Path | None:
        """The file of a module such as "package.part"; None where the package has no such module."""
        head, *inside = module.split(".")
        place = self.root.joinpath(*inside)
        if head != self.name:
            return None
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file() and (inside or file.name == "__init__.py"):
                return file
        return None

    def tree(self, module: str) -> ast.Module:
        """A module's code, parsed once. Raises ValueError for a module the package does not have."""
        if module not in self._trees:
            path = self.path(module)
            if path is None:
                raise ValueError(f"{module} is no module of {self.root}")
            self._trees[module] = ast.parse(path.read_bytes())
        return self._trees[module]

    def home(self, module: str, name: str) -> str:
        """The module that defines ``name`` where ``from module import name`` finds it."""
        inner = f"{module}.{name}"
        for source, original, bound in self._names(module, self.tree(module)):
            if bound == name and (source, original) != (module, name) and self.path(source) and original != "*":
                return self.home(source, original)
        return inner if self.path(inner) else module

    def imports(self, tree: ast.Module, module: str) -> set[str]:
        """The modules of this package that a module's code leads to at once."""
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    parts = alias.name.split(".")
                    found |= {".".join(parts[: i + 1]) for i in range(len(parts))}
        for source, original, _ in self._names(module, tree):
            if self.path(source):
                found.add(source if original == "*" else self.home(source, original))
        return {name for name in found if self.path(name)}

    def reached(self, tree: ast.Module, module: str, leave_out: Callable[[str], bool] = lambda _: False) -> list[str]:
        """All modules of this package that code can lead to, in order; those left out are not followed either.

        ``module`` is the code's own name, whether or not it is part of the package.
        """
        pending, seen = self.imports(tree, module), set[str]()
        while pending:
            found = pending.pop()
            if found in seen or leave_out(found):
                continue
            seen.add(found)
            pending |= self.imports(self.tree(found), found)
        return sorted(seen)

    def _names(self, module: str, tree: ast.Module) -> Iterator[tuple[str, str, str]]:
        """Every ``from source import original as bound`` of code, its source in full."""
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom):
                continue
            source = node.module or ""
            if node.level:
                path, parts = self.path(module), module.split(".")
                is_package = path is not None and path.name == "__init__.py"
                above = parts[: len(parts) - node.level + is_package]
                source = ".".join([*above, source] if source else above)
            for alias in node.names:
                yield source, alias.name, alias.asname or alias.name
