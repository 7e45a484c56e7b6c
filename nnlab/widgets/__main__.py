"""``python -m nnlab.widgets build --out DIR``: what the site needs of the explorers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nnlab.widgets.explorer import ExplorerError


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and build; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nnlab.widgets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build_command = commands.add_parser("build", help="bundle the script, compute the packs, draw the stills")
    build_command.add_argument("--out", type=Path, required=True, help="folder for explorer.js and the packs")
    build_command.add_argument(
        "--cache", type=Path, default=None, help="folder for computed results (.cache/explorers)"
    )
    build_command.add_argument("--only", action="append", metavar="NAME", help="build this explorer (may be repeated)")
    commands.add_parser("list", help="name every explorer with its number of states")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "list":
            from nnlab.widgets import load_all

            for explorer in load_all():
                print(f"{explorer.name:32} {explorer.state_count:6} states  {explorer.title}")
            return 0
        from nnlab.widgets.build import CACHE, build

        build(chosen.out, cache=chosen.cache or CACHE, only=chosen.only)
    except (ExplorerError, ValueError) as error:
        print(f"nnlab.widgets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
