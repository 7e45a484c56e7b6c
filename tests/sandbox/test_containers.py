"""A container of podman or docker keeps students' code in as bubblewrap does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attacks import ATTACKS
from attacks.attack import HONEST, POINTS, Attack
from test_attacks import RELEASE

from nnlab.grading.grader.assembling import assemble, cells_of
from nnlab.grading.grader.judging import Job, Judgement, judge
from nnlab.grading.sandbox import Limits, SandboxError, Session, containers

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
BY_NAME = {attack.name: attack for attack in ATTACKS}
TRIED = ("read_reference", "network", "fork", "patch_server", "memory", "files", "segfault", "uninterruptible", "nan")


@pytest.fixture(scope="session")
def container() -> None:
    """Skips where no container can be run."""
    try:
        Session("", "container", Limits()).close()
    except SandboxError as problem:
        pytest.skip(str(problem))


def judged(attack: Attack) -> tuple[dict[str, float], Judgement]:
    """The points of a submission that is judged in containers, and all that came of it."""
    notebook = assemble(RELEASE, {"attacked.ipynb": attack.notebook()}).notebook
    limits = {"cell_seconds": attack.seconds, "total_seconds": 60.0, **attack.limits}
    judgement = judge(Job(cells_of(notebook), RELEASE.imports, "", "container", limits))
    return {verdict.grade_id: verdict.score for verdict in judgement.verdicts}, judgement


@pytest.mark.usefixtures("container")
def test_honest_work_gets_all_points() -> None:
    scores, judgement = judged(Attack("honest", "nothing", HONEST, lost=frozenset()))
    assert scores == POINTS and judgement.incidents == []


@pytest.mark.usefixtures("container")
@pytest.mark.parametrize("name", TRIED)
def test_attacks_gain_nothing(name: str) -> None:
    attack = BY_NAME[name]
    scores, judgement = judged(attack)
    assert scores == {name: 0 if name in attack.lost else points for name, points in POINTS.items()}
    assert "ESCAPED" not in str(judgement.outputs)


@pytest.mark.usefixtures("container")
def test_only_a_small_tmp_can_be_written_and_nothing_is_left() -> None:
    look = """\
import os
found = []
for folder, _, _ in os.walk('/'):
    try: open(folder + '/mark', 'w').close()
    except OSError: continue
    found.append(folder)
sorted(found), [name for name in os.listdir('/proc') if name.isdigit()], os.getuid() > 0"""
    with Session("", "container", Limits()) as session:
        assert session.run(1, look).result == "(['/tmp', '/tmp/home'], ['1'], True)"
        assert session.run(2, "import numpy\nnumpy.__version__").result == repr(__import__("numpy").__version__)
    listed = subprocess.run([containers.engine(), "ps", "--all", "--quiet"], capture_output=True, text=True)
    assert listed.stdout == ""


def test_the_command_keeps_the_submission_in() -> None:
    limits = Limits()
    arguments = containers.command("podman", "name", limits, containers.EMPTY)
    needed = ["--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--ipc=none"]
    needed += [
        "--read-only-tmpfs=false",
        f"--memory={limits.memory_bytes + limits.disk_bytes}",
        "--rm",
        "--interactive",
    ]
    assert set(needed) <= set(arguments)
    user = next(argument for argument in arguments if argument.startswith("--user="))
    assert re.fullmatch(r"--user=(\d+):\1", user) and user != "--user=0:0"
    mounts = [argument for argument in arguments if argument.startswith("--mount=")]
    assert mounts and all(mount.endswith(",readonly") for mount in mounts)
    sources = [Path(mount.split("source=")[1].split(",")[0]) for mount in mounts]
    seen = [source for source in sources if ROOT / "nnlab" in [source, *source.parents]]
    assert [str(source.relative_to(ROOT)) for source in seen] == [
        "nnlab/grading/sandbox/inside",
        "nnlab/datasets/digits.npz",
    ]
    assert not any(source in [ROOT, *ROOT.parents] for source in sources)
    assert arguments[-1].startswith('{"limits"') and arguments.index(containers.EMPTY) < arguments.index("-c")


def test_a_container_with_an_image_mounts_no_library() -> None:
    arguments = containers.command("docker", "name", Limits(), "nnlab-sandbox")
    assert len([argument for argument in arguments if argument.startswith("--mount=")]) == 2
    assert arguments[arguments.index("nnlab-sandbox") + 1] == "python3"


def test_without_podman_and_docker_both_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *arguments, **options: None)
    containers.engine.cache_clear()
    with pytest.raises(SandboxError, match=r"neither podman nor docker .* apt install podman"):
        containers.engine()
    containers.engine.cache_clear()


def test_elsewhere_than_on_linux_the_command_that_builds_an_image_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers.sys, "platform", "darwin")
    monkeypatch.delenv(containers.IMAGE, raising=False)
    with pytest.raises(SandboxError, match=r"podman build --tag nnlab-sandbox --file .*Containerfile"):
        containers.image.__wrapped__("podman")


def test_the_image_has_the_versions_that_the_tests_run_with() -> None:
    locked = dict(re.findall(r"^(\S+?)==(\S+)(?: ; python_full_version < '3.12')? \\$", LOCK, re.MULTILINE))
    pinned = dict(re.findall(r"(\w+)==(\S+)", containers.CONTAINERFILE.read_text()))
    assert set(pinned) == {"numpy", "matplotlib", "tqdm"}
    assert pinned == {name: locked[name] for name in pinned}
