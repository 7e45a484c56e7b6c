"""The front end: types check, its lock file names no host, one script stays small; the palette can be told apart."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

from nnlab.widgets import frontend
from nnlab.widgets.explorer import ExplorerError

ROOT = Path(frontend.__file__).resolve().parents[1]
PALETTE = json.loads((ROOT / "palette.json").read_text(encoding="utf-8"))
# Machado, Oliveira and Fernandes (2009), full severity, in linear sRGB
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(color: str) -> np.ndarray:
    """Linear sRGB of #rrggbb."""
    v = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson's OKLab, in which distance is about what the eye sees."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.clip(np.array(to_lms) @ rgb, 0, None))


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def test_types_check() -> None:
    frontend.install()
    frontend.run_node([frontend.FRONTEND / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit"])


def test_the_lock_file_names_no_host_and_pins_everything() -> None:
    lock = json.loads((frontend.FRONTEND / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    wanted = json.loads((frontend.FRONTEND / "package.json").read_text())
    for version in {**wanted["dependencies"], **wanted["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_shared_script_is_small_and_asks_no_one(built: Path) -> None:
    script = (built / "explorer.js").read_bytes()
    assert len(gzip.compress(script, 9)) < 135_000
    hosts = set(re.findall(rb"https?://([\w.-]+)", script)) - {b"www.w3.org"}
    assert not hosts


def test_a_failing_tool_says_why() -> None:
    with pytest.raises(ExplorerError, match=r"(?s)node -e .* failed:.*no such thing"):
        frontend.run_node(["-e", "throw new Error('no such thing')"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_read_as_text(theme: str) -> None:
    colors = PALETTE[theme]
    for name in ("ink", "muted", "c1", "c2", "c3", "c4", "c5", "c6"):
        assert contrast(colors[name], colors["surface"]) >= 4.5, name


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_can_be_told_apart(theme: str, deficiency: str) -> None:
    seen = [
        oklab(np.clip(np.array(DEFICIENCIES[deficiency]) @ linear(PALETTE[theme][f"c{i}"]), 0, 1)) for i in range(1, 7)
    ]
    for a, b in itertools.combinations(range(6), 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 0.06, (a + 1, b + 1)
