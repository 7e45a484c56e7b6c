"""Start the command faster than its libraries would by themselves."""

from __future__ import annotations

import importlib
import sys


def import_notebooks() -> None:
    """Import nbformat without the package that takes most of its time, unless somebody has imported it before.

    nbformat checks notebooks by jsonschema, which at its first import builds a grammar of international addresses,
    1.7 s of work, if it finds the package for it. Nothing in a notebook's schema is such an address.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # for import, a module that is not there
    try:
        importlib.import_module("nbformat")
    finally:
        del sys.modules["rfc3987_syntax"]
