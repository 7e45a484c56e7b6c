"""Parts of the site that a whole build would hide: colours, icons, the theme without its icon font, the cache key."""

import json
import os
import re
from pathlib import Path

import pydata_sphinx_theme
import pytest

from nnlab_book import execution, icons, mathematics, palette, theme
from nnlab_book.katex import FormulaError, Renderer

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme"


def test_every_colour_of_both_themes_becomes_a_variable() -> None:
    colours = palette.read()
    css = palette.stylesheet(colours)
    light, dark = css.split("html[data-theme=dark]")
    for name in ("ink", "muted", "grid", "surface", "c1", "c2", "c3", "c4", "c5", "c6"):
        assert f"--nnlab-{name}: {colours['light'][name]};" in light
        assert f"--nnlab-{name}: {colours['dark'][name]};" in dark


def test_a_palette_without_a_theme_is_refused(tmp_path: Path) -> None:
    (tmp_path / "palette.json").write_text(json.dumps({"light": {"ink": "#000"}}))
    with pytest.raises(ValueError, match="lacks dark"):
        palette.read(tmp_path / "palette.json")


def test_the_theme_loses_its_icon_font_and_nothing_else() -> None:
    css = (
        '@charset "UTF-8";.fa,.fas{color:red}.fa-sun:before{content:"\\f185"}.fade{opacity:0}'
        "@font-face{font-family:Other;src:url(other.woff2)}@font-face{font-family:x;src:url(vendor/fontawesome/a.woff2)}"
        "@keyframes fa-spin{to{rotate:1turn}}.bd-main,.fa{margin:0}@media print{.fa-print{color:red}}"
    )
    kept = theme.without_font_awesome(css)
    for words in (".fade{opacity:0}", "other.woff2", ".bd-main,.fa{margin:0}", "@media print"):
        assert words in kept
    for words in ("f185", "fontawesome", "fa-spin", ".fas"):
        assert words not in kept


def test_every_icon_of_the_theme_in_use_is_drawn() -> None:
    used = set()
    for template in ("components/search-field.html", "components/theme-switcher.html", "components/prev-next.html"):
        used |= set(re.findall(r"\bfa-(?!solid|lg)[a-z-]+", (THEME / template).read_text()))
    assert used and used <= set(icons.CLASSES)
    css = icons.stylesheet()
    for name in icons.CLASSES.values():
        assert re.search(rf'--nnlab-icon-{name}: url\("data:image/svg\+xml,[^"]+%3Cpath[^"]+"\);', css), name


def test_the_caches_key_follows_the_package_and_the_libraries(tmp_path: Path) -> None:
    package, lock = tmp_path / "nnlab", tmp_path / "requirements.lock"
    (package / "__pycache__").mkdir(parents=True)
    (package / "layers.py").write_text("a = 1\n")
    lock.write_text("numpy==2\n")
    first = execution.package_key(package, lock)
    (package / "__pycache__" / "layers.pyc").write_bytes(b"made by running")
    os.utime(package / "layers.py", (0, 0))
    assert execution.package_key(package, lock) == first
    keys = {first}
    for change in (
        lambda: (package / "layers.py").write_text("a = 2\n"),
        lambda: (package / "layers.py").rename(package / "renamed.py"),
        lambda: (package / "data.npz").write_bytes(b"numbers"),
        lambda: lock.write_text("numpy==3\n"),
    ):
        change()
        keys.add(execution.package_key(package, lock))
    assert len(keys) == 5


def test_old_caches_are_pruned_and_the_last_kept(tmp_path: Path) -> None:
    for age, name in enumerate(("current", "last", "older", "oldest")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    execution.prune(tmp_path, tmp_path / "current")
    assert {path.name for path in tmp_path.iterdir()} == {"current", "last"}


def test_a_formula_is_rendered_or_refused_with_its_place() -> None:
    renderer = Renderer(mathematics.DISTRIBUTION / "katex.min.js")
    options = {"throwOnError": True, "strict": "ignore", "macros": {"\\half": "\\frac{#1}{2}"}}
    assert "<mfrac>" in renderer.render("\\half{x} \\text{半}", options)
    with pytest.raises(FormulaError, match="position 4"):
        renderer.render("x +\\nonsense", options)
    assert "<math" in renderer.render("y", options), "a bad formula must not spoil the next"
    renderer.process.kill()
    renderer.process.wait()
    with pytest.raises(RuntimeError, match="KaTeX stopped"):
        renderer.render("y", options)
