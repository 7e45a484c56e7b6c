"""The results as a table, a plot and the numbers themselves, under benchmarks/results/."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import Result
from benchmarks.problems import PROBLEMS, Problem

FOLDER = Path(__file__).with_name("results")
GOALS = {"cpu": {"mnist": 1.25, "tiny": 5.0, "deep": 1.8}, "cuda": {}}


@dataclass(frozen=True)
class Report:
    """What was measured on a device, ``facts`` about it in sentences, and who is compared with whom."""

    device: str
    facts: list[str]
    results: list[Result]
    titles: list[str]

    @property
    def baseline(self) -> str:
        """The contestant that the others' times are divided by."""
        return self.titles[0]

    @property
    def problems(self) -> dict[str, Problem]:
        """The device's problems by name."""
        return PROBLEMS[self.device]

    def ratios(self, result: Result, problem: str, title: str) -> tuple[float, float, float] | None:
        """Quartiles, over the rounds, of the contestant's time divided by the baseline's; None where one is missing."""
        times = result.times[problem]
        if title not in times or self.baseline not in times:
            return None
        low, middle, high = np.percentile(np.divide(times[title], times[self.baseline]), (25, 50, 75))
        return float(low), float(middle), float(high)

    def table(self, result: Result) -> str:
        """A Markdown table: median microseconds a step, and the median of the ratios with their quartiles."""
        lines = [
            "| | " + " | ".join(self.problems[problem].title for problem in result.times) + " |",
            "| --- |" + " ---: |" * len(result.times),
        ]
        for title in self.titles:
            cells = [self._cell(result, problem, title) for problem in result.times]
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def _cell(self, result: Result, problem: str, title: str) -> str:
        ratios = self.ratios(result, problem, title)
        if ratios is None:
            return "–"
        microseconds = 1e6 * float(np.median(result.times[problem][title]))
        words = f"{microseconds:,.0f} µs" if microseconds >= 100 else f"{microseconds:.1f} µs"
        low, middle, high = ratios
        return words if title == self.baseline else f"{words}, {middle:.2f}× ({low:.2f}–{high:.2f})"

    def write(self) -> Path:
        """Store the device's .md, .json and .svg; return the first."""
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{self.device}.md"
        parts = [f"# A training step, device {self.device}", *self.facts]
        for result in self.results:
            parts += [f"## {threads(result)}", self.table(result)]
            parts += [f"Not measured: {failure}." for failure in result.failures]
        path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        path.with_suffix(".json").write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        self.draw(path.with_suffix(".svg"))
        return path

    def draw(self, path: Path) -> None:
        """A dot and its quartiles for each contestant, a panel a problem, a row of panels a number of threads."""
        import matplotlib
        from matplotlib.figure import Figure

        from nnlab.plots.style import palette, settings

        colours = palette()
        titles = self.titles[1:]
        look = {"font.family": "sans-serif", "figure.facecolor": colours["surface"], "savefig.facecolor": "auto"}
        with matplotlib.rc_context(settings() | look):
            figure = Figure(figsize=(10, 0.6 + 0.33 * len(titles) * len(self.results)), layout="constrained")
            panels = figure.subplots(len(self.results), len(self.problems), squeeze=False, sharey=True, sharex="col")
            for row, result in zip(panels, self.results, strict=True):
                for axes, problem in zip(row, result.times, strict=True):
                    for place, title in enumerate(titles):
                        if ratios := self.ratios(result, problem, title):
                            low, middle, high = ratios
                            colour = colours["c1" if title.startswith("nnlab") else "c2"]
                            axes.plot([low, high], [place, place], color=colour)
                            axes.plot([middle], [place], "o", color=colour)
                            axes.annotate(
                                _three_digits(middle),
                                (high, place),
                                (6, 0),
                                textcoords="offset points",
                                va="center",
                                size=9,
                            )
                    if goal := GOALS[self.device].get(problem) if result.threads == 1 else None:
                        axes.axvline(goal, color=colours["muted"], linestyle=":", linewidth=1.2, zorder=0)
                    axes.set_xscale("log")
                    axes.set_xlim(left=0.9)
                    axes.margins(x=0.3)
                    axes.xaxis.set_major_formatter("{x:g}×")
                    axes.xaxis.set_minor_formatter("")
                    axes.set_yticks(range(len(titles)), titles)
                    axes.set_title(f"{self.problems[problem].title}\n{threads(result).lower()}")
                row[0].set_ylim(len(titles) - 0.5, -0.5)
            legend = "  (dotted: nnlab's goal)" if GOALS[self.device] else ""
            figure.supxlabel(f"time of a step ÷ time of its matrix products{legend}", size=10.5)
            figure.savefig(path, metadata={"Date": None})


def threads(result: Result) -> str:
    """How many threads, in words."""
    return "One thread" if result.threads == 1 else f"{result.threads} threads"


def _three_digits(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:,.0f}"
