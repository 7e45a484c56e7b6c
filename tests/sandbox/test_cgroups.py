"""Control groups hold a submission where they can be had; elsewhere grading goes on with resource limits alone."""

from pathlib import Path

import pytest

from nnlab import cli
from nnlab.grading.sandbox import Limits, Session, cgroups
from nnlab.grading.sandbox.cgroups import LEAF, ControlGroup, delegated


def test_the_limits_are_written(tmp_path: Path) -> None:
    limits = Limits(memory_bytes=1 << 30, disk_bytes=1 << 20, threads=8)
    group = ControlGroup(tmp_path, limits)
    assert (group.path / "memory.max").read_text() == str((1 << 30) + (1 << 20))
    assert (group.path / "pids.max").read_text() == "10"
    (group.path / "memory.events").write_text("low 0\nmax 7\noom 1\noom_kill 0\n")
    assert not group.ran_out_of_memory
    (group.path / "memory.events").write_text("low 0\nmax 7\noom 1\noom_kill 1\n")
    assert group.ran_out_of_memory


@pytest.mark.parametrize(
    ("own", "controllers"),
    [
        ("4:memory:/x\n1:cpu:/x\n", "memory pids cpu"),  # the first version
        ("4:memory:/x\n0::/\n", ""),  # both, and the second has no controllers
        ("0::/user.slice/session-1.scope\n", "memory pids cpu"),  # nobody said that it is ours
        ("0::/gone\n", None),
    ],
)
def test_what_was_not_delegated_is_left_alone(tmp_path: Path, own: str, controllers: str | None) -> None:
    for folder in (tmp_path, tmp_path / "user.slice" / "session-1.scope"):
        folder.mkdir(parents=True, exist_ok=True)
        if controllers is not None:
            (folder / "cgroup.controllers").write_text(controllers)
        (folder / "cgroup.procs").write_text("1\n")
    assert delegated(tmp_path, own) is None
    assert not list(tmp_path.rglob(LEAF))


def test_a_group_that_cannot_be_made_stops_no_submission(warm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "parent", lambda: Path("/nonexistent"))
    with Session(warm, "bwrap", Limits()) as session:
        assert session.run(1, "1 + 1").result == "2"


def test_memory_of_files_and_processes_together_is_bounded(warm: str) -> None:
    """What no limit on address space sees: pages of files, counted with the rest."""
    if cgroups.parent() is None:
        pytest.skip("no control group of the second version is delegated to this process")
    source = "y = bytearray(300 << 20)\nfor n in range(300):\n    open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))"
    limits = Limits(memory_bytes=1 << 30, disk_bytes=1 << 30)
    with Session(warm, "bwrap", limits) as session:
        held = session._conversation.process._group.path  # type: ignore[union-attr]
        (held / "memory.max").write_text(str(400 << 20))
        outcome = session.run(1, source)
    assert outcome.error and "used up its memory" in outcome.error[1]
    assert not held.exists()


def test_the_command_says_what_this_machine_has(warm: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sandbox"]) == 0
    said = capsys.readouterr().out
    assert "bwrap      works" in said and "container" in said
    assert ("control groups (memory" in said) == (cgroups.parent() is not None)
    assert "memory_bytes       2,147,483,648" in said
