"""Grades for learning platforms: plug-ins of ``nbgrader export``."""

from nnlab.grading.exporters.canvas import CanvasExporter
from nnlab.grading.exporters.moodle import MoodleExporter

__all__ = ["CanvasExporter", "MoodleExporter"]
