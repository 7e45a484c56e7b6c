"""Judge one notebook: the student's cells in the sandbox, the tests outside, in the order of the notebook."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from typing import Any

from nnlab.grading.grader.testcells import TestNamespace, run_setup, run_test
from nnlab.grading.grader.verdicts import Verdict, cell_outputs
from nnlab.grading.sandbox import Limits, RemoteEnded, RemoteTimeout, Session


@dataclass(frozen=True)
class Job:
    """One notebook to judge, as plain data.

    cells: dicts with role ("student", "setup" for a locked cell that is no test, "test" or "text"), source, grade_id
        and points.
    imports: lines that the tests may count on. files: what else was handed in, by name.
    address, sandbox: where the warm interpreter listens, "" until that is known, and the kind of sandbox.
    """

    cells: list[dict[str, Any]]
    imports: list[str]
    address: str
    sandbox: str
    limits: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)

    def as_text(self) -> str:
        """JSON, for another process or another machine."""
        return json.dumps(
            {**asdict(self), "files": {name: b64encode(data).decode() for name, data in self.files.items()}}
        )

    @classmethod
    def from_text(cls, text: str) -> Job:
        """The job that ``as_text`` gave."""
        raw = json.loads(text)
        return cls(**{**raw, "files": {name: b64decode(data) for name, data in raw["files"].items()}})


@dataclass
class Judgement:
    """What came of a job: outputs by the index of their cell, a verdict for every test, and what was out of order."""

    outputs: dict[int, list[dict[str, Any]]]
    verdicts: list[Verdict]
    incidents: list[str]
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        outputs = {str(index): found for index, found in self.outputs.items()}
        verdicts = [verdict.as_dict() for verdict in self.verdicts]
        return {"outputs": outputs, "verdicts": verdicts, "incidents": self.incidents, "seconds": self.seconds}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Judgement:
        """The judgement that ``as_dict`` gave."""
        outputs = {int(index): found for index, found in data["outputs"].items()}
        verdicts = [Verdict(**verdict) for verdict in data["verdicts"]]
        return cls(outputs, verdicts, data["incidents"], data["seconds"])


def judge(job: Job) -> Judgement:
    """Judge a notebook. Raises SandboxError when this machine cannot run it; a student's code cannot make it raise."""
    start = time.perf_counter()
    limits = Limits().with_changes(**job.limits)
    judgement = unjudged(job, "This test did not run.")
    by_name = {verdict.grade_id: index for index, verdict in enumerate(judgement.verdicts)}
    with Session(job.address, job.sandbox, limits, job.files) as session:
        namespace = TestNamespace(session, job.imports)
        stopped: list[str] = []
        for number, cell in enumerate(job.cells):
            try:
                if cell["role"] == "test":
                    session.begin_cell()
                    verdict = run_test(cell["source"], cell["grade_id"], cell["points"], namespace)
                    if verdict.status == "failed" and verdict.kind in ("NameError", "RemoteEnded"):
                        verdict.explanation += stopped[-3:]
                    judgement.verdicts[by_name[cell["grade_id"]]] = verdict
                    judgement.outputs[number] = verdict.outputs()
                elif cell["role"] in ("student", "setup"):
                    outcome = session.run(number + 1, cell["source"])
                    judgement.outputs[number] = cell_outputs(outcome)
                    if outcome.error:
                        stopped.append(f"Cell {number + 1} stopped with {outcome.error[0]}: {outcome.error[1]}"[:300])
                    if cell["role"] == "setup":
                        run_setup(cell["source"], namespace)
            except (RemoteEnded, RemoteTimeout) as ended:
                _give_up(judgement, job, number, str(ended))
                break
        judgement.incidents = list(dict.fromkeys(session.incidents))
    judgement.seconds = time.perf_counter() - start
    return judgement


def unjudged(job: Job, reason: str) -> Judgement:
    """A judgement in which every test failed for one reason."""
    tests = {number: cell for number, cell in enumerate(job.cells) if cell["role"] == "test"}
    verdicts = {
        number: Verdict(cell["grade_id"], cell["points"], explanation=[reason]) for number, cell in tests.items()
    }
    outputs = {number: verdict.outputs() for number, verdict in verdicts.items()}
    return Judgement(outputs, list(verdicts.values()), [reason])


def _give_up(judgement: Judgement, job: Job, number: int, reason: str) -> None:
    """The submission used up its time or its restarts: the tests from here on fail for that reason."""
    rest = {cell["grade_id"] for cell in job.cells[number:] if cell["role"] == "test"}
    for verdict in judgement.verdicts:
        if verdict.grade_id in rest:
            verdict.kind, verdict.explanation = "NotRun", [f"This test did not run: {reason}."]
    for index, cell in enumerate(job.cells):
        if cell["role"] == "test" and cell["grade_id"] in rest:
            judgement.outputs[index] = next(v for v in judgement.verdicts if v.grade_id == cell["grade_id"]).outputs()
