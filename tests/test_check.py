"""A check is worth what it refuses: each must fail on a fault and say where the fault is."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nbhelpers import check


def test_same_prints_one_line_without_the_residual(capsys):
    check.same("y", np.ones((2, 3)), np.ones((2, 3)) + 1e-14)
    check.same("all", {"W": np.ones(2), "b": 1.0}, {"W": torch.ones(2), "b": torch.tensor(1.0)})
    check.same("labels", np.arange(3), [0, 1, 2], tol=0)
    check.same("z", 1.6, 1.6)
    assert capsys.readouterr().out.splitlines() == [
        "PASS y: (2, 3) within 1e-12",
        "PASS all: W, b within 1e-12",
        "PASS labels: (3,) exactly equal",
        "PASS z: one number within 1e-12",
    ]


@given(st.integers(0, 1), st.integers(0, 2), st.floats(1e-9, 1e9) | st.just(float("nan")))
@settings(max_examples=50, deadline=None)
def test_same_names_the_worst_entry(i, j, error):
    ours = np.zeros((2, 3))
    ours[i, j] = error
    with pytest.raises(AssertionError, match=rf"^y: worst at index \({i}, {j}\)"):
        check.same("y", ours, np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("ours", "reference", "words"),
    [
        (np.ones((3, 1)), np.ones(3), r"shape \(3, 1\) where the reference has \(3,\)"),
        (np.ones(0), np.ones(0), "empty"),
        ({"W": 1.0}, {"W": 1.0, "b": 1.0}, "only one of the two has 'b'"),
        ({"W": 1.0, "b": 2.0}, {"W": 1.0, "b": 1.0}, r"y\['b'\]: worst, 2 against 1"),
        (np.inf, 1.0, "inf against 1"),
    ],
)
def test_same_refuses(ours, reference, words):
    with pytest.raises(AssertionError, match=words):
        check.same("y", ours, reference)


def test_shape(capsys):
    check.shape("x", torch.ones(5, 3), (5, 3))
    assert capsys.readouterr().out == "PASS x: shape (5, 3)\n"
    with pytest.raises(AssertionError, match=r"x has shape \(5, 3\), but \(3, 5\) was expected"):
        check.shape("x", np.ones((5, 3)), (3, 5))


def quadratic(W, x):
    return float(np.sum((x @ W) ** 2))


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {"W": rng.normal(size=(3, 2)), "x": rng.normal(size=(4, 3))}


def test_gradients_accepts_the_right_ones_and_restores_the_arrays(arrays, capsys):
    before = {k: v.copy() for k, v in arrays.items()}
    x, W = arrays["x"], arrays["W"]
    check.gradients(quadratic, arrays, {"W": 2 * x.T @ x @ W, "x": 2 * x @ W @ W.T})
    line = "PASS gradients: W (3, 2), x (4, 3) within 1e-06 of centered differences\n"
    assert capsys.readouterr().out == line
    assert all((arrays[k] == before[k]).all() for k in arrays)


@given(st.integers(0, 2), st.integers(0, 1), st.floats(1e-3, 10))
@settings(max_examples=25, deadline=None)
def test_gradients_finds_one_wrong_entry(i, j, error):
    rng = np.random.default_rng(1)
    x, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    grad = 2 * x.T @ x @ W
    grad[i, j] += error
    with pytest.raises(AssertionError, match=rf"Gradient of W: worst at index \({i}, {j}\)"):
        check.gradients(quadratic, {"W": W, "x": x}, {"W": grad})


@pytest.mark.parametrize("factor", [-1, 0, 0.5, 2, np.nan])
def test_gradients_refuses_a_wrong_factor(arrays, factor):
    x, W = arrays["x"], arrays["W"]
    with pytest.raises(AssertionError, match="Gradient of W"):
        check.gradients(quadratic, arrays, {"W": factor * 2 * x.T @ x @ W})


def test_gradients_refuses_float32_wrong_shapes_and_unknown_names(arrays):
    small = {k: v.astype("float32") for k, v in arrays.items()}
    with pytest.raises(TypeError, match="W is float32: check gradients in float64"):
        check.gradients(quadratic, small, {"W": small["W"]})
    with pytest.raises(AssertionError, match=r"shape \(2, 3\) where the array has \(3, 2\)"):
        check.gradients(quadratic, arrays, {"W": arrays["W"].T})
    with pytest.raises(KeyError, match="arrays has not"):
        check.gradients(quadratic, arrays, {"b": np.ones(2)})


def test_gradients_restores_the_array_when_the_loss_fails(arrays):
    def failing(W, x):
        raise RuntimeError("no loss")

    before = arrays["W"].copy()
    with pytest.raises(RuntimeError, match="no loss"):
        check.gradients(failing, arrays, {"W": before})
    assert (arrays["W"] == before).all()


def test_bar(capsys, monkeypatch):
    check.bar("accuracy", 0.95, at_least=0.93)
    check.bar("loss", 0.1, at_most=0.2)
    assert capsys.readouterr().out == "PASS accuracy at least 0.93\nPASS loss at most 0.2\n"
    with pytest.raises(AssertionError, match="accuracy is 0.92, but must be at least 0.93"):
        check.bar("accuracy", 0.92, at_least=0.93)
    with pytest.raises(AssertionError, match="loss is nan"):
        check.bar("loss", float("nan"), at_most=0.2)
    with pytest.raises(ValueError, match="one bar"):
        check.bar("loss", 0.1)
    monkeypatch.setenv("NBHELPERS_MAX_STEPS", "1")
    check.bar("accuracy", 0.1, at_least=0.93)
    assert capsys.readouterr().out == "not judged in a capped run: accuracy at least 0.93\n"


def test_receipt(capsys):
    rows = {"forward": (np.ones((5, 2)), torch.ones(5, 2)), "loss": (0.5, torch.tensor(0.5))}
    check.receipt("a layer", rows, tol=1e-12)
    assert capsys.readouterr().out.splitlines() == [
        "Receipt: a layer: NumPy against PyTorch, float64",
        "  forward  (5, 2)        PASS  within 1e-12",
        "  loss     one number    PASS  within 1e-12",
        "2 of 2 rows agree: the two are the same network.",
    ]


def test_receipt_fails_with_the_table_and_the_place(capsys):
    rows = {"forward": (1.0, 1.0), "gradient W": (np.zeros(3), np.array([0, 0, 1.0]))}
    with pytest.raises(AssertionError, match=r"gradient W: worst at index \(2,\), 0 against 1"):
        check.receipt("a layer", rows)
    out = capsys.readouterr().out
    assert "forward" in out and "FAIL" in out and "same network" not in out
    with pytest.raises(ValueError, match="at least one row"):
        check.receipt("nothing", {})
