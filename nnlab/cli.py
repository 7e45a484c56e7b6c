"""The command ``nnlab``: one row of the table a subcommand."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple


class Command(NamedTuple):
    """A subcommand: its name, one line of help, and the module with its ``add_arguments`` and ``run``."""

    name: str
    help: str
    module: str
    extra: str


COMMANDS = (
    Command("grade", "grade all submissions of an assignment", "nnlab.grading.grader.command", "grading"),
    Command("sandbox", "say which sandboxes this machine has", "nnlab.grading.sandbox.command", "grading"),
    Command("report", "make a page of plots on how a class did", "nnlab.grading.reports.command", "grading"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit code."""
    parser = argparse.ArgumentParser(prog="nnlab", description="The tools of a course on how neural networks learn.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {}
    for command in COMMANDS:
        modules[command.name] = importlib.import_module(command.module)
        modules[command.name].add_arguments(commands.add_parser(command.name, help=command.help))
    given = parser.parse_args(arguments)
    try:
        return int(modules[given.command].run(given))
    except ModuleNotFoundError as missing:
        extra = next(command.extra for command in COMMANDS if command.name == given.command)
        print(f"nnlab {given.command} needs {missing.name}: pip install 'nnlab[{extra}]'", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
