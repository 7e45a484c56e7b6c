"""The peers' own Python environment, made when it is missing or when its requirements have changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
REQUIREMENTS = {"cpu": HERE / "requirements.txt", "cuda": HERE / "requirements-cuda.txt"}
FOLDERS = {"cpu": ROOT / ".cache" / "bench-venv", "cuda": ROOT / ".cache" / "bench-venv-cuda"}


def python(device: str) -> Path:
    """The environment's Python, ready to import every peer; raises RuntimeError when pip cannot install them."""
    requirements, folder = REQUIREMENTS[device], FOLDERS[device]
    stamp = folder / "installed"
    executable = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return executable
    print(f"Installing the libraries to compare with into {folder.relative_to(ROOT)} (minutes, once)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(executable), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(requirements)]).returncode:
        raise RuntimeError(
            "pip could not install the libraries to compare with; its own words are above. Where PyTorch's default "
            "build is too large, set PIP_EXTRA_INDEX_URL to the CPU index that PyTorch's installation page names."
        )
    stamp.write_text(wanted)
    return executable
