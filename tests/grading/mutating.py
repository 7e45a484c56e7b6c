"""Small changes to a function's source, by mutmut's own operators: one operator, number, name or argument at a time."""

import ast
from collections.abc import Iterator

import libcst
from mutmut.mutation.mutators import mutation_operators


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every mutant of a function, as (the lines that changed, the whole source); documentation is left alone."""
    module = libcst.parse_module(source)
    seen, lines = {_meaning(source)}, set(source.splitlines())
    for node in _nodes(module):
        for kind, operator in mutation_operators:
            for new in operator(node) if isinstance(node, kind) else ():
                code = module.deep_replace(node, new).code
                if _meaning(code) not in seen:
                    seen.add(_meaning(code))
                    yield " / ".join(line.strip() for line in code.splitlines() if line not in lines), code


def _nodes(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _meaning(source: str) -> str:
    """The code without its documentation."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.FunctionDef) and isinstance(body, list) and ast.get_docstring(node) is not None:
            del body[0]
    return ast.dump(tree)
