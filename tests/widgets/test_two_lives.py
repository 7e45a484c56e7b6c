"""One explorer, two lives: HTML, PNG and text in the book, a widget with traits in a kernel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import traitlets

from nnlab.widgets import ExplorerError
from nnlab.widgets.backpropagation import graph_stepper, layer_by_layer, sigmoid_neuron


def test_in_the_book(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_BOOK", str(built))
    bundle = sigmoid_neuron._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    html = bundle["text/html"]
    source = re.search(
        r'<nnlab-explorer data-name="sigmoid-neuron" data-src="(sigmoid-neuron\.[0-9a-f]{16}\.bin)">', html
    )
    assert source and (built / source[1]).is_file()
    assert (
        len(re.findall(r'class="nnlab-figure nnlab-(?:wide|narrow)"', html)) == 2
        and '<output aria-live="polite">Net input z = 2.00' in html
    )
    assert "undefined" not in html and "NaN" not in html
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"].startswith("A sigmoid neuron") and "Net input z = 2.00" in bundle["text/plain"]


def test_a_book_without_packs_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_BOOK", str(tmp_path))
    with pytest.raises(
        ExplorerError, match=r"'graph-stepper' is not among the packs.*python -m nnlab.widgets build --out"
    ):
        graph_stepper._repr_mimebundle_()


def test_in_a_kernel(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNLAB_BOOK", raising=False)
    data = sigmoid_neuron._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in (data[0] if isinstance(data, tuple) else data)


def test_controls_are_traits(built: Path) -> None:
    widget = sigmoid_neuron(w1=2, b=-1.0)
    assert (widget.w1, widget.w2, widget.b) == (2, -1.0, -1.0)
    seen = []
    widget.observe(lambda change: seen.append(change.new), "_result")
    widget.w1 = 0.123
    assert len(seen) == 1
    fresh = sigmoid_neuron.compute(w1=0.123, w2=-1.0, b=-1.0)
    sent = widget._result["arrays"]["curve_a"]
    np.testing.assert_array_equal(np.frombuffer(sent["data"]).reshape(sent["shape"]), fresh["curve_a"])
    assert widget._result["words"] == sigmoid_neuron.words(fresh, w1=0.123, w2=-1.0, b=-1.0)
    with pytest.raises(traitlets.TraitError):
        widget.w1 = 99


def test_a_control_that_only_shows_calls_nothing(built: Path) -> None:
    widget = layer_by_layer()
    seen = []
    widget.observe(lambda change: seen.append(change), "_result")
    widget.step = 0
    assert not seen
    widget.activation = "relu"
    assert len(seen) == 1
    with pytest.raises(traitlets.TraitError):
        widget.activation = "softmax"


def test_traits_can_be_linked(built: Path) -> None:
    one, two = sigmoid_neuron(), sigmoid_neuron()
    traitlets.link((one, "b"), (two, "b"))
    one.b = 3.0
    assert two.b == 3.0 and two._result["state"]["b"] == 3.0


def test_a_state_that_fails_is_said_not_raised(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = graph_stepper()

    def fails(x: float, y: float, z: float) -> dict[str, float]:
        raise OverflowError("too far")

    monkeypatch.setattr(graph_stepper, "function", fails)
    widget.x = 1.0
    assert "explorer 'graph-stepper' failed at x=1.0" in widget._result["error"]


WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"anywidget", "ipywidgets", "traitlets", "IPython"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
from nnlab.widgets import backpropagation as explore
print(explore.graph_stepper.compute(x=-2, y=5, z=-4)["f"], explore.graph_stepper._repr_mimebundle_())
"""


def test_a_plain_script_without_widgets_still_computes() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NNLAB_BOOK"}
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("-12.0 {'text/plain'") and "pip install 'nnlab[book]'" in done.stdout


def test_the_core_never_imports_widgets() -> None:
    code = "import sys, nnlab; sys.exit(any(name.startswith('nnlab.widgets') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
