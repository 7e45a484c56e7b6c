"""The gate: right answers of every style pass, known mistakes lose points and are named, mutants are caught."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from classroom import COURSE, namespace, solutions
from docutils.nodes import make_id
from equivalents import EQUIVALENT
from mutating import mutants
from unusual import UNUSUAL
from variants import variants

from nnlab.grading import CheckFailed, check
from nnlab.grading.checking import DRAWS
from nnlab.grading.diagnosing import alike, telling_cases
from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises import exercises
from nnlab.grading.misconceptions.library import Misconception, misconceptions
from nnlab.grading.trials import Trial
from nnlab.grading.trying import first_failure

EXERCISES = exercises()
MISTAKES = {f"{one.exercise}.{one.name}": one for name in EXERCISES for one in misconceptions(name)}
BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture(params=EXERCISES.values(), ids=EXERCISES, scope="module")
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return request.param


@pytest.fixture(params=MISTAKES.values(), ids=MISTAKES, scope="module")
def mistake(request: pytest.FixtureRequest) -> Misconception:
    return request.param


def parts(exercise: Exercise) -> list[str]:
    """What ``check`` is asked for when the exercise is graded."""
    return [f"{exercise.name}.{part}" for part in exercise.parts] or [exercise.name]


def functions(exercise: Exercise, scope: dict[str, Any]) -> Any:
    """The functions of a notebook, as ``check`` takes them."""
    return tuple(scope[name] for name in exercise.together) if exercise.together else scope[exercise.function_name]


def failures(exercise: Exercise, given: Any, **options: Any) -> dict[str, str]:
    """The messages of the parts that fail."""
    found = {}
    for part in parts(exercise):
        try:
            check(given, part, **options)
        except CheckFailed as failed:
            found[part] = str(failed)
    return found


def wrong(exercise: Exercise, given: Any, part: str = "", **options: int) -> bool:
    """Whether the functions fail, without asking why."""
    given = given if isinstance(given, tuple) else (given,)
    trial = Trial(given, exercise, options.get("seed", 0))
    return first_failure(trial, part, options.get("draws", DRAWS), set()) is not None


def test_right_answers_of_every_style_pass(exercise: Exercise, notebook: Callable[..., dict[str, Any]]) -> None:
    problem_set = exercise.name.partition(".")[0]
    styles = [style for style, sources in variants(problem_set).items() if exercise.function_name in sources]
    assert len(styles) >= 3, f"{exercise.name} has {len(styles)} variants"
    for style in ["reference", *styles]:
        given = functions(exercise, notebook(style, problem_set))
        for seed in range(2):
            assert failures(exercise, given, seed=seed) == {}, style
        check(given, exercise.name, seed=2, draws=24)


@pytest.mark.parametrize("name", UNUSUAL)
def test_right_answers_in_unusual_forms_pass(name: str, notebook: Callable[..., dict[str, Any]]) -> None:
    exercise = EXERCISES[name]
    for source in UNUSUAL[name]:
        scope = notebook("reference", name.partition(".")[0])
        exec(source, scope)
        assert failures(exercise, functions(exercise, scope), seed=1, draws=30) == {}, source


def test_every_exercise_has_six_known_mistakes(exercise: Exercise) -> None:
    assert len(misconceptions(exercise.name)) >= 6
    assert not {one.name for one in misconceptions(exercise.name)} & {exercise.function_name}


def test_a_known_mistake_loses_points(mistake: Misconception) -> None:
    exercise = EXERCISES[mistake.exercise]
    given = mistake.functions if exercise.together else mistake.functions[0]
    assert any(wrong(exercise, given, part, seed=3) for part in exercise.parts or [""])


def test_a_known_mistake_is_named_and_no_other(mistake: Misconception) -> None:
    """In each part that fails, its own explanation is given, or none: never another one's."""
    exercise = EXERCISES[mistake.exercise]
    given = mistake.functions if exercise.together else mistake.functions[0]
    messages = {part: " ".join(text.split()) for part, text in failures(exercise, given, seed=4).items()}
    named = {part: text for part, text in messages.items() if "mistake" in text}
    assert [text for text in named.values() if f"mistake {mistake.explanation}" not in text] == []
    assert named or mistake.same_as, "no message says what the mistake is"


def test_explanations_are_two_sentences(mistake: Misconception) -> None:
    assert 40 <= len(mistake.explanation) <= 240
    assert mistake.explanation[0].isupper() and mistake.explanation[-1] == "."
    assert len(re.findall(r"[.?](?= [A-Z0-9β∂])", mistake.explanation)) >= 1


def test_explanations_lead_to_a_section_of_the_book(mistake: Misconception) -> None:
    page, _, anchor = mistake.section.partition("#")
    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    headings = {make_id(title) for title in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}
    assert not anchor or anchor in headings, sorted(headings)


def test_known_mistakes_are_told_apart_or_listed_as_the_same(exercise: Exercise) -> None:
    telling = telling_cases(exercise.name)
    same = []
    for one, other in itertools.combinations(misconceptions(exercise.name), 2):
        if all(
            alike(telling.wrong(one, index), telling.wrong(other, index), exercise, "", attempt)
            for index, attempt in enumerate(telling.attempts)
        ):
            same.append({one.name, other.name})
    listed = [{one.name, one.same_as} for one in misconceptions(exercise.name) if one.same_as]
    assert sorted(map(sorted, same)) == sorted(map(sorted, listed))


def test_mutants_of_the_solution_are_caught(exercise: Exercise) -> None:
    """All but those that do what the solution does; each of these is listed with the reason."""
    problem_set = exercise.name.partition(".")[0]
    (path,) = (COURSE / "source" / problem_set).glob("*.ipynb")
    sources = solutions(problem_set, path.stem)
    survivors, count = [], 0
    for name in exercise.together or [exercise.function_name]:
        for change, code in mutants(sources[name]):
            count += 1
            try:
                given = functions(exercise, namespace({**sources, name: code}))
            except Exception:
                continue  # it does not even load
            if not any(wrong(exercise, given, part, seed=5, draws=24) for part in exercise.parts or [""]):
                survivors.append(change)
    assert count
    unknown = [change for change in survivors if change not in EQUIVALENT.get(exercise.name, {})]
    assert unknown == [], f"{len(unknown)} of {count} mutants of {exercise.name} get full marks"


def test_a_solution_that_lets_nnlab_do_the_work_is_none(exercise: Exercise) -> None:
    """Every reference is nnlab's own code."""
    given = exercise.reference if exercise.together else exercise.references[0]
    said = failures(exercise, given)
    assert list(said) == parts(exercise)
    for part, message in said.items():
        assert "in NumPy: nnlab is what your work is checked against." in " ".join(message.split()), part
