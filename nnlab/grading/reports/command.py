"""``nnlab report``: write the report on an assignment."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("assignment", help="for example ps1")
    parser.add_argument("--course", type=Path, default=Path("."), help="the nbgrader course (default: here)")
    parser.add_argument("--out", type=Path, help="the file to write (default: report-ASSIGNMENT.html in the course)")


def run(given: argparse.Namespace) -> int:
    """Write the page and say where it is; returns 2 when there is nothing to report on, or no place for the page."""
    from nnlab.grading.grader.problems import EXPECTED, CourseError, in_words
    from nnlab.grading.grader.store import write_whole
    from nnlab.grading.reports.gathering import gather
    from nnlab.grading.reports.page import report_page

    try:
        results = gather(given.course, given.assignment)
        path = given.out or given.course / f"report-{given.assignment}.html"
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; name the file to write, such as {path / 'report.html'}")
        write_whole(path, report_page(results).encode())
    except (CourseError, *EXPECTED) as problem:
        print(f"nnlab report: {in_words(problem)}", file=sys.stderr)
        return 2
    print(f"Report on {len(results.students)} submissions: {path}")
    return 0
