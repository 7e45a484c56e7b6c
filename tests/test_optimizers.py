"""What every optimizer must do, whatever its rule: one row in ``CASES`` enrols a rule in every test here."""

import copy
import gc
import inspect
import math
import pickle
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from strict_arrays import StrictArray, strict

from nnlab import optimizers
from nnlab.flat import FlatArrays
from nnlab.optimizers import Optimizer


@dataclass(frozen=True)
class Case:
    """A rule, a learning rate that suits it on the quadratic below, and what its documentation promises."""

    rule: type[Optimizer]
    lr: float
    defaults: dict[str, float]
    state_bytes: int
    decays: float = 0.0  # lr · decays of a weight is lost in a step without gradients


CASES = [
    Case(optimizers.SGD, 0.5, {}, 0),
    Case(optimizers.Momentum, 0.1, {"momentum": 0.9}, 4),
    Case(optimizers.Nesterov, 0.1, {"momentum": 0.9}, 4),
    Case(optimizers.AdaGrad, 0.5, {"eps": 1e-10}, 4),
    Case(optimizers.RMSProp, 0.05, {"decay": 0.99, "eps": 1e-8}, 4),
    Case(optimizers.Adam, 0.05, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, 8),
    Case(optimizers.AdamW, 0.05, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}, 8, 0.01),
    Case(optimizers.LARS, 5.0, {"momentum": 0.9, "weight_decay": 0.0, "trust": 0.001}, 4),
    # without a gradient its direction is weight_decay · w, which the trust ratio makes as long as w
    Case(optimizers.LAMB, 0.1, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.01}, 8, 1.0),
    Case(optimizers.Lion, 0.05, {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}, 4),
    Case(optimizers.Muon, 0.1, {"momentum": 0.95, "weight_decay": 0.0}, 4),
]
every_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule.__name__)

BETWEEN_0_AND_1 = [-1e-9, 1.0, 1.5, math.nan, math.inf, -math.inf]
AT_LEAST_0 = [-1e-9, math.nan, math.inf, -math.inf, 10**400]
REFUSED = {
    "lr": AT_LEAST_0,
    "momentum": BETWEEN_0_AND_1,
    "decay": BETWEEN_0_AND_1,
    "beta1": BETWEEN_0_AND_1,
    "beta2": BETWEEN_0_AND_1,
    "weight_decay": AT_LEAST_0,
    "eps": [0.0, 1e-31, *AT_LEAST_0],
    "trust": [0.0, *AT_LEAST_0],
}
ACCEPTED = {
    "lr": [0.0, 3, np.float32(0.5)],
    "momentum": [0.0, 0, 0.999999],
    "decay": [0.0, 0.999999],
    "beta1": [0.0, 0.999999],
    "beta2": [0.0, 0.999999],
    "weight_decay": [0.0, 2],
    "eps": [1e-30, 10.0],
    "trust": [1e-9, 3.0],
}
SHAPES = [(5, 3), (3,), (), (2, 3, 4), (0, 4)]


def draw(seed: int, shapes: list[tuple[int, ...]] = SHAPES, dtype: str = "float64") -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape), dtype=dtype) for shape in shapes]


def flat(arrays: list[np.ndarray]) -> FlatArrays:
    return FlatArrays(np.concatenate([array.ravel() for array in arrays]), [array.shape for array in arrays])


