"""The course's figures: valid SVG in the page's colours, words for what is seen, and numbers where they belong."""

import io
import re
import struct
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnlab import plots
from nnlab.graph import Value
from nnlab.plots.curves import _decade
from nnlab.plots.rings import counts

SVG = "{http://www.w3.org/2000/svg}"


def graph() -> Value:
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    f = (x + y) * z
    f.label = "f"
    f.backward()
    return f


def switching() -> plots.Figure:
    """One unit switches where x₁ = 0.5, one where x₂ = −0.25, and one never does."""
    x, y = np.linspace(-1, 1, 21), np.linspace(-1, 1, 11)
    first = np.stack([x - 0.5 + 0 * y[:, None], y[:, None] + 0.25 + 0 * x])
    layers = {"layer 1": first, "layer 2": np.ones((1, len(y), len(x)))}
    return plots.switching_lines(x, y, layers, alt="Two straight lines.")


FIGURES = {
    "lines": lambda: plots.lines(
        [1, 10, 100], {"a": [3, 2, 1], "b": [1, 2, 3]}, xlabel="h", ylabel="error", alt="Two", log="xy"
    ),
    "bars": lambda: plots.bars(["one", "two"], {"a": [1, 2], "b": [3, 4]}, xlabel="cost", alt="Four bars."),
    "graph": lambda: plots.computational_graph(graph()),
    "loop": lambda: plots.training_loop(["backward"]),
    "neuron": lambda: plots.neuron(3),
    "layers": lambda: plots.layered_network([3, 4, 2], ["inputs", "hidden", "outputs"]),
    "vectors": lambda: plots.vectors(
        {"one": [((0, 0), (1, 1), "v", "c1"), ((1, 1), (2, 0), "g", "c2")]}, "Two arrows."
    ),
    "network": lambda: plots.backward_pass(3),
    "normalization": lambda: plots.normalization_axes(),
    "products": lambda: plots.matrix_products([(("Y", 4, 2, "c1"), ("X", 4, 3, "c1"), ("W", 3, 2, "c3"))], "Y = XW."),
    "switching": lambda: switching(),
    "images": lambda: plots.images({"a": np.tri(4)[None] / 2, "b": np.ones((1, 4, 4))}, alt="Two images."),
    "ring": lambda: plots.ring_all_reduce(4),
    "machine": lambda: plots.boltzmann_machine(4, 3),
}


@pytest.fixture(params=FIGURES, scope="module")
def figure(request: pytest.FixtureRequest) -> plots.Figure:
    return FIGURES[request.param]()


def words(svg: str) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_svg_is_one_accessible_element(figure: plots.Figure) -> None:
    root = ElementTree.fromstring(figure.svg)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == figure.alt != ""


def test_svg_shrinks_with_its_page(figure: plots.Figure) -> None:
    root = ElementTree.fromstring(figure.svg)
    assert "width" not in root.attrib and "height" not in root.attrib
    assert "width: 100%" in root.attrib["style"] and "height: auto" in root.attrib["style"]


def test_text_is_large_enough_on_a_phone(figure: plots.Figure) -> None:
    width = float(ElementTree.fromstring(figure.svg).attrib["viewBox"].split()[2])
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", figure.svg)]
    assert min(sizes) * min(342 / width, plots.figure.SCREEN_PIXELS_PER_POINT) >= 8.5


def test_nothing_is_cut_at_an_edge(figure: plots.Figure) -> None:
    canvas = FigureCanvasAgg(figure.canvas)
    canvas.draw()
    drawn, (width, height) = figure.canvas.get_tightbbox(canvas.get_renderer()), figure.canvas.get_size_inches()
    slack = 0.03
    assert drawn.x0 >= -slack and drawn.x1 <= width + slack
    assert drawn.y0 >= -slack and drawn.y1 <= height + slack


def test_every_colour_is_the_pages(figure: plots.Figure) -> None:
    used = set(re.findall(r"var\(--nnlab-(\w+), #[0-9a-f]{6}\)", figure.svg))
    assert {"ink"} < used <= set(plots.palette())
    assert re.findall(r"(?<!, )#[0-9a-f]{6}\b", figure.svg) == []


