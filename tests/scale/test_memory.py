"""The benchmark of the grader's memory: it measures all processes of a real run."""

import pytest

from benchmarks import grading_memory


def test_the_memory_of_a_small_class_is_measured(sandbox: None, capsys: pytest.CaptureFixture[str]) -> None:
    grading_memory.main(["--students", "3", "--jobs", "1"])
    header, _, row, *_ = capsys.readouterr().out.splitlines()
    columns = dict(zip(header.split(" | "), row.split(" | "), strict=True))
    resident, own = (float(columns[name].split()[0].replace(",", "")) for name in ("resident", "the command alone"))
    assert int(columns["processes"]) >= 3  # the command, what forks the judges, and what forks the submissions
    assert 20 < own < resident < 4_000
