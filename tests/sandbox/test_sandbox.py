"""What the sandbox keeps apart, what it leaves behind (nothing), and what it says where it cannot be had."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from waiting import wait_until

import nnlab
from nnlab.grading.sandbox import Limits, SandboxError, Session, WarmInterpreter
from nnlab.grading.sandbox import bubblewrap as wrapping
from nnlab.grading.sandbox.inside import seccomp

ROOT = Path(nnlab.__path__[0]).parent


def processes_holding(marker: str) -> list[int]:
    """Processes whose command line or working folder holds the marker."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker in (entry / "cmdline").read_text(errors="replace"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_only_a_home_is_there_and_it_is_private(warm: str) -> None:
    look = "import os\nos.listdir('/'), os.listdir('/tmp'), os.listdir('.')"
    with Session(warm, "bwrap", Limits()) as one, Session(warm, "bwrap", Limits()) as other:
        one.run(1, "open('/tmp/left', 'w').write('x')\nopen('mine', 'w').write('x')")
        outcome = other.run(1, look)
        assert "'left'" not in str(outcome.result) and "'mine'" not in str(outcome.result)
        assert "'home'" in str(outcome.result)
        for name in ("proc", "sys", "run", "srv", "boot", "var"):
            assert f"'{name}'" not in str(outcome.result)


def test_what_lies_below_the_machines_tmp_can_be_shown_on_top_of_the_private_one() -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp") as file:
        file.write(b"a Python may be installed here")
        file.flush()
        inside = wrapping.command(Limits(), (Path(file.name),), os.geteuid() != 0)
        seen = subprocess.run([*inside, "--", wrapping.holder(), file.name], capture_output=True, env={})
    assert seen.stdout == b"a Python may be installed here", seen.stderr


def test_what_was_handed_in_beside_the_notebook_is_in_the_home(warm: str) -> None:
    with Session(warm, "bwrap", Limits(), {"data.csv": b"1,2\n"}) as session:
        assert session.run(1, "open('data.csv').read()").result == "'1,2\\n'"


def test_submissions_do_not_share_random_numbers(warm: str) -> None:
    draw = "import random, numpy as np\nrandom.random(), float(np.random.random())"
    with Session(warm, "bwrap", Limits()) as one, Session(warm, "bwrap", Limits()) as other:
        assert one.run(1, draw).result != other.run(1, draw).result


def test_a_submission_has_namespaces_of_its_own(warm: str) -> None:
    with Session(warm, "bwrap", Limits()) as one, Session(warm, "bwrap", Limits()) as other:
        for kind in ("mnt", "pid", "net", "ipc", "uts"):
            links = {os.readlink(f"/proc/{held}/ns/{kind}") for held in ("self", holder(one), holder(other))}
            assert len(links) == 3, kind


def process_one(session: Session) -> int:
    """A descriptor of the process that holds a session's namespaces open."""
    assert session._conversation and session._conversation.process._sandbox
    return session._conversation.process._sandbox.process


def holder(session: Session) -> str:
    """The number of that process."""
    info = Path(f"/proc/self/fdinfo/{process_one(session)}").read_text()
    return next(line.split()[1] for line in info.splitlines() if line.startswith("Pid:"))


def test_nothing_is_left_of_a_submission(warm: str) -> None:
    with Session(warm, "bwrap", Limits()) as session:
        session.run(1, "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()")
        held = os.dup(process_one(session))
    ended, _, _ = select.select([held], [], [], 0)
    os.close(held)
    assert ended, "process 1 of the sandbox, which outlives all others, is gone"


