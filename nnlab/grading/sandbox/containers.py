"""A container of podman or docker as a submission's sandbox, where bubblewrap cannot be had.

On Linux the container's root is an empty image, and this Python, NumPy and matplotlib are mounted into it read-only, as
bubblewrap does: no image is downloaded, and students' code meets the very versions that the tests run with. Elsewhere
these are programs for another system, so an image must be built from the Containerfile beside this module and named in
NNLAB_SANDBOX_IMAGE.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import numpy as np

from nnlab.grading.sandbox.bubblewrap import SandboxError
from nnlab.grading.sandbox.endings import in_words
from nnlab.grading.sandbox.forked import user_of_its_own
from nnlab.grading.sandbox.inside.channel import Channel
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.packages import package_paths, python_paths, system_paths
from nnlab.grading.sandbox.warm import digits_file

ENGINES = ("podman", "docker")
EMPTY = "localhost/nnlab-empty:1"
IMAGE = "NNLAB_SANDBOX_IMAGE"
PATIENCE = 60.0
CONTAINERFILE = Path(__file__).with_name("Containerfile")


class ContainerProcess:
    """One container, which runs the same program inside as bubblewrap's sandbox, over its standard input and output."""

    def __init__(self, limits: Limits) -> None:
        self._name = f"nnlab-{secrets.token_hex(8)}"
        self._engine = engine()
        ours, theirs = socket.socketpair()
        with theirs:
            self._client = subprocess.Popen(
                [self._engine, "run", *command(self._engine, self._name, limits, image(self._engine))],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
            )
        self.channel = Channel(ours, limits.message_bytes)
        ours.settimeout(PATIENCE)
        try:
            ready = ours.recv(1) == b"r"
        except OSError:
            ready = False
        if not ready:
            self.close()
            said = self._client.stderr.read().decode(errors="replace").strip() if self._client.stderr else ""
            raise SandboxError(f"{self._engine} cannot run a container here: {said[-500:] or 'no reason given'}")
        ours.settimeout(None)

    def ending(self, patience: float = 1.0) -> str:
        """How the process ended, in words; "" when it has not within ``patience`` seconds."""
        try:
            status = self._client.wait(max(patience, 0.01))
        except subprocess.TimeoutExpired:
            return ""
        return in_words(128 - status if status > 128 else status)

    def close(self) -> None:
        """End the container and all in it."""
        self.channel.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            at_once = ["--time=0"] if self._engine == "podman" else []
            remove = [self._engine, "rm", "--force", *at_once, self._name]
            subprocess.run(remove, capture_output=True, timeout=PATIENCE)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._client.wait(2.0)
        self._client.kill()
        self._client.wait()


def command(engine: str, name: str, limits: Limits, image: str) -> list[str]:
    """The arguments of ``run``: no network, no capability, a read-only root, a small private /tmp, and the limits."""
    user = user_of_its_own()
    memory = limits.memory_bytes + limits.disk_bytes
    arguments = ["--rm", "--interactive", f"--name={name}", "--network=none", "--read-only", "--cap-drop=all"]
    arguments += ["--security-opt=no-new-privileges", "--security-opt=label=disable", f"--user={user}:{user}"]
    arguments += [f"--pids-limit={limits.threads + 8}", f"--memory={memory}", f"--memory-swap={memory}"]
    arguments += [f"--ulimit={kind}={most}:{most}" for kind, most in _ulimits(limits).items()]
    arguments += [f"--tmpfs=/tmp:rw,nosuid,nodev,size={limits.disk_bytes},mode=1777"]
    if engine == "podman":
        arguments.append("--read-only-tmpfs=false")  # it would add writable folders that no limit counts
    arguments += ["--ipc=none", "--workdir=/tmp", "--log-driver=none", "--pull=never"]
    arguments += _mount(Path(__file__).parent / "inside", "/nnlab/inside") + _mount(digits_file(), "/nnlab/digits.npz")
    site: list[str] = []
    python = "python3"
    if image == EMPTY:
        python = str(Path(sys.executable).resolve())
        library, hidden = python_paths()
        for path in hidden:
            # podman would copy into it what it is to hide.
            arguments.append(f"--tmpfs={path}:ro,size=64k,mode=0755" + (",notmpcopyup" if engine == "podman" else ""))
        for shown in (*system_paths(), *library, *package_paths(), Path(python)):
            arguments += _mount(shown, str(shown))
        site = sorted({str(Path(np.__path__[0]).parent)})
    options = {"limits": limits.as_dict(), "digits": "/nnlab/digits.npz"}
    code = f"import sys; sys.path[:0] = ['/nnlab']; sys.path += {site!r}; "
    code += "from inside.contained import main; sys.path[:1] = []; main()"
    isolated = ["-I", "-B", "-X", "utf8"] if image != EMPTY else ["-I", "-S", "-B", "-X", "utf8"]
    return [*arguments, image, python, *isolated, "-c", code, json.dumps(options)]


@cache
def engine() -> str:
    """The name of the container program; raises SandboxError when there is none."""
    for name in ENGINES:
        if shutil.which(name):
            return name
    raise SandboxError(
        "neither podman nor docker is installed, and --sandbox container needs one of them. "
        "On Debian and Ubuntu: apt install podman"
    )


@cache
def image(engine: str) -> str:
    """The image to run: the one that NNLAB_SANDBOX_IMAGE names, else an empty one, made here when it is missing."""
    if os.environ.get(IMAGE):
        return os.environ[IMAGE]
    if sys.platform != "linux":
        raise SandboxError(
            f"on this system a container needs an image of its own: {engine} build --tag nnlab-sandbox "
            f"--file {CONTAINERFILE} {CONTAINERFILE.parent}, then set {IMAGE}=nnlab-sandbox"
        )
    if subprocess.run([engine, "image", "inspect", EMPTY], capture_output=True).returncode:
        made = subprocess.run([engine, "import", "-", EMPTY], input=_root(), capture_output=True)
        if made.returncode:
            raise SandboxError(f"{engine} cannot make an image: {made.stderr.decode(errors='replace').strip()[-500:]}")
    return EMPTY


def _root() -> bytes:
    """A tar file of an almost empty root: folders that containers need, and this system's links to its libraries."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("dev", "etc", "nnlab", "proc", "sys", "tmp", "usr"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        for name in ("lib", "lib32", "lib64"):
            if os.path.islink(f"/{name}"):
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, os.readlink(f"/{name}")
                archive.addfile(link)
    return packed.getvalue()


def _ulimits(limits: Limits) -> dict[str, int]:
    return {"nofile": limits.open_files, "nproc": limits.threads + 8, "core": 0, "fsize": limits.disk_bytes}


def _mount(source: Path, target: str) -> list[str]:
    return [f"--mount=type=bind,source={source},target={target},readonly"]
