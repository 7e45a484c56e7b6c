"""Show how far Sphinx has come: a bar on a terminal, a line for each page that runs in a log."""

import re
from typing import TextIO

from tqdm import tqdm

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
STEP = re.compile(r"(reading sources|writing output)\.\.\. \[ *(\d+)%\] (\S+)")
EXECUTED = re.compile(r"([^/\\]+)\.(?:md|ipynb): Executed notebook in ([\d.]+) seconds")
PHASES = {"reading sources": "Reading", "writing output": "Writing"}


def plain(line: str) -> str:
    """The line without the codes that colour it."""
    return COLOUR.sub("", line)


class Progress:
    """Turns Sphinx's messages, line by line, into a display."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.bar: tqdm[None] | None = None
        self.phase = ""

    def see(self, line: str) -> None:
        """Take in one line of Sphinx's output."""
        if step := STEP.search(line):
            phase, percent, page = step.groups()
            self.advance(PHASES[phase], int(percent), page)
        elif executed := EXECUTED.search(line):
            self.note(f"  ran {executed[1]} in {float(executed[2]):.1f} s")

    def advance(self, phase: str, percent: int, page: str) -> None:
        """Move the bar to a page; a log gets one line a phase instead."""
        if not self.out.isatty():
            if phase != self.phase:
                self.note(f"  {phase.lower()} pages")
            self.phase = phase
            return
        if self.bar is None:
            self.bar = tqdm(total=100, file=self.out, leave=False, bar_format="  {desc:40} {bar:30} {percentage:3.0f}%")
        self.bar.set_description_str(f"{phase} {page}", refresh=False)
        self.bar.n = percent
        self.bar.refresh()

    def note(self, text: str) -> None:
        """Print a line that stays."""
        tqdm.write(text, file=self.out)
        self.out.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
