"""fit, its History, callbacks and early stopping."""

import inspect
import math
import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import Network, fit
from nnlab.clipping import global_norm
from nnlab.history import History
from nnlab.layers import BatchNorm, Dense, ReLU
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy
from nnlab.optimizers import SGD, Adam, Momentum
from nnlab.regularizers import L2
from nnlab.schedules import CosineDecay, StepDecay
from nnlab.training import Callback, EarlyStopping


def classifier(seed: int = 0, **settings) -> Network:
    layers = [Dense(2, 8), ReLU(), Dense(8, 2)]
    return Network(layers, loss=SoftmaxCrossEntropy(), seed=seed, dtype="float64", **settings)


def ring(rows: int = 50, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(rows, 2))
    return x, ((x**2).sum(axis=1) > 1.4).astype(int)


def untouched(network: Network, optimizer: Adam) -> bool:
    return (network.flat_parameters == classifier().flat_parameters).all() and optimizer.steps == 0


class TestFit:
    def test_learns(self) -> None:
        network, (x, y) = classifier(), ring(200)
        history = fit(network, Adam(0.02), x, y, batch_size=20, epochs=60)
        assert history.epochs == 60
        assert history.loss[-1] < 0.3 * history.loss[0]
        assert network.evaluate(x, y)[1] > 0.95
        assert history.accuracy[-1] > 0.95

    def test_defaults(self) -> None:
        parameters = inspect.signature(fit).parameters
        defaults = {
            name: parameter.default for name, parameter in parameters.items() if parameter.default != parameter.empty
        }
        assert defaults == {
            "batch_size": 128,
            "epochs": 10,
            "validation": None,
            "callbacks": (),
            "schedule": None,
            "clip_norm": None,
            "clip_value": None,
            "progress": False,
            "seed": 0,
        }
        assert tuple(parameters)[:4] == ("network", "optimizer", "x", "y")

    def test_one_batch_an_epoch_is_gradient_descent_by_hand(self) -> None:
        (x, y), one, two = ring(), classifier(), classifier()
        history = fit(one, Momentum(0.1), x, y, batch_size=50, epochs=4)
        optimizer, losses = Momentum(0.1), []
        for _ in range(4):
            losses.append(two.loss_and_gradients(x, y))
            optimizer.step(two.parameters, two.gradients)
        np.testing.assert_allclose(one.flat_parameters, two.flat_parameters, rtol=1e-9)
        np.testing.assert_allclose(history.loss, losses, rtol=1e-9)
        assert history.loss == history.step_loss

    def test_every_epoch_takes_every_example_once_in_an_order_of_its_own(self) -> None:
        x, y = np.arange(10.0)[:, None], np.arange(10.0)[:, None]
        network, seen = Network([Dense(1, 1)], loss=MeanSquaredError(), dtype="float64"), []
        network.step_gradients = lambda xb, yb: seen.append((xb.copy(), yb.copy())) or step(xb, yb)
        step = type(network).step_gradients.__get__(network)
        fit(network, SGD(0.0), x, y, batch_size=4, epochs=2)
        assert [len(xb) for xb, _ in seen] == [4, 4, 2, 4, 4, 2]
        for xb, yb in seen:
            np.testing.assert_array_equal(xb, yb)
        first, second = (np.concatenate([xb for xb, _ in seen[i : i + 3]]).ravel().tolist() for i in (0, 3))
        assert sorted(first) == sorted(second) == list(range(10))
        assert first != second

    def test_the_seed_fixes_the_shuffles(self) -> None:
        (x, y), runs = ring(), []
        for seed in (0, 0, 1, np.random.default_rng(0)):
            network = classifier()
            fit(network, SGD(0.1), x, y, batch_size=7, epochs=2, seed=seed)
            runs.append(network.flat_parameters.copy())
        np.testing.assert_array_equal(runs[0], runs[1])
        np.testing.assert_array_equal(runs[0], runs[3])
        assert (runs[0] != runs[2]).any()

    def test_data_are_left_as_they_were(self) -> None:
        x, y = ring()
        fit(classifier(), SGD(0.1), x, y, batch_size=7, epochs=2)
        np.testing.assert_array_equal(x, ring()[0])
        np.testing.assert_array_equal(y, ring()[1])

    def test_no_epochs_change_nothing(self) -> None:
        network, optimizer = classifier(), Adam(0.1)
        assert fit(network, optimizer, *ring(), epochs=0) == History()
        assert untouched(network, optimizer)

    def test_a_batch_larger_than_the_data_is_the_data(self) -> None:
        history = fit(classifier(), SGD(0.1), *ring(), batch_size=10**9, epochs=3)
        assert len(history.step_loss) == 3

    def test_the_optimizer_goes_on_where_it_was(self) -> None:
        (x, y), optimizer, network, once = ring(), Momentum(0.1), classifier(), classifier()
        for _ in range(2):
            fit(network, optimizer, x, y, batch_size=50, epochs=2)
        fit(once, Momentum(0.1), x, y, batch_size=50, epochs=4)
        np.testing.assert_allclose(network.flat_parameters, once.flat_parameters, rtol=1e-9)

    def test_the_progress_bar_shows_the_last_epoch_and_only_when_asked(self, capsys) -> None:
        fit(classifier(), SGD(0.1), *ring(), epochs=2, validation=ring(20, seed=1), progress=True)
        shown = capsys.readouterr().err
        assert "2/2" in shown and re.search(r"(epoch/s|s/epoch)[],]", shown)
        for name in ("loss=", "accuracy=", "validation loss=", "validation accuracy="):
            assert name in shown
        fit(classifier(), SGD(0.1), *ring(), epochs=2)
        assert capsys.readouterr() == ("", "")


