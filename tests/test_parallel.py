"""Data-parallel training as users run it: real jobs of 1, 2 and 4 processes, compared with one that trains alone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import parallel_program
import pytest

from nnlab.parallel import MPI, Communicator, DataParallel, world

MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
SECONDS = 60
PROGRAM = [sys.executable, str(Path(__file__).with_name("parallel_program.py"))]
needs_mpi = pytest.mark.skipif(
    MPIEXEC is None, reason='no mpiexec here; install it with: pip install "nnlab[parallel]"'
)


def job(ranks, *command):
    """A finished job; subprocess.TimeoutExpired where it hangs."""
    return subprocess.run([MPIEXEC, "-n", str(ranks), *command], capture_output=True, text=True, timeout=SECONDS)


@needs_mpi
@pytest.mark.parametrize("case", ["classifier", "regression"])
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_every_rank_ends_with_the_weights_and_history_of_one_process_on_the_whole_batch(case, ranks, tmp_path):
    run = job(ranks, *PROGRAM, case, tmp_path)
    assert run.returncode == 0, run.stderr
    network = getattr(parallel_program, case)()
    alone = parallel_program.results(network, parallel_program.train(network))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{rank}.npz" for rank in range(ranks)]
    for path in tmp_path.iterdir():
        with np.load(path) as together:
            for name, expected in alone.items():
                np.testing.assert_allclose(together[name], expected, rtol=1e-12, atol=1e-13, err_msg=f"{path} {name}")


@needs_mpi
@pytest.mark.parametrize(
    "case, message",
    [
        (
            "raises",
            r"ArithmeticError: the callback went wrong\nnnlab.parallel: rank 2 of 3 failed, so the whole job ends",
        ),
        ("exits", r"SystemExit: 3\nnnlab.parallel: rank 2 of 3 failed"),
        ("is killed", r"(?i)bad termination|killed"),
        ("other data", r"ValueError: every rank must pass the same network and data; checksums of x by rank: \["),
        ("other batches", r"ValueError: every rank must train on batches of one size, rank \d got 1[01]"),
    ],
)
def test_a_rank_that_fails_ends_the_job_with_a_message(case, message, tmp_path):
    run = job(3, *PROGRAM, case, tmp_path)
    assert run.returncode != 0
    assert re.search(message, run.stdout + run.stderr), run.stdout + run.stderr


@needs_mpi
def test_demo_in_parallel_reports_once_and_reads_digits():
    run = job(4, sys.executable, "-m", "nnlab.demo", "--parallel", "--epochs", "20")
    assert run.returncode == 0, run.stderr
    accuracies = re.findall(r"it has not seen: (\d\.\d+)", run.stdout)
    assert len(accuracies) == 1 and float(accuracies[0]) > 0.9
    assert "4 processes" in run.stdout


def test_an_exception_of_a_lone_process_is_an_ordinary_exception():
    with pytest.raises(KeyError, match="lost"), Alone():
        raise KeyError("lost")


@pytest.mark.parametrize(
    "size, error, aborted", [(2, SystemExit(0), []), (2, SystemExit("bad"), [True]), (1, ValueError(), [])]
)
def test_only_a_failure_among_several_aborts(size, error, aborted, capsys):
    communicator = Alone(size)
    with pytest.raises(type(error)), communicator:
        raise error
    assert communicator.aborted == aborted


def test_arguments_are_checked():
    network = parallel_program.classifier()
    with pytest.raises(TypeError, match="network must be a Network, got 3"):
        DataParallel(3, Alone())
    with pytest.raises(TypeError, match=r"communicator must be one such as nnlab.parallel.world\(\), got None"):
        DataParallel(network, None)
    with pytest.raises(ValueError, match=r"device must be one of \['cpu', 'cuda'\], got 'tpu'"):
        world("tpu")
    with pytest.raises(ValueError, match=r"y must hold labels from 0 to 2, got 3"):
        DataParallel(network, Alone()).batch(np.zeros((2, 5)), np.array([0, 3]))


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_without_mpi4py_it_says_what_to_install(device, monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(
        RuntimeError, match=r'needs mpi4py and an MPI library. Install both with: pip install "nnlab\[par'
    ):
        world(device)


@needs_mpi
def test_without_cupy_nccl_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(RuntimeError, match=r'device="cuda" needs CuPy .* pip install "nnlab\[gpu\]"'):
        world("cuda")


@needs_mpi
def test_without_mpiexec_it_is_a_job_of_one():
    with world() as communicator:
        assert isinstance(communicator, MPI)
        assert (communicator.rank, communicator.size) == (0, 1)
        assert repr(communicator) == "MPI(rank 0 of 1)"


class Alone(Communicator):
    """A process that only believes to be one of several."""

    def __init__(self, size=1):
        self.rank, self.size, self.aborted = 0, size, []

    def all_reduce(self, array):
        pass

    def broadcast(self, array):
        pass

    def abort(self):
        self.aborted.append(True)