def test_text_stays_text_in_the_readers_font(figure: plots.Figure) -> None:
    assert words(figure.svg)
    assert "DejaVu" not in figure.svg
    assert "$" not in "".join(words(figure.svg))


def test_nothing_reaches_out_of_the_figure(figure: plots.Figure) -> None:
    assert "<style" not in figure.svg
    assert "xlink" not in figure.svg
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", figure.svg)


def test_every_reference_has_its_target(figure: plots.Figure) -> None:
    ids = re.findall(r'\bid="([^"]+)"', figure.svg)
    references = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', figure.svg)
    assert len(ids) == len(set(ids))
    assert {first or second for first, second in references} == set(ids)


def test_ids_of_two_figures_differ() -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', FIGURES[name]().svg)) for name in ("lines", "bars")]
    assert ids[0] and not ids[0] & ids[1]


def test_the_same_figure_is_drawn_the_same_in_another_process() -> None:
    code = (
        "from nnlab import plots; print(plots.lines([1, 2], {'a': [3, 4]}, xlabel='x', ylabel='y', alt='A line.').svg)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.rstrip("\n") == plots.lines([1, 2], {"a": [3, 4]}, xlabel="x", ylabel="y", alt="A line.").svg.rstrip(
        "\n"
    )


def test_png_is_a_picture(figure: plots.Figure) -> None:
    data = io.BytesIO(figure.png)
    assert data.read(8) == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", figure.png[16:24])
    assert width > 500 and height > 100


def test_jupyter_gets_html_png_and_words(figure: plots.Figure) -> None:
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/html"] == figure.svg
    assert figure.alt in bundle["text/plain"]


def test_a_figure_needs_words() -> None:
    with pytest.raises(ValueError, match="alt is empty"):
        plots.bars(["a"], {"b": [1]}, xlabel="c", alt=" ")


def test_light_and_dark_colours() -> None:
    assert plots.palette("dark").keys() == plots.palette("light").keys()
    with pytest.raises(ValueError, match="dark, light"):
        plots.palette("sepia")


def test_graph_shows_values_gradients_and_local_gradients() -> None:
    shown = words(plots.computational_graph(graph()).svg)
    data, gradients, local = ["−2", "5", "−4", "3", "f = −12"], ["−4", "−4", "−4", "3", "1"], ["×1", "×1", "×−4", "×3"]
    assert sorted(filter(None, shown)) == sorted([*data, *gradients, *local, "x", "y", "z", "+", "×"])


def test_graphs_need_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one result and one column, got 0 and 1"):
        plots.computational_graphs({}, "none")
    with pytest.raises(ValueError, match="got 1 and 0"):
        plots.computational_graphs({"f": graph()}, "none", columns=0)


def test_graphs_stand_side_by_side() -> None:
    results = {title: graph() for title in ("one", "two", "three")}
    high, wide = (plots.computational_graphs(results, "Three.", columns).canvas.get_size_inches() for columns in (1, 3))
    assert wide[0] == pytest.approx(3 * high[0]) and high[1] == pytest.approx(3 * wide[1])
    assert {"one", "two", "three"} <= set(words(plots.computational_graphs(results, "Three.", 3).svg))


def test_network_names_every_layers_gradients() -> None:
    shown = words(plots.backward_pass(3).svg)
    for text in (
        "∂L/∂W₁ = XᵀG₁",
        "∂L/∂W₂ = A₁ᵀG₂",
        "∂L/∂W₃ = A₂ᵀG₃",
        "∂L/∂A₂ = G₃W₃ᵀ",
        "G₂ = ∂L/∂A₂ ⊙ φ′(Z₂)",
        "G₃ = ∂L/∂Z₃",
    ):
        assert text in shown
    assert sum(text.startswith("∂L/∂b") for text in shown) == 3
    with pytest.raises(ValueError, match="at least 1"):
        plots.backward_pass(0)


def test_loop_shows_its_four_steps_and_what_is_strong() -> None:
    assert {"forward", "loss", "backward", "update"} <= set(words(plots.training_loop().svg))
    plain, strong = plots.training_loop(), plots.training_loop(["backward"])
    assert "fill: var(--nnlab-c2," not in plain.svg and "fill: var(--nnlab-c2," in strong.svg
    assert "strong: backward" in strong.alt and "strong" not in plain.alt
    with pytest.raises(ValueError, match="got 'sideways'"):
        plots.training_loop(["sideways"])


