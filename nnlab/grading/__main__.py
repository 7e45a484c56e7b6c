"""``python -m nnlab.grading``: the course's own commands beside nbgrader's."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nnlab.grading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    zipped = commands.add_parser("release", help="zip a generated assignment for students")
    zipped.add_argument("assignment", help="for example ps1")
    tidy = commands.add_parser("tidy", help="strip outputs and editors' traces from the source notebooks")
    for command in (zipped, tidy):
        command.add_argument("--course", type=Path, default=Path("."), help="the nbgrader course (default: here)")
    given = parser.parse_args(arguments)

    from nnlab.grading.course import releasing, tidying

    if given.command == "tidy":
        for path in tidying.tidy(given.course):
            print(f"Tidied {path}")
        return 0
    try:
        print(f"For students: {releasing.release(given.course, given.assignment)}")
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
