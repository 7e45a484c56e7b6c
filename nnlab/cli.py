"""The command ``nnlab``: one row of the table a subcommand."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
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

READER_GONE = 141  # what a shell says of a program that a closed pipe has ended


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
        return ended_well(f"nnlab {given.command}", lambda: int(modules[given.command].run(given)))
    except ModuleNotFoundError as missing:
        extra = next(command.extra for command in COMMANDS if command.name == given.command)
        all_of_it = f"pip install 'nnlab[{extra}]' brings all that the course uses by itself"
        print(f"nnlab {given.command} needs {missing.name}, which is not installed; {all_of_it}", file=sys.stderr)
        return 2


def ended_well(program: str, work: Callable[[], int]) -> int:
    """The exit code of ``work``, whatever becomes of its output and whenever the user stops it.

    Where the terminal's encoding lacks a character, of a name for instance, its number is shown instead.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = work()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has seen enough; nothing may be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
