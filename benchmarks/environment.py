"""The peers' own Python environment, made when it is missing or when requirements.txt has changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / ".cache" / "bench-venv"


def python() -> Path:
    """The environment's Python, ready to import every peer; raises RuntimeError when pip cannot install them."""
    folder, stamp = FOLDER, FOLDER / "installed"
    executable = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return executable
    print(f"Installing PyTorch, JAX and scikit-learn into {folder.relative_to(ROOT)} (a few minutes, once)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [
        str(executable),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        str(REQUIREMENTS),
    ]
    if subprocess.run(install).returncode:
        raise RuntimeError(
            "pip could not install the libraries to compare with; its own words are above. Where PyTorch's default "
            "build is too large, set PIP_EXTRA_INDEX_URL to the CPU index that PyTorch's installation page names."
        )
    stamp.write_text(wanted)
    return executable
