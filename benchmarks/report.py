"""The results as a table, a plot and the numbers themselves, under benchmarks/results/."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import Result
from benchmarks.problems import PROBLEMS

FOLDER = Path(__file__).with_name("results")
GOALS = {"mnist": 1.25, "tiny": 5.0, "deep": 1.8}


@dataclass(frozen=True)
class Cell:
    """Microseconds a step, and how often the time of the products in the same round: quartiles of the rounds."""

    microseconds: tuple[float, float, float]
    ratio: tuple[float, float, float]


def cells(result: Result, baseline: str) -> dict[str, dict[str, Cell]]:
    """Problem → contestant → Cell."""
    return {
        problem: {title: _cell(times[title], times[baseline]) for title in times}
        for problem, times in result.times.items()
        if times.get(baseline)
    }


def _cell(times: list[float], baseline: list[float]) -> Cell:
    quartiles = (25, 50, 75)
    microseconds = 1e6 * np.percentile(times, quartiles)
    ratios = np.percentile(np.array(times) / np.array(baseline), quartiles)
    return Cell(tuple(microseconds.tolist()), tuple(ratios.tolist()))


def table(result: Result, baseline: str, titles: list[str]) -> str:
    """A Markdown table: median microseconds a step, and the median ratio to the products with its quartiles."""
    found = cells(result, baseline)
    lines = [
        "| | " + " | ".join(PROBLEMS[problem].title for problem in found) + " |",
        "| --- |" + " ---: |" * len(found),
    ]
    for title in titles:
        row = [_words(found[problem].get(title)) for problem in found]
        if any(row):
            lines.append(f"| {title} | " + " | ".join(word or "–" for word in row) + " |")
    return "\n".join(lines)


def _words(cell: Cell | None) -> str:
    if cell is None:
        return ""
    low, middle, high = cell.ratio
    return f"{_number(cell.microseconds[1])} µs, {middle:.2f}× ({low:.2f}–{high:.2f})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def write(
    name: str, heading: str, facts: list[str], results: list[Result], baseline: str, titles: list[str], goals: bool
) -> Path:
    """Store ``name``.md, .json and .svg; return the folder."""
    FOLDER.mkdir(exist_ok=True)
    parts = [f"# {heading}", *facts]
    for result in results:
        parts += [f"## {threads(result)}", table(result, baseline, titles)]
        parts += [f"Not measured: {failure}." for failure in result.failures]
    (FOLDER / f"{name}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    numbers = {"heading": heading, "facts": facts, "results": [asdict(result) for result in results]}
    (FOLDER / f"{name}.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    draw(FOLDER / f"{name}.svg", results, baseline, titles, GOALS if goals else {})
    return FOLDER


def threads(result: Result) -> str:
    """How many threads, in words."""
    return "One thread" if result.threads == 1 else f"{result.threads} threads"


def draw(path: Path, results: list[Result], baseline: str, titles: list[str], goals: dict[str, float]) -> None:
    """A dot and its quartiles for each contestant, a panel a problem, a row of panels for each number of threads."""
    import matplotlib
    from matplotlib.figure import Figure

    from nnlab.plots.style import palette, settings

    with matplotlib.rc_context({**settings(), "font.family": "sans-serif"}):
        figure = Figure(figsize=(10, 2.6 * len(results)), layout="constrained", facecolor=palette()["surface"])
        axes = figure.subplots(len(results), len(PROBLEMS), squeeze=False, sharey=True, sharex="col")
        for row, result in zip(axes, results, strict=True):
            found = cells(result, baseline)
            rows = [title for title in titles if title != baseline]
            for axis, (problem, of_title) in zip(row, found.items(), strict=False):
                for place, title in enumerate(rows):
                    if title in of_title:
                        low, middle, high = of_title[title].ratio
                        colour = palette()["c1" if title.startswith("nnlab") else "c2"]
                        axis.plot([low, high], [place, place], color=colour, linewidth=2)
                        axis.plot([middle], [place], "o", color=colour)
                        axis.annotate(
                            f"{middle:.2f}",
                            (middle, place),
                            (0, 5),
                            textcoords="offset points",
                            ha="center",
                            fontsize=8,
                        )
                if problem in goals and result.threads == 1:
                    axis.axvline(goals[problem], color=palette()["muted"], linestyle=":", linewidth=1.2)
                axis.set_xscale("log")
                axis.margins(x=0.15, y=0.12)
                axis.xaxis.set_major_formatter("{x:g}×")
                axis.xaxis.set_minor_formatter("")
                axis.set_yticks(range(len(rows)), rows)
                axis.set_title(f"{PROBLEMS[problem].title}\n{threads(result).lower()}")
            row[0].invert_yaxis()
        for axis in axes[-1]:
            axis.set_xlabel("time of a step ÷ time of its matrix products")
        figure.savefig(path, metadata={"Date": None})
