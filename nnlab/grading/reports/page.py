"""The report as one HTML file that needs no other, light or dark as its reader's system is."""

from __future__ import annotations

import math

import numpy as np
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from nnlab.grading.course.schemes import colours
from nnlab.grading.reports.figures import distribution, quality, shares
from nnlab.grading.reports.gathering import ClassResults
from nnlab.grading.reports.measures import difficulty, discrimination

FREQUENT = 15


def report_page(results: ClassResults) -> str:
    """The page; every text in it that came from a student is escaped."""
    share, parting = difficulty(results.points, results.most), discrimination(results.points)
    rows = [
        (test, most, _percent(one), "–" if math.isnan(other) else f"{other:.2f}".replace("-", "−"))
        for test, most, one, other in zip(results.tests, results.most, share, parting, strict=True)
    ]
    environment = Environment(autoescape=True, loader=PackageLoader(__package__, "."))
    return environment.get_template("report.html.j2").render(
        results=results,
        colours=Markup(colours()),
        median=float(np.median(results.scores)),
        mean=float(results.scores.mean()),
        unmarked=int(np.isnan(results.points).sum()),
        distribution=Markup(distribution(results.scores, results.max_score).svg),
        shares=Markup(shares(results.tests, share).svg),
        quality=Markup(quality(results.tests, share, parting).svg),
        mistakes=results.mistakes.most_common(FREQUENT),
        rows=rows,
    )


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.0%}"