def test_products_must_fit() -> None:
    with pytest.raises(ValueError, match="cannot give"):
        plots.matrix_products([(("Y", 4, 2, "c1"), ("X", 4, 3, "c1"), ("W", 2, 2, "c3"))], "wrong")
    with pytest.raises(ValueError, match="cannot give"):
        plots.matrix_products([(("Y", 2, 4, "c1"), ("X", 4, 3, "c1"), ("W", 3, 2, "c3"))], "wrong")


def test_curves_are_drawn_where_the_numbers_are() -> None:
    figure = plots.lines([0, 1, 2], {"a": [0, 5, 3]}, xlabel="x", ylabel="y", alt="A tent.", marks={"peak": 1})
    (axes,) = figure.canvas.axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[0, 0], [1, 5], [2, 3]])
    assert {"x", "y", "peak"} <= set(words(figure.svg))


def test_curves_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"curve 'a' has shape \(2,\)"):
        plots.lines([0, 1, 2], {"a": [0, 5]}, xlabel="x", ylabel="y", alt="A tent.")
    with pytest.raises(ValueError, match="log must be"):
        plots.lines([0, 1], {"a": [0, 5]}, xlabel="x", ylabel="y", alt="A line.", log="z")
    with pytest.raises(ValueError, match=r"group 'a' has shape \(1,\)"):
        plots.bars(["one", "two"], {"a": [1]}, xlabel="x", alt="Bars.")


def test_more_curves_than_dashes_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 6 curves"):
        plots.lines([0, 1], {str(i): [0, i] for i in range(7)}, xlabel="x", ylabel="y", alt="Too many.")


@pytest.mark.parametrize(("value", "text"), [(1e-5, "10⁻⁵"), (1.0, "1"), (1000.0, "1000"), (1e12, "10¹²")])
def test_powers_of_ten_are_readable(value: float, text: str) -> None:
    assert _decade(value, None) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (3.46e-7, 2, "3.5 × 10⁻⁷"),
        (5e-11, 1, "5 × 10⁻¹¹"),
        (-1.2e4, 2, "−1.2 × 10⁴"),
        (1, 1, "1"),
        (-2.345, 2, "−2.3"),
        (0.0, 1, "0"),
        (9.96, 2, "1.0 × 10¹"),
        (0.996, 2, "1.0"),
        (0.99, 2, "9.9 × 10⁻¹"),
    ],
)
def test_scientific_notation_is_readable(value: float, digits: int, text: str) -> None:
    assert plots.scientific(value, digits) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_units_switch_where_their_net_input_is_zero() -> None:
    axes = switching().canvas.axes[0]
    lines = [path.vertices for contour in axes.collections for path in contour.get_paths()]
    assert len(lines) == 2
    np.testing.assert_allclose(lines[0][:, 0], 0.5, atol=1e-12)
    np.testing.assert_allclose(lines[1][:, 1], -0.25, atol=1e-12)


@pytest.mark.parametrize("shape, layers", [((2, 3, 5), 1), ((4, 5), 1), ((2, 4, 5), 4), ((2, 4, 5), 0)])
def test_switching_lines_refuse_what_does_not_fit(shape: tuple[int, ...], layers: int) -> None:
    net_inputs = {f"layer {i}": np.zeros(shape) for i in range(layers)}
    with pytest.raises(ValueError, match=r"needs|told apart"):
        plots.switching_lines(np.arange(5), np.arange(4), net_inputs, alt="Lines.")


def test_normalization_marks_one_column_and_one_row() -> None:
    figure = plots.normalization_axes(examples=3, features=5)
    (axes,) = figure.canvas.axes
    filled = [patch for patch in axes.patches if patch.get_fill()]
    columns, rows = filled[:3], filled[3:]
    assert len({patch.get_x() for patch in columns}) == 1 and len({patch.get_y() for patch in columns}) == 3
    assert len({patch.get_y() for patch in rows}) == 1 and len({patch.get_x() for patch in rows}) == 5
    assert {"BatchNorm", "LayerNorm", "examples"} <= set(words(figure.svg))
    assert "3 examples" in figure.alt and "5 features" in figure.alt
    with pytest.raises(ValueError, match="got 1 and 4"):
        plots.normalization_axes(examples=1)