class TestHistory:
    def test_epoch_numbers_are_means_over_examples(self) -> None:
        (x, y), network = ring(10), classifier()
        history = fit(network, SGD(0.0), x, y, batch_size=4, epochs=2)
        assert len(history.step_loss) == 6
        for epoch in range(2):
            steps = history.step_loss[3 * epoch : 3 * epoch + 3]
            assert history.loss[epoch] == pytest.approx(np.dot(steps, [4, 4, 2]) / 10, rel=1e-14)
        # with lr = 0 the weights stay, so that the epoch's means are the data set's
        loss, accuracy = network.evaluate(x, y)
        assert history.loss == pytest.approx([loss] * 2, rel=1e-12)
        assert history.accuracy == [accuracy] * 2

    def test_validation_is_measured_at_the_end_of_the_epoch(self) -> None:
        seen = []
        history = fit(
            classifier(regularizer=L2(0.1)),
            SGD(0.1),
            *ring(),
            epochs=3,
            validation=ring(20, seed=1),
            callbacks=[lambda network, history: seen.append(network.evaluate(*ring(20, seed=1)))],
        )
        assert list(zip(history.validation_loss, history.validation_accuracy, strict=True)) == seen

    def test_without_validation_its_lists_stay_empty(self) -> None:
        history = fit(classifier(), SGD(0.1), *ring(), epochs=3)
        assert history.validation_loss == history.validation_accuracy == history.step_gradient_norm == []
        assert history.diverged_at is None

    def test_a_regression_has_no_accuracy(self) -> None:
        x = ring()[0]
        network = Network([Dense(2, 1)], loss=MeanSquaredError())
        history = fit(network, SGD(0.1), x, x[:, :1], epochs=2, validation=(x, x[:, :1]))
        assert all(math.isnan(value) for value in history.accuracy + history.validation_accuracy)
        assert all(type(value) is float for value in history.loss + history.step_loss + history.accuracy)


class TestDivergence:
    def test_ends_with_a_warning_that_names_the_step(self) -> None:
        x = ring()[0]
        network = Network([Dense(2, 1)], loss=MeanSquaredError(), dtype="float32")
        with pytest.warns(UserWarning, match=r"training diverged: the loss of step \d+ is (inf|nan); .* than 1e\+10"):
            history = fit(network, SGD(1e10), x, x[:, :1], batch_size=10, epochs=100)
        assert history.epochs < 100
        assert not math.isfinite(history.step_loss[history.diverged_at])
        assert all(map(math.isfinite, history.step_loss[: history.diverged_at]))

    def test_no_warning_from_numpy(self) -> None:
        x = ring()[0]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit(Network([Dense(2, 1)], loss=MeanSquaredError()), SGD(1e10), x, x[:, :1], batch_size=10, epochs=9)
        assert [warning.category for warning in caught] == [UserWarning]
        assert caught[0].filename == __file__

    def test_callbacks_see_the_last_epoch(self) -> None:
        x, seen = ring()[0], []
        with pytest.warns(UserWarning, match="diverged"):
            fit(
                Network([Dense(2, 1)], loss=MeanSquaredError()),
                SGD(1e10),
                x,
                x[:, :1],
                epochs=99,
                callbacks=[lambda network, history: seen.append(history.diverged_at)],
            )
        assert seen[-1] is not None and seen[:-1] == [None] * (len(seen) - 1)


