"""Say what stopped a build: each warning once, and for a failed cell its code and its error, not a path to a log."""

import re

NOISE = re.compile(r"^\[(?:IPKernelApp|NbClientApp)\]|traceback saved in:|^\s*$")
CELL = "An error occurred while executing the following cell:"
WARNING = re.compile(r"(?:WARNING|ERROR|CRITICAL): ")
CRASH = re.compile(r"^(?:Extension error|Exception occurred|Configuration error|Traceback \(most recent call last\))")
WRAPPER = "RuntimeError: "  # Jupyter Book's own last words, which say to look above


def paragraphs(complaints: str) -> list[str]:
    """The messages of Sphinx's stderr, each with the lines that belong to it."""
    found: list[list[str]] = []
    in_cell = False
    for line in complaints.splitlines():
        starts = WARNING.search(line) or (CRASH.match(line) and not in_cell)
        if starts:
            in_cell = "Executing notebook failed" in line
        if NOISE.search(line) and not (in_cell and not line.strip()):
            continue
        if starts or not found:
            found.append([])
        found[-1].append(line)
    return ["\n".join(lines).rstrip().removesuffix("[mystnb.exec]").rstrip() for lines in found]


def shorten(message: str) -> str:
    """A message about a failed cell from the cell on: the frames of the machinery around it help nobody."""
    if CELL not in message:
        return message
    return f"{message.splitlines()[0]}\n{message[message.index(CELL) :]}"


def explain(complaints: str) -> str:
    """What a reader of the terminal needs to know."""
    messages = [shorten(message) for message in paragraphs(complaints) if WRAPPER not in message]
    return "\n\n".join(dict.fromkeys(messages)) or "Jupyter Book gave no reason."
