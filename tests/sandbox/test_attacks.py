"""Every attack of the corpus for real: no point gained, the reason on record, the other exercises graded."""

import json
import re

import nbformat
import pytest
from attacks import ATTACKS
from attacks.attack import HONEST, MARKER, POINTS, TESTS, Attack, released_notebook
from nbgrader.utils import determine_grade, is_grade

from nnlab.grading.grader.assembling import ReleasedNotebook, assemble, cells_of
from nnlab.grading.grader.grading import put_outputs
from nnlab.grading.grader.judging import Job, judge

RELEASE = ReleasedNotebook(
    "attacked",
    released_notebook(),
    {name: source for name, (_, source) in TESTS.items()} | {"setup": released_notebook().cells[0].source},
    {},
    {"name": "python3", "display_name": "Python 3", "language": "python"},
)


def grade(attack: Attack, warm: str) -> tuple[dict[str, float], str, str]:
    """(points by test as nbgrader counts them, all that was recorded, what the student's cells put out)."""
    assembled = assemble(RELEASE, {"attacked.ipynb": attack.notebook()})
    limits = {"cell_seconds": attack.seconds, "total_seconds": 40.0, **attack.limits}
    judgement = judge(Job(cells_of(assembled.notebook), RELEASE.imports, warm, "bwrap", limits))
    put_outputs(assembled.notebook, judgement)
    assert sorted(verdict.grade_id for verdict in judgement.verdicts) == sorted(TESTS), "a verdict for every test"
    json.dumps(nbformat.writes(assembled.notebook)).encode()
    scores = {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in assembled.notebook.cells if is_grade(cell)
    }
    lines = [line for verdict in judgement.verdicts for line in verdict.explanation]
    own = [cell.outputs for cell in assembled.notebook.cells if cell.cell_type == "code" and not is_grade(cell)]
    return scores, "\n".join([*judgement.incidents, *assembled.repairs, *lines]), json.dumps(own)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(attack: Attack, warm: str) -> None:
    scores, recorded, output = grade(attack, warm)
    assert scores == {name: 0 if name in attack.lost else points for name, points in POINTS.items()}, recorded
    assert recorded, "the reason is on record"
    assert re.search(attack.says, recorded), recorded
    assert MARKER not in recorded + output
    assert "ESCAPED" not in output


def test_honest_work_gets_all_points(warm: str) -> None:
    """The tests under attack are not simply impossible to pass."""
    honest = Attack("honest", "nothing", HONEST, lost=frozenset())
    scores, recorded, _ = grade(honest, warm)
    assert scores == POINTS
    assert recorded == ""


def test_attacks_have_names_of_their_own() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) >= 40
