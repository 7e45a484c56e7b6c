"""Judges on the workers of a running Dask cluster."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from nnlab.grading.grader.judges import JudgesClosed
from nnlab.grading.grader.judging import Job, Judgement
from nnlab.grading.grader.store import grader_version
from nnlab.grading.grader.worker import judge_here, obstacle
from nnlab.grading.sandbox import SandboxError

if TYPE_CHECKING:
    from distributed import Future

CONNECT = 10.0
TRIES = 2
QUESTIONS = 5
PATIENCE = 60.0
LOOK = 5.0


class ClusterError(RuntimeError):
    """The cluster cannot be used, or went away; the message says why."""


class WorkersDied(RuntimeError):
    """One after another, the workers that had a notebook died."""


class Cluster:
    """Judges notebooks on a Dask cluster; ``judge`` may be called from several threads.

    A notebook travels as JSON, and so does its judgement. address: a scheduler's, such as tcp://10.0.0.1:8786, or the
    path of its scheduler file. imports: the release's.
    Raises ClusterError when that is no address, or no scheduler answers there.
    """

    def __init__(self, address: str, imports: Sequence[str] = ()) -> None:
        from distributed import Client

        # What it has to say about a connection that ends is said here in other words.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        scheduler = _scheduler_at(address)
        try:
            self._client = Client(scheduler, timeout=CONNECT, name="nnlab", set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
            raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from None
        self._address, self._imports = address, tuple(imports)
        self._closed = False
        self._staffed = time.monotonic()

    def probe(self, kind: str, limits: dict[str, Any]) -> None:
        """Ask every worker whether it can grade; raises ClusterError, naming the reason, unless all can.

        One that dies while it is asked is asked no more.
        """
        answers: dict[str, Any] = {}
        for _ in range(QUESTIONS):
            try:
                self._client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise ClusterError(f"the cluster at {self._address} has no workers") from None
            said = self._client.run(obstacle, grader_version(), self._imports, kind, limits, on_error="return")
            answers = {worker: answer for worker, answer in said.items() if not isinstance(answer, OSError)}
            if answers:
                break
        else:
            raise ClusterError(f"the workers of the cluster died {QUESTIONS} times while they were asked")
        problems = {worker: str(answer) for worker, answer in answers.items() if answer != ""}
        if problems:
            reasons = "\n".join(f"  {worker}: {reason}" for worker, reason in sorted(problems.items()))
            raise ClusterError(f"{len(problems)} of {len(answers)} workers of the cluster cannot grade:\n{reasons}")

    def judge(self, job: Job) -> Judgement:
        """The judgement of one notebook.

        When its worker dies, another takes over. Raises WorkersDied when that happens again and again, SandboxError
        when the worker has no sandbox, ClusterError when the cluster is gone, and JudgesClosed after ``close``.
        """
        from distributed import KilledWorker

        deaths = 0
        for _ in range(TRIES):
            future = self._client.submit(judge_here, job.as_text(), grader_version(), self._imports, pure=False)
            try:
                answer = json.loads(self._result(future))
            except KilledWorker as died:
                deaths += died.allowed_failures + 1
                continue
            if "problem" in answer:
                raise SandboxError(answer["problem"])
            return Judgement.from_dict(answer)
        raise WorkersDied(f"{deaths} workers died while they had it")

    def _result(self, future: Future) -> str:
        while True:
            try:
                return str(future.result(timeout=LOOK))
            except CancelledError:
                if self._closed:
                    raise JudgesClosed("grading was interrupted") from None
                raise ClusterError(f"the cluster at {self._address} went away") from None
            except TimeoutError:
                self._look_for_workers()

    def _look_for_workers(self) -> None:
        """Raise ClusterError when there have been no workers for too long."""
        try:
            staffed = bool(self._client.nthreads())
        except OSError:
            staffed = False
        now = time.monotonic()
        if staffed:
            self._staffed = now
        elif self._closed:
            raise JudgesClosed("grading was interrupted")
        elif now - self._staffed > PATIENCE:
            raise ClusterError(f"the cluster at {self._address} has had no workers for {PATIENCE:g} seconds")

    def close(self) -> None:
        """Give up what is not done."""
        self._closed = True
        self._client.close()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _scheduler_at(given: str) -> str:
    """The scheduler's address, from itself or from a scheduler file; raises ClusterError when it cannot be one.

    A client that is given anything else takes twenty seconds to say so, and shows a traceback.
    """
    from distributed.comm import parse_address, parse_host_port
    from distributed.comm.registry import get_backend
    from distributed.security import Security

    address = given
    try:
        if given.endswith(".json"):
            address = json.loads(Path(given).read_text("utf-8"))["address"]
        scheme, place = parse_address(address)
        get_backend(scheme)
        parse_host_port(place)
        if scheme in ("tls", "wss") and not Security().get_connection_args("client")["ssl_context"]:
            raise ValueError("Dask's configuration names no certificates for it, under distributed.comm.tls")
    except FileNotFoundError:
        raise ClusterError(f"there is no scheduler file {given}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        kind = (
            "scheduler file" if given.endswith(".json") else "address of a Dask scheduler, such as tcp://10.0.0.5:8786"
        )
        raise ClusterError(f"{given} is no {kind}: {error}") from None
    return address