def assert_same(left: list[np.ndarray], right: list[np.ndarray]) -> None:
    for a, b in zip(left, right, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def run(optimizer: Optimizer, weights: list[np.ndarray], steps: int = 5, seed: int = 1) -> list[np.ndarray]:
    for step in range(steps):
        optimizer.step(weights, draw(seed + step, [w.shape for w in weights], weights[0].dtype.name))
    return weights


def test_the_table_holds_every_rule() -> None:
    assert {case.rule.__name__ for case in CASES} == set(optimizers.__all__) - {"Optimizer"}


class TestArguments:
    @every_rule
    def test_names_and_defaults(self, case: Case) -> None:
        parameters = inspect.signature(case.rule).parameters
        assert tuple(parameters) == ("lr", *case.defaults) == case.rule.tunables
        assert parameters["lr"].default is inspect.Parameter.empty
        assert {name: parameters[name].default for name in case.defaults} == case.defaults
        optimizer = case.rule(0.25)
        assert {name: getattr(optimizer, name) for name in case.rule.tunables} == {"lr": 0.25, **case.defaults}

    @every_rule
    def test_what_is_given_is_kept_and_shown(self, case: Case) -> None:
        for name in case.rule.tunables:
            for value in ACCEPTED[name]:
                optimizer = case.rule(**{"lr": 0.25, name: value})
                assert getattr(optimizer, name) == value
                assert isinstance(getattr(optimizer, name), float)
                assert f"{name}={value:g}" in repr(optimizer)
        shown = ", ".join(f"{name}={value:g}" for name, value in {"lr": 0.25, **case.defaults}.items())
        assert repr(case.rule(0.25)) == f"{case.rule.__name__}({shown})"

    @every_rule
    def test_numbers_out_of_range_are_refused_by_name(self, case: Case) -> None:
        for name in case.rule.tunables:
            for value in REFUSED[name]:
                with pytest.raises(ValueError, match=rf"^{name} must be .*, got "):
                    case.rule(**{"lr": 0.25, name: value})
            for value in ("0.1", None, True, 1j, [0.1], np.array([0.1])):
                with pytest.raises(TypeError, match=f"^{name} must be a real number, got "):
                    case.rule(**{"lr": 0.25, name: value})

    @every_rule
    def test_lr_may_be_set_and_is_checked(self, case: Case) -> None:
        optimizer = case.rule(0.25)
        optimizer.lr = 0.5
        for value in REFUSED["lr"]:
            with pytest.raises(ValueError, match=r"^lr must be "):
                optimizer.lr = value
        with pytest.raises(TypeError, match=r"^lr must be "):
            optimizer.lr = "0.1"  # type: ignore[assignment]
        assert optimizer.lr == 0.5


class TestState:
    @every_rule
    def test_bytes_are_what_is_documented_and_what_is_kept(self, case: Case) -> None:
        optimizer = case.rule(case.lr)
        assert optimizer.state_bytes_per_parameter == case.state_bytes
        assert optimizer.state == {}
        weights = run(optimizer, draw(0, dtype="float32"))
        assert tuple(optimizer.state) == case.rule.slots
        kept = sum(array.nbytes for arrays in optimizer.state.values() for array in arrays)
        assert kept == case.state_bytes * sum(w.size for w in weights)

    @every_rule
    def test_work_arraysare_no_state(self, case: Case) -> None:
        left, right = case.rule(case.lr), case.rule(case.lr)
        weights, others = run(left, draw(0)), run(right, draw(0))
        for arrays in right._arrays[len(case.rule.slots) :]:
            for array in arrays:
                array.fill(math.nan)
        assert_same(run(left, weights, seed=9), run(right, others, seed=9))

    @every_rule
    def test_state_persists_from_step_to_step(self, case: Case) -> None:
        first = draw(1)
        second = [np.asarray(-0.05 * g) for g in first]  # so small that every memory of the first outweighs it
        one, two, optimizer = draw(0), draw(0), case.rule(case.lr)
        for gradients in (first, second):
            optimizer.step(one, gradients)
            case.rule(case.lr).step(two, gradients)
        assert optimizer.steps == 2
        assert any((a != b).any() for a, b in zip(one, two, strict=True)) == bool(case.rule.slots)

    @every_rule
    def test_each_array_has_its_own_state(self, case: Case) -> None:
        together = run(case.rule(case.lr), draw(0))
        for i, shape in enumerate(SHAPES):
            alone, optimizer = [draw(0)[i]], case.rule(case.lr)
            for step in range(5):
                optimizer.step(alone, [draw(1 + step)[i]])
            np.testing.assert_array_equal(alone[0], together[i], err_msg=str(shape))

    @every_rule
    def test_nothing_is_shared_with_the_caller(self, case: Case) -> None:
        optimizer, weights, gradients = case.rule(case.lr), draw(0), draw(1)
        optimizer.step(weights, gradients)
        assert_same(gradients, draw(1))
        for arrays in optimizer.state.values():
            for array in arrays:
                assert not any(np.shares_memory(array, other) for other in (*weights, *gradients))

    @every_rule
    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
    @pytest.mark.parametrize("layout", [list, flat])
    def test_a_copy_goes_on_by_itself(self, case: Case, duplicate, layout) -> None:
        optimizer = case.rule(case.lr)
        weights, gradients = layout(draw(0)), layout(draw(1))
        optimizer.step(weights, gradients)
        twin, others = duplicate(optimizer), layout([w.copy() for w in weights])
        assert_same(run(twin, others, seed=5), run(optimizer, weights, seed=5))
        assert twin.steps == optimizer.steps == 6

    @every_rule
    def test_a_copy_leaves_the_networks_arrays_behind(self, case: Case) -> None:
        optimizer, weights = case.rule(case.lr), flat(draw(0, [(50, 40)]))
        optimizer.step(weights, flat(draw(1, [(50, 40)])))
        arrays = len(case.rule.slots) + case.rule.work_arrays
        assert len(pickle.dumps(optimizer)) < (arrays + 0.5) * weights.flat.nbytes

    @every_rule
    def test_a_step_allocates_nothing_that_stays(self, case: Case) -> None:
        optimizer, weights, gradients = case.rule(case.lr), flat(draw(0)), flat(draw(1))
        for _ in range(3):
            optimizer.step(weights, gradients)
        gc.collect()
        tracemalloc.start()
        try:
            optimizer.step(weights, gradients)
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(200):
                optimizer.step(weights, gradients)
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert after - before < 20 * 200

    @pytest.mark.parametrize("case", [case for case in CASES if case.rule is not optimizers.Muon], ids=str)
    def test_a_step_makes_no_array_of_the_parameters_size(self, case: Case) -> None:
        optimizer, weights, gradients = case.rule(case.lr), flat(draw(0, [(100, 100)])), flat(draw(1, [(100, 100)]))
        optimizer.step(weights, gradients)
        tracemalloc.start()
        try:
            optimizer.step(weights, gradients)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < weights.flat.nbytes / 10


class TestStep:
    @every_rule
    def test_lowers_a_quadratic(self, case: Case) -> None:
        weights, curvatures = draw(0, [(4, 3), (3,)]), [np.linspace(0.2, 1, 12).reshape(4, 3), np.ones(3)]

        def loss() -> float:
            return sum(float((c * w * w).sum()) / 2 for c, w in zip(curvatures, weights, strict=True))

        first, optimizer = loss(), case.rule(case.lr)
        for step in range(400):
            optimizer.lr = case.lr * 0.99**step  # the rules whose steps do not shrink with the gradient need it
            optimizer.step(weights, [c * w for c, w in zip(curvatures, weights, strict=True)])
        assert loss() < 0.01 * first

    @every_rule
    def test_is_deterministic(self, case: Case) -> None:
        assert_same(run(case.rule(case.lr), draw(0)), run(case.rule(case.lr), draw(0)))

    @every_rule
    def test_lr_0_leaves_the_weights(self, case: Case) -> None:
        for settings_ in ({}, {"weight_decay": 0.5}) if "weight_decay" in case.rule.tunables else ({},):
            assert_same(run(case.rule(0.0, **settings_), draw(0)), draw(0))

    @every_rule
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_a_zero_gradient_only_decays(self, case: Case, dtype: str) -> None:
        weights, optimizer = draw(0, dtype=dtype), case.rule(0.5)
        for _ in range(3):
            optimizer.step(weights, [np.zeros_like(w) for w in weights])
        kept = (1 - 0.5 * case.decays) ** 3
        for w, start in zip(weights, draw(0, dtype=dtype), strict=True):
            assert w.dtype == dtype
            np.testing.assert_allclose(w, kept * start, rtol=1e-6 if case.decays else 0)

    @every_rule
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_weights_and_state_keep_their_dtype(self, case: Case, dtype: str) -> None:
        optimizer, weights = case.rule(case.lr), draw(0, dtype=dtype)
        optimizer.step(weights, draw(1, dtype="float64"))
        optimizer.step(weights, draw(2, dtype="float32"))
        assert {w.dtype.name for w in weights} == {dtype}
        assert {array.dtype.name for arrays in optimizer._arrays for array in arrays} == {dtype}

    @every_rule
    def test_float32_follows_float64(self, case: Case) -> None:
        single, double = draw(0, dtype="float32"), [w.astype("float64") for w in draw(0, dtype="float32")]
        left, right = case.rule(0.01), case.rule(0.01)
        for step in range(20):
            gradients = draw(1 + step, dtype="float32")
            left.step(single, gradients)
            right.step(double, [g.astype("float64") for g in gradients])
        for w, exact in zip(single, double, strict=True):
            np.testing.assert_allclose(w, exact, rtol=1e-4, atol=1e-5)

    @every_rule
    def test_the_gradient_may_be_the_weights_themselves(self, case: Case) -> None:
        one, two = draw(0), draw(0)
        left, right = case.rule(0.1), case.rule(0.1)
        for _ in range(3):
            left.step(one, one)
            right.step(two, [w.copy() for w in two])
        assert_same(one, two)

    @every_rule
    def test_views_are_updated_in_place(self, case: Case) -> None:
        whole, part = draw(0, [(10, 6)])[0], draw(0, [(10, 6)])[0][::2, 1::2].copy()
        view = whole[::2, 1::2]
        gradients = draw(1, [(10, 6)])[0][::2, 1::2]
        left, right = case.rule(case.lr), case.rule(case.lr)
        for _ in range(3):
            left.step((view,), (gradients,))
            right.step([part], [gradients.copy()])
        np.testing.assert_allclose(whole[::2, 1::2], part, rtol=1e-13)
        untouched = np.ones(whole.shape, bool)
        untouched[::2, 1::2] = False
        np.testing.assert_array_equal(whole[untouched], draw(0, [(10, 6)])[0][untouched])

    @every_rule
    @settings(max_examples=15, deadline=None)
    @given(data=st.data())
    def test_flat_and_listed_parameters_end_the_same(self, case: Case, data: st.DataObject) -> None:
        shapes = data.draw(
            st.lists(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4), min_size=1, max_size=4)
        )
        dtype = data.draw(st.sampled_from(["float32", "float64"]))
        listed, vector = draw(0, shapes, dtype), flat(draw(0, shapes, dtype))
        left, right = case.rule(case.lr), case.rule(case.lr)
        gradients = FlatArrays(np.zeros_like(vector.flat), shapes)
        for step in range(3):
            new = draw(1 + step, shapes, dtype)
            gradients.flat[...] = np.concatenate([g.ravel() for g in new])
            left.step(listed, new)
            right.step(vector, gradients)
        assert_same(listed, list(vector))

    @every_rule
    def test_a_network_and_its_list_may_take_turns(self, case: Case) -> None:
        vector, listed = flat(draw(0)), draw(0)
        left, right = case.rule(case.lr), case.rule(case.lr)
        for step in range(4):
            gradients = draw(1 + step)
            left.step(vector if step % 2 else list(vector), flat(gradients) if step % 2 else gradients)
            right.step(listed, gradients)
        assert_same(list(vector), listed)

    @every_rule
    @pytest.mark.parametrize("layout", [list, flat])
    def test_a_list_may_hold_other_arrays_at_every_step(self, case: Case, layout) -> None:
        left, right = case.rule(case.lr), case.rule(case.lr)
        weights, others, gradients = layout(draw(0)), draw(0), draw(1)
        for step in range(3):
            gradients[:] = draw(1 + step)
            left.step(weights, gradients)
            right.step(others, draw(1 + step))
        assert_same(list(weights), others)

    @every_rule
    def test_the_lists_of_a_network_are_checked_once(self, case: Case, monkeypatch) -> None:
        optimizer, checks = case.rule(case.lr), []
        check = optimizer._check
        monkeypatch.setattr(optimizer, "_check", lambda *lists: checks.append(lists) or check(*lists))
        weights, gradients = flat(draw(0)), flat(draw(1))
        for _ in range(3):
            optimizer.step(weights, gradients)
        assert len(checks) == 1
        optimizer.step(weights, flat(draw(2)))
        optimizer.step(flat(draw(0)), gradients)
        assert len(checks) == 3

    @every_rule
    @settings(max_examples=15, deadline=None)
    @given(
        dtype=st.sampled_from(["float32", "float64"]),
        shape=array_shapes(min_dims=0, max_dims=2, max_side=3),
        seed=st.integers(0, 2**32),
    )
    def test_gradients_of_any_size_leave_numbers(self, case: Case, dtype: str, shape: tuple, seed: int) -> None:
        rng = np.random.default_rng(seed)
        largest = 15 if dtype == "float32" else 120
        weights, optimizer = [np.asarray(rng.normal(size=shape) * rng.integers(0, 2, shape), dtype)], case.rule(1e-3)
        for _ in range(3):
            gradient = 10 ** rng.uniform(-60, largest, shape) * rng.integers(-1, 2, shape)
            optimizer.step(weights, [np.asarray(gradient, dtype)])
        assert weights[0].dtype == dtype and weights[0].shape == shape
        assert np.isfinite(weights[0]).all()

    @every_rule
    def test_uses_only_functions_of_the_arraysown_module(self, case: Case) -> None:
        weights = [strict(w) for w in draw(0)]
        optimizer = case.rule(case.lr)
        for step in range(5):
            optimizer.step(weights, [strict(g) for g in draw(1 + step)])
        assert all(isinstance(array, StrictArray) for arrays in optimizer.state.values() for array in arrays)
        expected = run(case.rule(case.lr), draw(0))
        for w, e in zip(weights, expected, strict=True):
            np.testing.assert_allclose(w.get(), e, rtol=1e-13)


