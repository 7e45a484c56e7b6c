"""Builds what the site needs of the explorers: the shared script, a pack and a still for each."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

from nnlab.widgets import frontend, load_all
from nnlab.widgets.explorer import REGISTRY, Explorer
from nnlab.widgets.grid import results
from nnlab.widgets.pack import make_pack
from nnlab.widgets.source import framework_hash, module_hash
from nnlab.widgets.still import MANIFEST

CACHE = Path(".cache") / "explorers"


def _previous(out: Path) -> dict[str, Any]:
    try:
        return json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"explorers": {}}


def _key(explorer: Explorer) -> str:
    """What a pack depends on beside the results: the declaration and the framework that writes it."""
    from nnlab.widgets.grid import grid_key

    text = grid_key(explorer) + module_hash(explorer.function) + framework_hash()
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _words(html: str) -> str:
    found = re.search(r"<output[^>]*>(.*?)</output>", html, re.S)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def build(out: Path, *, cache: Path = CACHE, only: list[str] | None = None, progress: bool = True) -> dict[str, Any]:
    """Write explorer.js, and for each explorer its pack, its still and its picture, into ``out``; returns the manifest.

    What did not change is left alone: a second run computes nothing. Raises ExplorerError where an explorer fails, and
    ValueError for a name in ``only`` that no explorer has.
    """
    load_all()
    unknown = set(only or []) - set(REGISTRY)
    if unknown:
        raise ValueError(f"no explorer is called {sorted(unknown)}; there are {sorted(REGISTRY)}")
    script = frontend.bundle()
    (out / "stills").mkdir(parents=True, exist_ok=True)
    (out / "explorer.js").write_bytes(frontend.SCRIPT.read_bytes())
    before = _previous(out)["explorers"]
    entries: dict[str, Any] = {}
    stale: list[str] = []
    for name, explorer in REGISTRY.items():
        if only and name not in only:
            if name in before:
                entries[name] = before[name]
            continue
        key = _key(explorer)
        old = before.get(name)
        if old and old["key"] == key and (out / old["pack"]).is_file():
            entries[name] = old
        else:
            start = time.perf_counter()
            table, computed = results(explorer, cache, progress=progress)
            seconds = time.perf_counter() - start if computed else (old or {}).get("seconds", 0.0)
            pack = make_pack(explorer, table)
            file = f"{name}.{hashlib.sha256(pack).hexdigest()[:16]}.bin"
            (out / file).write_bytes(pack)
            entries[name] = {
                "key": key, "pack": file, "bytes": len(pack), "states": explorer.state_count,
                "seconds": round(seconds, 2), "computed": computed,
            }  # fmt: skip
            print(f"{name}: {explorer.state_count} states, {len(pack) / 1000:.1f} kB" + (f", computed in {seconds:.1f} s" if computed else ""), flush=True)
        still = f"{entries[name]['pack']}+{script[:16]}"
        if entries[name].get("drawn") != still or not (out / "stills" / f"{name}.html").is_file():
            stale.append(name)
            entries[name]["drawn"] = still
    if stale:
        for name, drawn in zip(stale, frontend.draw_stills([out / entries[name]["pack"] for name in stale]), strict=True):
            (out / "stills" / f"{name}.html").write_text(drawn["html"], encoding="utf-8")
            (out / "stills" / f"{name}.png").write_bytes(base64.b64decode(drawn["png"]))
            entries[name] |= {"still": f"stills/{name}.html", "png": f"stills/{name}.png", "words": _words(drawn["html"])}
    kept = {entry["pack"] for entry in entries.values()}
    for file in out.glob("*.bin"):
        if file.name not in kept:
            file.unlink()
    manifest = {"script": script[:16], "explorers": entries}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    return manifest
