"""The course as nbgrader sees it. Every command is run from this folder."""

import os
import sys
from pathlib import Path

from nbgrader.converters.autograde import Autograde
from nbgrader.converters.generate_assignment import GenerateAssignment
from nbgrader.converters.generate_feedback import GenerateFeedback
from nbgrader.converters.generate_solution import GenerateSolution
from nbgrader.preprocessors import ClearHiddenTests, Execute

from nnlab.grading.course.collecting import CollectExtracted, CollectNotebooks
from nnlab.grading.course.exchanging import CollectPlainFiles
from nnlab.grading.course.linking import LinkToBook
from nnlab.grading.course.misnamed import adopt_misnamed
from nnlab.grading.course.recovering import RecoveringExporter, RestoreCells
from nnlab.grading.course.showing import FeedbackExporter, markdown_to_read
from nnlab.grading.course.solving import ShowSolutions
from nnlab.grading.grader.plugin import GradeInSandbox, HideHiddenTests

c = get_config()  # noqa: F821

# nbgrader starts `alembic` by its bare name, and finds it only in an activated environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c.CourseDirectory.course_id = "neural-networks"

# Where students read the chapters that the statements link to.
c.LinkToBook.book_url = "http://127.0.0.1:8000/book"
c.GenerateAssignment.preprocessors = [LinkToBook, *GenerateAssignment.preprocessors.default()]

# `nbgrader generate_solution ps1` makes solution/ps1, to give out when everybody has handed in.
c.GenerateSolution.preprocessors = [
    LinkToBook,
    ClearHiddenTests,
    ShowSolutions,
    *GenerateSolution.preprocessors.default(),
]

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

# What students hand in is downloaded into downloaded/ps1/archive; see nnlab/grading/course/collecting.py.
c.ZipCollectApp.extractor_plugin = CollectNotebooks
c.ZipCollectApp.collector_plugin = CollectExtracted
c.ZipCollectApp.strict = True

# Where an exchange folder is used after all, `nbgrader collect` follows no link in it.
c.ExchangeFactory.collect = CollectPlainFiles

# Links and files nobody asked for are set aside. Broken submissions are mended or graded 0 with a reason, and never
# stop the others.
c.Autograde.pre_convert_hook = adopt_misnamed
c.Autograde.exporter_class = RecoveringExporter
c.Autograde.sanitize_preprocessors = [RestoreCells, *Autograde.sanitize_preprocessors.default()]

# Students' code runs in a sandbox, the tests outside it, in `nbgrader autograde`, formgrader and `nnlab grade` alike.
c.Autograde.autograde_preprocessors = [
    GradeInSandbox if step is Execute else step for step in Autograde.autograde_preprocessors.default()
]
c.Sandbox.kind = "bwrap"
c.Sandbox.limits = {"cell_seconds": 30.0, "memory_bytes": 2 << 30}
# Tests of the capstone train a model twice in one cell, and a model may take 20 seconds.
c.Sandbox.assignment_limits = {"ps6": {"cell_seconds": 60.0, "total_seconds": 400.0, "cpu_seconds": 400}}
c.Sandbox.allowed_files = []  # patterns such as "*.csv" of files that may be handed in beside the notebook

# Feedback tells what hidden tests found, and shows their text only if this is True.
c.Sandbox.show_hidden_tests = False
c.GenerateFeedback.preprocessors = [HideHiddenTests, *GenerateFeedback.preprocessors.default()]

# What students wrote is shown in feedback and formgrader, and never run; feedback pages need no server.
c.HTMLExporter.filters = {"markdown2html": markdown_to_read}
c.HTMLExporter.sanitize_html = True
c.GenerateFeedback.exporter_class = FeedbackExporter