def test_killing_the_grader_ends_the_sandbox(tmp_path: Path) -> None:
    """Not even SIGKILL leaves a submission running: its sandbox ends with the pipe that its grader held."""
    program = f"""
import sys, time
from nnlab.grading.sandbox import *
with WarmInterpreter() as warm:
    session = Session(warm.address, "bwrap", Limits(disk_bytes={(marker := 7_654_321)}))
    session.run(1, "import threading, time; threading.Thread(target=time.sleep, args=(1000,)).start()")
    print("ready", flush=True)
    time.sleep(1000)
"""
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    assert grader.stdout
    if grader.stdout.readline() != "ready\n":
        grader.wait()
        pytest.skip("no sandbox on this machine")
    assert processes_holding(str(marker))
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert wait_until(lambda: not processes_holding(str(marker)), seconds=10)


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests already run as an ordinary user")
def test_an_ordinary_user_can_grade_too(warm: str) -> None:
    program = """
from nnlab.grading.sandbox import *
with WarmInterpreter() as warm, Session(warm.address, "bwrap", Limits(threads=8)) as session:
    outcome = session.run(1, '''
import os, threading, time
for attempt in (lambda: os.fork(), lambda: open("/x", "w"), lambda: os.listdir("/proc")):
    try: attempt()
    except OSError: continue
    raise AssertionError("escaped")
n = 0
try:
    while n < 100:
        threading.Thread(target=time.sleep, args=(100,)).start()
        n += 1
except RuntimeError: pass
n < 10''')
    print(outcome.result, outcome.error)
"""
    # nobody may not enter root's home, where this Python may live; so a view is made where it may.
    home, base = Path("/root"), Path(sys.base_prefix).resolve()
    view = ["bwrap", "--dev-bind", "/", "/", "--proc", "/proc"]
    if home in base.parents:
        view += ["--perms", "0755", "--tmpfs", str(home)]
        for parent in reversed(base.parents[: len(base.parents) - len(home.parents) - 1]):
            view += ["--perms", "0755", "--dir", str(parent)]
        view += ["--ro-bind", str(base), str(base)]
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/tmp", "TMPDIR=/tmp"]
    if not shutil.which("setpriv"):
        pytest.skip("no setpriv on this machine")
    done = subprocess.run([*view, *user, sys.executable, "-c", program], capture_output=True, text=True, cwd="/tmp")
    if "Permission denied" in done.stderr and "Traceback" not in done.stderr:
        pytest.skip("an ordinary user cannot read this Python")
    assert done.stdout == "True None\n", done.stderr


def test_without_bubblewrap_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping.shutil, "which", lambda *args, **kwargs: None)
    wrapping.program.cache_clear()
    with pytest.raises(SandboxError, match="apt install bubblewrap"):
        wrapping.program()
    wrapping.program.cache_clear()


def test_without_namespaces_the_reason_is_bubblewraps_own(warm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "package_paths", lambda: (Path("/no/such/package"),))
    with pytest.raises(SandboxError, match="no/such/package"):
        wrapping.Bubblewrap(Limits())


def test_no_sandbox_only_by_name(warm: str) -> None:
    with Session(warm, "none", Limits(cell_seconds=5)) as session:
        assert session.run(1, "import os\nos.path.exists('/proc')").result == "True"
        assert session.run(2, "import os\nos._exit(4)").error
        assert session.incidents == ["it ended itself with exit status 4"]
    with pytest.raises(ValueError, match="must be one of bwrap, container, none, got 'docker'"):
        Session(warm, "docker", Limits())


def test_limits_are_checked() -> None:
    with pytest.raises(ValueError, match="cell_seconds must be a number above 0, got -1"):
        Limits(cell_seconds=-1)
    with pytest.raises(ValueError, match="there is no limit 'memory'; there are cell_seconds"):
        Limits().with_changes(memory=1)


def test_the_filter_is_a_program_the_kernel_takes() -> None:
    for machine in seccomp.MACHINES:
        code = seccomp.program(machine)
        assert code and len(code) % 8 == 0 and len(code) // 8 < 4096
    assert seccomp.program("vax") is None


def test_a_warm_interpreter_holds_none_of_the_checks() -> None:
    with WarmInterpreter() as warm:
        maps = Path(f"/proc/{warm._process.pid}/environ").read_bytes()
        assert b"PATH=" not in maps and b"NBGRADER" not in maps
        with Session(warm.address, "none", Limits()) as session:
            modules = session.run(1, "import sys\nsorted(name for name in sys.modules if 'nnlab' in name)").result
    assert modules == "['nnlab', 'nnlab.data', 'nnlab.grading']"


def test_a_long_temporary_folder_does_not_stop_the_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with WarmInterpreter() as warm, Session(warm.address, "bwrap", Limits()) as session:
        assert session.run(1, "6 * 7").result == "42"