class TestErrors:
    @every_rule
    def test_a_refused_step_changes_nothing(self, case: Case) -> None:
        shapes = [(5, 3), (3,)]
        optimizer, weights = case.rule(case.lr), draw(0, shapes)
        optimizer.step(weights, draw(1, shapes))
        before = [w.copy() for w in weights]
        state = copy.deepcopy(optimizer.state)
        g = draw(2, shapes)
        read_only = weights[1].copy()
        read_only.flags.writeable = False
        name = case.rule.__name__
        refused = [
            (weights, g[:1], ValueError, r"gradients must have the parameters' shapes \[\(5, 3\), \(3,\)\]"),
            (weights, [g[0], g[1][:2]], ValueError, r"gradients .* got \[\(5, 3\), \(2,\)\]"),
            (weights, [g[0].T, g[1]], ValueError, "gradients must have the parameters' shapes"),
            (weights[:1], g[:1], ValueError, r"keep the shapes .*first step, \[float64\[5, 3\], float64\[3\]\], got"),
            ([w.astype("float32") for w in weights], g, ValueError, f"must .* use a new {name} for"),
            ([weights[0], read_only], g, ValueError, r"parameters\[1\] must be writeable"),
            (weights, [g[0], g[1].astype(int)], TypeError, r"gradients\[1\] must be .* float32 .*, got dtype int64"),
            (weights, [g[0], g[1].astype("float16")], TypeError, r"gradients\[1\] .* got dtype float16"),
            (weights, [g[0], g[1].tolist()], TypeError, r"gradients\[1\] must be an array of floats, got list"),
            (weights, [g[0], None], TypeError, r"gradients\[1\] must be an array of floats, got NoneType"),
            ([weights[0], np.float64(1)], g, TypeError, r"parameters\[1\] must be an array of floats, got float64"),
            ([weights[0], weights[1] + 1j], g, TypeError, r"parameters\[1\] .* got dtype complex128"),
            (weights[0], g[0], TypeError, "parameters must be a list of arrays, got ndarray; put a single array in a"),
            (weights, (array for array in g), TypeError, "gradients must be a list of arrays, got generator"),
            (weights, None, TypeError, "gradients must be a list of arrays, got NoneType"),
        ]
        for parameters, gradients, error, message in refused:
            with pytest.raises(error, match=message):
                optimizer.step(parameters, gradients)
        assert optimizer.steps == 1
        assert_same(weights, before)
        for slot, kept in optimizer.state.items():
            assert_same(list(kept), list(state[slot]))
        twin = case.rule(case.lr)
        twin.step(others := draw(0, shapes), draw(1, shapes))
        twin.step(others, g)
        optimizer.step(weights, g)
        assert_same(weights, others)

    @every_rule
    def test_a_refused_first_step_leaves_the_optimizer_new(self, case: Case) -> None:
        optimizer, (w, g) = case.rule(case.lr), draw(0, [(3,), (3,)])
        with pytest.raises(ValueError, match="gradients must have"):
            optimizer.step([w], [g[:2]])
        assert optimizer.state == {} and optimizer.steps == 0
        optimizer.step([w[:2]], [g[:2]])

    def test_a_rule_must_define_update(self) -> None:
        with pytest.raises(NotImplementedError, match=r"Nameless must define update\(w, g, \*state\)"):
            type("Nameless", (Optimizer,), {})(0.1).step([np.ones(2)], [np.ones(2)])