def test_a_neuron_shows_its_parts() -> None:
    shown = words(plots.neuron(3).svg)
    assert {"x₁", "x₂", "x₃", "w₁", "w₂", "w₃", "b", "Σ", "z", "φ", "a"} <= set(shown)
    assert "x₂" not in words(plots.neuron(1).svg)
    with pytest.raises(ValueError, match="1 to 5 inputs, got 6"):
        plots.neuron(6)


def test_a_layered_network_joins_neighbouring_layers() -> None:
    figure = plots.layered_network([3, 4, 2], ["inputs", "hidden", "outputs"])
    (axes,) = figure.canvas.axes
    assert len(axes.patches) == 3 + 4 + 2
    assert len(axes.lines) == 3 * 4 + 4 * 2
    assert "4 units, hidden" in figure.alt
    with pytest.raises(ValueError, match=r"from 1 to 6, got \[3, 7\]"):
        plots.layered_network([3, 7], ["a", "b"])
    with pytest.raises(ValueError, match="one a layer, 2, got 1"):
        plots.layered_network([3, 2], ["a"])


def test_vectors_reach_from_start_to_end() -> None:
    arrows = [((0, 0), (1, 1), "v", "c1"), ((1, 1), (2, 0), "g", "c2")]
    figure = plots.vectors({"one": arrows, "two": arrows[:1]}, "Arrows.")
    first, second = figure.canvas.axes
    assert [patch._posA_posB for patch in first.patches] == [[start, end] for start, end, _, _ in arrows]
    assert first.get_xlim() == second.get_xlim()
    assert {"one", "two", "v", "g"} <= set(words(figure.svg))
    with pytest.raises(ValueError, match="two different ends"):
        plots.vectors({"one": [((0, 0), (0, 0), "v", "c1")]}, "None.")
    with pytest.raises(ValueError, match="an arrow in each"):
        plots.vectors({"one": []}, "None.")


def test_pixels_are_squares_in_shades_of_ink() -> None:
    pixels = np.array([[[0.0, 1.0], [0.6, 0.0]]])
    drawn = [patch for patch in plots.images({"one": pixels}, alt="One.").canvas.axes[0].patches if patch.get_fill()]
    shades = {round(patch.get_alpha(), 1): patch.get_path().vertices for patch in drawn}
    assert sorted(shades) == [0.6, 1.0]
    corners = {shade: vertices.min(axis=0) for shade, vertices in shades.items()}
    np.testing.assert_allclose(corners[1.0] - corners[0.6], [1, -1])  # one to the right, one row up


@pytest.mark.parametrize("rows", [{"a": np.ones((2, 3))}, {"a": np.ones((1, 2, 2)), "b": np.ones((2, 2, 2))},
                                  {"a": np.full((1, 2, 2), 1.1)}, {"a": np.full((1, 2, 2), np.nan)}, {}])  # fmt: skip
def test_images_refuse_what_does_not_fit(rows: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"one shape|between 0 and 1"):
        plots.images(rows, alt="Images.")


def test_a_machine_joins_every_pair_across_and_no_other() -> None:
    ends = [line.get_ydata() for line in plots.boltzmann_machine(4, 3).canvas.axes[0].lines]
    assert len(ends) == 4 * 3
    assert all(set(end) == {0.0, 1.5} for end in ends)


def test_a_machine_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 8 units"):
        plots.boltzmann_machine(9, 3)


@pytest.mark.parametrize("devices", [2, 3, 5])
def test_a_ring_sums_one_chunk_a_device_and_then_hands_it_round(devices: int) -> None:
    grids = counts(devices)
    assert len(grids) == 2 * (devices - 1) + 1
    for before, after in pairwise(grids):
        assert ((before != after).sum(axis=1) == 1).all()  # every device receives one chunk a step
    assert [(grid == devices).sum() for grid in grids[devices - 1 :]] == [devices * i for i in range(1, devices + 1)]


@pytest.mark.parametrize(("devices", "columns"), [(1, 4), (6, 4), (4, 0)])
def test_a_ring_that_cannot_be_drawn_is_refused(devices: int, columns: int) -> None:
    with pytest.raises(ValueError, match="2 to 5 devices"):
        plots.ring_all_reduce(devices, columns)
