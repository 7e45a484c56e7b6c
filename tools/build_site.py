"""Build the site into _build/html: `python tools/build_site.py`. A warning is an error; what went wrong is shown."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from progress import Progress, plain
from reports import explain

ROOT = Path(__file__).resolve().parents[1]


def build_explorers(root: Path) -> None:
    """Compute, pack and bundle the explorers; it shows its own progress and does nothing when nothing has changed."""
    command = [sys.executable, "-m", "nnlab.widgets", "build", "--out", str(root / "_build" / "extra" / "explorers")]
    subprocess.run(command, cwd=root, check=True, stdin=subprocess.DEVNULL)


def build_pages(root: Path, progress: Progress) -> tuple[int, str]:
    """Run Jupyter Book; its exit status and what it wrote to stderr."""
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    process = subprocess.Popen(
        [program, "build", str(root), "-W", "--keep-going"],
        cwd=root,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    complaints: list[str] = []
    reader = threading.Thread(target=lambda: complaints.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        for line in process.stdout or ():
            progress.see(plain(line))
        process.wait()
    finally:
        stop(process)
        progress.close()
    reader.join()
    return process.returncode, "".join(map(plain, complaints))


def stop(process: subprocess.Popen[str]) -> None:
    """End the process and what it started: Node.js would outlive a killed parent and hold its stderr open."""
    for sign, patience in ((signal.SIGINT, 10), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, sign)
            process.wait(timeout=patience)


def build(root: Path, explorers: bool = True) -> int:
    """Build everything under the folder's lock; 0 when the site is whole."""
    started = time.monotonic()
    (root / "_build" / "extra").mkdir(parents=True, exist_ok=True)
    # Where a build breaks off early, the theme would leave its logo as a file of this name and spoil the next build.
    (root / "_build" / "html" / "_static").mkdir(parents=True, exist_ok=True)
    if explorers:
        print("Explorers", flush=True)
        build_explorers(root)
    print("Pages", flush=True)
    status, complaints = build_pages(root, Progress(sys.stdout))
    if status != 0:
        # Sphinx does not repeat the warnings of pages it has already read, so it must read them all again.
        shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
        print("\n" + explain(complaints), file=sys.stderr)
        print("\nThe site was not built. Mend what is shown above and run the command again.", file=sys.stderr)
        return 1
    print(f"Built {root / '_build' / 'html' / 'index.html'} in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the book's folder (default: this repository)")
    parser.add_argument("--pages-only", action="store_true", help="leave the explorers as an earlier build made them")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    (root / "_build").mkdir(exist_ok=True)
    lock = FileLock(root / "_build" / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another build of this site is running; waiting for it", flush=True)
        lock.acquire()
    try:
        return build(root, explorers=not options.pages_only)
    except subprocess.CalledProcessError as error:
        print(f"\nThe explorers were not built (status {error.returncode}); see above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the next build goes on from there.", file=sys.stderr)
        return 130
    finally:
        lock.release()


if __name__ == "__main__":
    sys.exit(main())