class TestScheduleAndClipping:
    def test_the_schedule_sets_lr_before_every_step(self) -> None:
        optimizer, schedule = SGD(9.0), CosineDecay(0.5, steps=10)
        history = fit(classifier(), optimizer, *ring(), batch_size=20, epochs=4, schedule=schedule)
        assert history.step_learning_rate == [schedule(step) for step in range(12)]
        assert optimizer.lr == schedule(11)

    def test_a_scheduled_rate_is_the_one_used(self) -> None:
        (x, y), one, two = ring(), classifier(), classifier()
        fit(one, Momentum(9.0), x, y, batch_size=50, epochs=4, schedule=StepDecay(0.2, every=2, factor=0.5))
        optimizer = Momentum(0.2)
        fit(two, optimizer, x, y, batch_size=50, epochs=2)
        optimizer.lr = 0.1
        fit(two, optimizer, x, y, batch_size=50, epochs=2)
        np.testing.assert_allclose(one.flat_parameters, two.flat_parameters, rtol=1e-9)

    def test_without_a_schedule_lr_is_recorded_as_it_was(self) -> None:
        history = fit(classifier(), SGD(0.25), *ring(), batch_size=25, epochs=2)
        assert history.step_learning_rate == [0.25] * 4

    @pytest.mark.parametrize(("rate", "error"), [(math.nan, ValueError), (-1.0, ValueError), ("0.1", TypeError)])
    def test_a_rate_that_is_none_is_named_with_its_step(self, rate, error) -> None:
        with pytest.raises(error, match=r"^schedule\(2\) must be "):
            fit(classifier(), SGD(0.1), *ring(), batch_size=10, schedule=lambda step: 0.1 if step < 2 else rate)

    def test_clip_norm_bounds_every_step_and_records_the_norm_before(self) -> None:
        (x, y), network, norms = ring(), classifier(), []
        network.loss_and_gradients(x, y)
        before = global_norm(network.gradients)
        history = fit(
            network,
            SGD(1.0),
            x,
            y,
            batch_size=50,
            epochs=3,
            clip_norm=0.01,
            callbacks=[lambda network, history: norms.append(global_norm(network.gradients))],
        )
        assert norms == pytest.approx([0.01] * 3)
        assert len(history.step_gradient_norm) == 3
        assert history.step_gradient_norm[0] == pytest.approx(before, rel=1e-9)
        moved = network.flat_parameters - classifier().flat_parameters
        assert 0.02 < np.linalg.norm(moved) <= 0.03 * (1 + 1e-9)

    def test_clip_value_bounds_every_entry(self) -> None:
        network, largest = classifier(), []
        history = fit(
            network,
            SGD(1.0),
            *ring(),
            batch_size=50,
            epochs=3,
            clip_value=0.001,
            callbacks=[lambda network, history: largest.append(np.abs(network.flat_gradients).max())],
        )
        assert largest == [0.001] * 3
        assert history.step_gradient_norm == []

    def test_penalties_are_clipped_with_the_rest(self) -> None:
        (x, y), norms = ring(), []
        network = classifier(regularizer=L2(10.0))
        fit(
            network,
            SGD(0.0),
            x,
            y,
            epochs=1,
            clip_norm=0.5,
            callbacks=[lambda network, history: norms.append(global_norm(network.gradients))],
        )
        assert norms == pytest.approx([0.5])


