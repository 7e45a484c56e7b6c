"""The warm interpreter: a Python in memory that forks a process for each submission."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import nnlab
from nnlab.grading.sandbox.bubblewrap import SandboxError
from nnlab.grading.sandbox.sockets import socket_folder


class WarmInterpreter:
    """A clean Python that holds NumPy and forks on demand; ``address`` is where ``enter`` finds it.

    It is a new program with an empty environment, so its memory holds no tests, no solutions and no secrets to inherit.
    """

    def __init__(self, preload: tuple[str, ...] = ()) -> None:
        self._folder = socket_folder("nnlab-")
        self.address = str(Path(self._folder.name) / "warm")
        here = Path(__file__).parent
        site = {
            str(Path(spec.origin).parent.parent)
            for spec in map(importlib.util.find_spec, ("numpy",))
            if spec and spec.origin
        }
        ready, say_ready = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(64)
            options = {
                "listener": listener.fileno(),
                "ready": say_ready,
                "digits": str(digits_file()),
                "preload": preload,
            }
            code = f"import sys; sys.path[:0] = [{str(here)!r}]; sys.path += {sorted(site)!r}; "
            code += "from inside.zygote import main; sys.path[:1] = []; main()"
            environment = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", code, json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno(), say_ready],
                env={**environment, "MPLBACKEND": "Agg", "MPLCONFIGDIR": self._folder.name, "HOME": self._folder.name},
                start_new_session=True,
            )
        os.close(say_ready)
        with os.fdopen(ready, "rb") as file:
            if file.read(1) != b"r":
                self.close()
                raise SandboxError("the interpreter that runs submissions did not start; its error is above")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it; processes it forked live on until their own sandboxes end."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> WarmInterpreter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def digits_file() -> Path:
    """The digits data set, the one file of nnlab that a submission may read."""
    return Path(nnlab.__path__[0], "datasets", "digits.npz")
