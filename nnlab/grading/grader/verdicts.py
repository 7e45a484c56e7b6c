"""What a test cell decided, and how it is written into a notebook for nbgrader to count."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field
from typing import Any

from nnlab.grading.sandbox import CellOutcome, clean

PRINTED = 10_000
LINE, LINES = 500, 40


@dataclass
class Verdict:
    """The outcome of one test cell. There is one for every test of the release, whatever happened.

    status: "passed", "partial" or "failed". score: from 0 to points. kind: the type of the error, for statistics.
    explanation: lines for the student. printed: what the test printed, such as remarks.
    """

    grade_id: str
    points: float
    status: str = "failed"
    score: float = 0.0
    kind: str = "NotRun"
    explanation: list[str] = field(default_factory=lambda: ["This test did not run."])
    printed: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def outputs(self) -> list[dict[str, Any]]:
        """Notebook outputs that nbgrader's ``determine_grade`` turns into this verdict's score.

        An error is 0, a number is partial credit, and neither is full marks, so a failure always carries an error.
        """
        outputs = [_stream(clean(self.printed, PRINTED))] if self.printed else []
        if self.status == "failed":
            lines = [clean(line, LINE) for line in self.explanation[:LINES]]
            first = lines[0] if lines else self.kind
            outputs.append({"output_type": "error", "ename": self.kind, "evalue": first, "traceback": lines})
        elif self.status == "partial":
            outputs.append(_value(repr(float(self.score))))
        return outputs


def cell_outputs(outcome: CellOutcome) -> list[dict[str, Any]]:
    """Notebook outputs of a student's cell."""
    outputs = [_stream(outcome.printed)] if outcome.printed else []
    if outcome.remarks:
        outputs.append(_stream("".join(f"[grading] {remark}\n" for remark in outcome.remarks)))
    for image in outcome.figures:
        data = {"image/png": base64.b64encode(image).decode(), "text/plain": "<Figure>"}
        outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
    if outcome.result is not None:
        outputs.append(_value(outcome.result))
    if outcome.error:
        kind, message, lines = outcome.error
        outputs.append({"output_type": "error", "ename": kind, "evalue": message, "traceback": list(lines)})
    return outputs


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _value(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "execution_count": None, "data": {"text/plain": text}, "metadata": {}}