class TestBadArguments:
    @pytest.mark.parametrize(
        ("changed", "error", "message"),
        [
            ({"network": None}, TypeError, "network must be a Network, got None"),
            ({"optimizer": Adam}, TypeError, "optimizer must be an optimizer such as SGD"),
            ({"optimizer": "adam"}, TypeError, "optimizer must be an optimizer .* got 'adam'"),
            ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
            ({"batch_size": 2.0}, TypeError, "batch_size must be a whole number"),
            ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
            ({"epochs": "3"}, TypeError, "epochs must be a whole number"),
            ({"seed": -1}, ValueError, "seed must be at least 0"),
            ({"seed": "a"}, TypeError, "seed must be"),
            ({"schedule": 0.1}, TypeError, r"schedule must map a step to a learning rate, got 0\.1"),
            ({"clip_norm": 0.0}, ValueError, "clip_norm must be .* greater than 0"),
            ({"clip_norm": math.nan}, ValueError, "clip_norm must be"),
            ({"clip_value": -1.0}, ValueError, "clip_value must be .* greater than 0"),
            ({"clip_value": 0.0}, ValueError, "clip_value must be .* greater than 0"),
            ({"clip_value": "1"}, TypeError, "clip_value must be a real number"),
            ({"clip_norm": 1, "clip_value": 1}, ValueError, "clip_norm or clip_value, not both"),
            ({"callbacks": [print, 3]}, TypeError, r"callbacks\[1\] must be a Callback or a function .*, got 3"),
            ({"callbacks": [EarlyStopping]}, TypeError, r"callbacks\[0\] must be a Callback or a function"),
            (
                {"callbacks": [EarlyStopping(3)]},
                ValueError,
                "^EarlyStopping watches .* loss: give fit validation=",
            ),
            ({"validation": ring()[0]}, TypeError, r"validation must be a pair \(x, y\), got ndarray"),
            ({"validation": (1, 2, 3)}, TypeError, r"validation must be a pair \(x, y\)"),
            ({"validation": (ring()[0], None)}, (TypeError, ValueError), r"validation\[1\]"),
            ({"validation": (ring()[0][:, :1], ring()[1])}, ValueError, r"validation\[0\] must have shape \(N, 2\)"),
            ({"validation": (ring()[0] * math.nan, ring()[1])}, ValueError, r"validation\[0\] must be finite"),
            ({"x": ring()[0] * math.nan}, ValueError, r"x must be finite, got nan at index \(0, 0\)"),
            ({"x": ring()[0] * math.inf}, ValueError, r"x must be finite"),
            ({"x": ring()[0][:, :1]}, ValueError, r"x must have shape \(N, 2\), got \(50, 1\)"),
            ({"x": ring()[0][:0], "y": ring()[1][:0]}, ValueError, "x must hold at least one example"),
            ({"x": "text"}, (TypeError, ValueError), "x"),
            ({"y": ring()[1][:-1]}, ValueError, r"y must hold one label an example, shape \(50,\), .*\(49,\)"),
            ({"y": ring()[1] + 1}, ValueError, "y must hold labels from 0 to 1, got 2"),
            ({"y": ring()[1] - 1}, ValueError, "y must hold labels from 0 to 1, got -1"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_are_named_before_anything_changes(self, changed: dict, error, message: str) -> None:
        x, y = ring()
        network, optimizer = classifier(), Adam(0.1)
        arguments = {"network": network, "optimizer": optimizer, "x": x, "y": y, "epochs": 2, **changed}
        with pytest.raises(error, match=message):
            fit(**arguments)
        assert untouched(network, optimizer)


class TestCallbacks:
    def test_are_called_in_order_and_a_true_answer_ends_the_training(self) -> None:
        calls: list[tuple] = []
        validation = ring(20, seed=1)

        class Recorder(Callback):
            def begin(self, network, validation) -> None:
                calls.append(("begin", validation))

            def __call__(self, network, history) -> bool:
                calls.append(("epoch", history.epochs, len(history.validation_loss)))
                return history.epochs == 2

            def end(self, network, history) -> None:
                calls.append(("end", history.epochs))

        last = []
        history = fit(
            classifier(),
            SGD(0.1),
            *ring(),
            epochs=9,
            validation=validation,
            callbacks=(callback for callback in [Recorder(), lambda network, history: last.append(history.epochs)]),
        )
        assert calls == [("begin", validation), ("epoch", 1, 1), ("epoch", 2, 2), ("end", 2)]
        assert last == [1, 2]  # the others still hear of the epoch in which one ends the training
        assert history.epochs == 2

    def test_a_callback_that_does_nothing_changes_nothing(self) -> None:
        assert fit(classifier(), SGD(0.1), *ring(), epochs=3, callbacks=[Callback()]).epochs == 3


def by_definition(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    """(last epoch, best epoch): the best is the last that beat every one before it by more than min_delta in turn."""
    best_epoch, best = 0, math.inf
    for epoch, loss in enumerate(losses):
        if best - loss > min_delta:
            best_epoch, best = epoch, loss
        elif epoch == best_epoch + patience:
            return epoch, best_epoch
    return len(losses) - 1, best_epoch


class Scripted(Callback):
    """Writes the next validation loss of a script over the measured one, and the epoch into every weight."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses

    def __call__(self, network, history) -> None:
        history.validation_loss[-1] = self.losses[history.epochs - 1]
        network.flat_parameters[...] = history.epochs - 1


def train(losses: list[float], early: EarlyStopping, network: Network | None = None) -> tuple[Network, History]:
    network = network or Network([Dense(1, 1)], loss=MeanSquaredError())
    data = np.ones((1, 1)), np.ones((1, 1))
    history = fit(network, SGD(0.0), *data, epochs=len(losses), validation=data, callbacks=[Scripted(losses), early])
    return network, history


class TestEarlyStopping:
    @pytest.mark.parametrize(
        ("losses", "patience", "min_delta", "stop", "best"),
        [
            ([5, 4, 3, 2, 1], 1, 0.0, 4, 4),
            ([5, 4, 4, 3], 1, 0.0, 2, 1),
            ([5, 4, 4, 3], 2, 0.0, 3, 3),
            ([5, 4, 6, 6, 6, 1], 3, 0.0, 4, 1),
            ([5, 4.5, 4.1, 3.9, 3.8], 3, 1.0, 4, 3),
            ([5, 4, 3], 1, 1.0, 1, 0),
            ([math.nan, math.nan, math.nan], 2, 0.0, 2, 0),
            ([math.nan, 2, math.nan, 3, 3], 2, 0.0, 3, 1),
            ([3, math.inf, 2, 4, 4], 2, 0.0, 4, 2),
        ],
    )
    def test_stops_patience_epochs_after_the_last_improvement(self, losses, patience, min_delta, stop, best) -> None:
        early = EarlyStopping(patience, min_delta)
        network, history = train(losses, early)
        assert (history.epochs - 1, early.best_epoch) == (stop, best)
        assert network.flat_parameters.tolist() == [best, best] or math.isnan(losses[best])
        if not math.isnan(losses[best]):
            assert early.best_loss == losses[best]

    @settings(max_examples=60, deadline=None)
    @given(
        losses=st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, math.nan]), min_size=1, max_size=9),
        patience=st.integers(1, 4),
        min_delta=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def test_agrees_with_the_definition(self, losses: list[float], patience: int, min_delta: float) -> None:
        early = EarlyStopping(patience, min_delta)
        _, history = train(losses, early)
        assert (history.epochs - 1, early.best_epoch) == by_definition(losses, patience, min_delta)

    def test_restores_the_best_weights_also_when_not_cut_short(self) -> None:
        assert train([3, 1, 2], EarlyStopping(9))[0].flat_parameters.tolist() == [1, 1]
        assert train([3, 1, 2], EarlyStopping(9, restore_best=False))[0].flat_parameters.tolist() == [2, 2]

    def test_weights_before_training_come_back_when_no_loss_was_a_number(self) -> None:
        network = Network([Dense(1, 1)], loss=MeanSquaredError(), seed=3)
        before = network.flat_parameters.copy()
        train([math.nan] * 3, EarlyStopping(1), network)
        np.testing.assert_array_equal(network.flat_parameters, before)

    def test_restores_running_statistics_too(self) -> None:
        network = Network([BatchNorm(2), Dense(2, 1)], loss=MeanSquaredError(), dtype="float64")
        x = ring()[0] + 3
        states = []

        def remember(network, history) -> None:
            history.validation_loss[-1] = [3.0, 1.0, 2.0, 2.0][history.epochs - 1]
            states.append({name: array.copy() for name, array in network.state.items()})

        fit(
            network,
            SGD(0.01),
            x,
            x[:, :1],
            batch_size=10,
            epochs=4,
            validation=(x, x[:, :1]),
            callbacks=[remember, EarlyStopping(2)],
        )
        assert len(states) == 4 and states[1]
        for name, array in network.state.items():
            np.testing.assert_array_equal(array, states[1][name])
            assert (array != states[3][name]).any()

    def test_starts_afresh_in_every_training(self) -> None:
        early = EarlyStopping(2)
        train([1, 2, 3, 4], early)
        _, history = train([9, 8, 7, 6], early)
        assert history.epochs == 4
        assert (early.best_epoch, early.best_loss) == (3, 6)

    def test_arguments(self) -> None:
        early = EarlyStopping(3)
        assert (early.patience, early.min_delta, early.restore_best) == (3, 0.0, True)
        assert (early.best_epoch, early.best_loss) == (0, math.inf)
        assert repr(early) == "EarlyStopping(patience=3, min_delta=0, restore_best=True)"
        for bad in (0, -1):
            with pytest.raises(ValueError, match=f"patience must be at least 1, got {bad}"):
                EarlyStopping(bad)
        with pytest.raises(TypeError, match="patience must be a whole number"):
            EarlyStopping(1.5)
        for bad in (-1e-9, math.nan, math.inf):
            with pytest.raises(ValueError, match="min_delta must be a finite number, at least 0"):
                EarlyStopping(1, min_delta=bad)
