"""``nnlab sandbox``: say which sandboxes this machine has, and which limits hold in them."""

from __future__ import annotations

import argparse
from dataclasses import fields


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments: it has none."""


def run(given: argparse.Namespace) -> int:
    """Try each kind of sandbox and print what came of it; returns 0 when one of them works."""
    from nnlab.grading.sandbox import Limits, SandboxError
    from nnlab.grading.sandbox.cgroups import in_force

    works = 0
    for kind in ("bwrap", "container"):
        try:
            _try(kind)
        except SandboxError as problem:
            print(f"{kind:<10} no: {problem}", flush=True)
        else:
            print(f"{kind:<10} works", flush=True)
            works += 1
    print(f"bwrap holds submissions by {in_force()}")
    print("\nlimits of a submission, changed by c.Sandbox.limits:")
    for field in fields(Limits):
        print(f"  {field.name:<18} {field.default:,}")
    return 0 if works else 1


def _try(kind: str) -> None:
    """Open and close one; raises SandboxError when this machine has none of the kind."""
    from nnlab.grading.sandbox import Limits, Session, WarmInterpreter

    with WarmInterpreter() as warm:
        Session(warm.address, kind, Limits()).close()
