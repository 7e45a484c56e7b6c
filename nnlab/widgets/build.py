"""Builds what the site needs of the explorers: the shared script, a pack and a still for each."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from nnlab.widgets import frontend, load_all
from nnlab.widgets.explorer import REGISTRY, Explorer
from nnlab.widgets.grid import compute_missing, grid_key, results
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
    text = grid_key(explorer) + module_hash(explorer.function) + framework_hash()
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _words(html: str) -> str:
    found = re.search(r"<output[^>]*>(.*?)</output>", html, re.S)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def _pack(explorer: Explorer, out: Path, key: str, cache: Path, progress: bool) -> dict[str, Any]:
    """Write an explorer's pack; returns its entry of the manifest."""
    computed = results(explorer, cache, progress=progress)
    seconds = round(computed.seconds, 2)
    pack = make_pack(explorer, computed.table)
    file = f"{explorer.name}.{hashlib.sha256(pack).hexdigest()[:16]}.bin"
    (out / file).write_bytes(pack)
    print(f"{explorer.name}: {explorer.state_count} states, {len(pack) / 1000:.1f} kB, {seconds:.1f} s", flush=True)
    return {"key": key, "pack": file, "bytes": len(pack), "states": explorer.state_count, "seconds": seconds}


def _draw(out: Path, entries: dict[str, Any], script: str) -> None:
    """Draw the stills of explorers whose pack or whose drawing code changed."""
    stale = {}
    for name, entry in entries.items():
        drawn = f"{entry['pack']}+{script}"
        if entry.get("drawn") != drawn or not (out / entry["still"]).is_file():
            stale[name] = drawn
    if not stale:
        return
    stills = frontend.draw_stills([out / entries[name]["pack"] for name in stale])
    for (name, drawn), still in zip(stale.items(), stills, strict=True):
        html, png = f"stills/{name}.html", f"stills/{name}.png"
        (out / html).write_text(still["html"], encoding="utf-8")
        (out / png).write_bytes(base64.b64decode(still["png"]))
        entries[name] |= {"still": html, "png": png, "words": _words(still["html"]), "drawn": drawn}


def build(out: Path, *, cache: Path = CACHE, only: list[str] | None = None, progress: bool = True) -> dict[str, Any]:
    """Write explorer.js, and for each explorer its pack, its still and its picture, into ``out``; returns the manifest.

    What did not change is left alone: a second run computes nothing. Builds that share a cache take turns, so that none
    computes what another has begun. Raises ExplorerError where an explorer fails, and ValueError for a name in ``only``
    that no explorer has.
    """
    from filelock import FileLock

    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "build.lock"):
        return _build(out.resolve(), cache, only, progress)


def _build(out: Path, cache: Path, only: list[str] | None, progress: bool) -> dict[str, Any]:
    load_all()
    unknown = set(only or []) - set(REGISTRY)
    if unknown:
        raise ValueError(f"no explorer is called {sorted(unknown)}; there are {sorted(REGISTRY)}")
    script = frontend.bundle()[:16]
    (out / "stills").mkdir(parents=True, exist_ok=True)
    (out / "explorer.js").write_bytes(frontend.SCRIPT.read_bytes())
    before = _previous(out)["explorers"]
    chosen = {name: explorer for name, explorer in REGISTRY.items() if not only or name in only}
    entries = {name: entry for name, entry in before.items() if name in REGISTRY and name not in chosen}
    keys = {name: _key(explorer) for name, explorer in chosen.items()}
    stale = []
    for name, explorer in chosen.items():
        old = before.get(name, {})
        if old.get("key") == keys[name] and (out / old["pack"]).is_file():
            entries[name] = old
        else:
            stale.append(explorer)
    compute_missing(stale, cache, progress=progress)
    for explorer in stale:
        entries[explorer.name] = _pack(explorer, out, keys[explorer.name], cache, progress)
    _draw(out, entries, script)
    kept = {entry["pack"] for entry in entries.values()}
    for pack in out.glob("*.bin"):
        if pack.name not in kept:
            pack.unlink()
    manifest = {"script": script, "explorers": {name: entries[name] for name in REGISTRY if name in entries}}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    return manifest
