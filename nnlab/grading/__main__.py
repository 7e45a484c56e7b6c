"""``python -m nnlab.grading NOTEBOOK``: its points on visible tests; and the course's commands beside nbgrader's."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nnlab.cli import ended_well

PROGRAM = "python -m nnlab.grading"
COMMANDS = ("preview", "release", "tidy")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] not in COMMANDS and (given[0].endswith(".ipynb") or Path(given[0]).exists()):
        given = ["preview", *given]
    return ended_well(PROGRAM, lambda: _run(_parser().parse_args(given)))


def _run(options: argparse.Namespace) -> int:
    if options.command == "preview":
        return _preview(options.notebook)
    from nnlab.grading.course import releasing, tidying
    from nnlab.grading.grader.problems import in_words

    try:
        if options.command == "tidy":
            for path in tidying.tidy(options.course):
                print(f"Tidied {path}")
        else:
            print(f"For students: {releasing.release(options.course, options.assignment)}")
    except (OSError, ValueError) as error:
        print(in_words(error), file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser("preview", help="run a notebook's visible tests; its name alone does the same")
    preview.add_argument("notebook", type=Path, help="for example ps1/backpropagation.ipynb")
    zipped = commands.add_parser("release", help="zip a generated assignment for students")
    zipped.add_argument("assignment", help="for example ps1")
    tidy = commands.add_parser("tidy", help="strip outputs and editors' traces from the source notebooks")
    for command in (zipped, tidy):
        command.add_argument("--course", type=Path, default=Path("."), help="the nbgrader course (default: here)")
    return parser


def _preview(path: Path) -> int:
    """Show the points; 0 when every test gives all of its own."""
    from nnlab.grading.course.previewing import PreviewError, preview, report

    try:
        results = preview(path)
    except PreviewError as error:
        print(error, file=sys.stderr)
        return 2
    print(report(path, results))
    return 0 if all(one.points == one.most for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
