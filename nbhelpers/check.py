"""Trust: each check prints one line that is the same on every machine, or fails and says where.

A line shows the tolerance and never the residual, which differs from processor to processor.
NumPy arrays, numbers and PyTorch tensors (on any device) are all accepted.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import run

__all__ = ["same", "shape", "gradients", "bar", "receipt"]


def _array(value: Any) -> np.ndarray:
    if hasattr(value, "detach"):  # a PyTorch tensor, without importing PyTorch
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def _size(value: Any) -> str:
    """The shape, as it is printed."""
    return str(_array(value).shape) if _array(value).ndim else "one number"


def _difference(name: str, ours: Any, reference: Any, tol: float) -> str | None:
    """Say in one sentence how two arrays differ, or return None if they agree.

    They agree if |ours − reference| ≤ tol · (1 + |reference|) holds for every entry.
    """
    ours, reference = _array(ours), _array(reference)
    if ours.shape != reference.shape:
        return f"{name}: shape {ours.shape} where the reference has {reference.shape}."
    if ours.size == 0:
        return f"{name}: the arrays are empty, so there is nothing to compare."
    ours, reference = ours.astype(float), reference.astype(float)
    excess = np.abs(ours - reference) - tol * (1 + np.abs(reference))
    if np.all(excess <= 0):  # False where an entry is NaN
        return None
    worst = np.unravel_index(np.argmax(np.where(np.isnan(excess), np.inf, excess)), ours.shape)
    where = f" at index {tuple(int(i) for i in worst)}" if ours.ndim else ""
    values = f"{ours[worst]:.10g} against {reference[worst]:.10g}"
    return f"{name}: worst{where}, {values}, which is not within {tol:g}."


def same(name: str, ours: Any, reference: Any, tol: float = 1e-12) -> None:
    """Check that two arrays, or two dicts of arrays, are equal up to rounding.

    Parameters
    ----------
    name : what is compared, for the printed line.
    ours, reference : arrays of one shape, or dicts with the same keys.
    tol : entries agree if |ours − reference| ≤ tol · (1 + |reference|); 0 asks for equality.

    Raises
    ------
    AssertionError
        Naming the array, its worst index and both values; or the shapes; or the missing key.
    """
    if isinstance(reference, Mapping):
        if ours.keys() != reference.keys():
            odd = sorted(ours.keys() ^ reference.keys())
            raise AssertionError(f"{name}: only one of the two has {odd[0]!r}.")
        pairs = {f"{name}[{key!r}]": (ours[key], reference[key]) for key in reference}
    else:
        pairs = {name: (ours, reference)}
    faults = [_difference(label, a, b, tol) for label, (a, b) in pairs.items()]
    if any(faults):
        raise AssertionError(" ".join(fault for fault in faults if fault))
    what = ", ".join(reference) if isinstance(reference, Mapping) else _size(reference)
    print(f"PASS {name}: {what} " + ("exactly equal" if tol == 0 else f"within {tol:g}"))


def shape(name: str, array: Any, expected: tuple[int, ...]) -> None:
    """Check the shape of an array.

    Raises
    ------
    AssertionError
        Naming the array and both shapes.
    """
    found = tuple(array.shape)
    if found != tuple(expected):
        raise AssertionError(f"{name} has shape {found}, but {tuple(expected)} was expected.")
    print(f"PASS {name}: shape {found}")


def gradients(
    loss: Callable[..., float],
    arrays: Mapping[str, np.ndarray],
    grads: Mapping[str, np.ndarray],
    tol: float = 1e-6,
    step: float = 1e-5,
) -> None:
    """Check hand-derived gradients against centered differences, entry by entry.

    Every entry θ of every array is moved to θ ± ``step`` and the slope
    (L(θ + step) − L(θ − step)) / (2 · step) is compared with the entry of ``grads``.  The largest
    difference in an array must not exceed ``tol`` times the largest slope in it.  To check a
    function with many outputs, let the loss be their sum weighted by a random array.

    Parameters
    ----------
    loss : called as ``loss(**arrays)``, returns a number.
    arrays : float64 arrays; changed during the check and restored after it.
    grads : for each array to check, the gradient with the array's shape.  Arrays without an entry
        here (labels, say) are passed to ``loss`` unchanged.

    Raises
    ------
    AssertionError
        Naming the array, its worst index, and both slopes.
    TypeError
        If an array is not float64, in which differences have enough digits.
    """
    for name, grad in grads.items():
        if name not in arrays:
            raise KeyError(f"grads has {name!r}, but arrays has not: use the same names in both.")
        if arrays[name].dtype != np.float64:
            kind = arrays[name].dtype
            raise TypeError(f"{name} is {kind}: check gradients in float64, where digits suffice.")
        if _array(grad).shape != arrays[name].shape:
            shapes = f"{_array(grad).shape} where the array has {arrays[name].shape}"
            raise AssertionError(f"Gradient of {name}: shape {shapes}.")
    for name, grad in grads.items():
        slopes = np.empty_like(arrays[name])
        for index in np.ndindex(arrays[name].shape):
            slopes[index] = _slope(loss, arrays, name, index, step)
        grad = _array(grad)
        scale = max(np.abs(slopes).max(initial=0), np.abs(grad).max(initial=0), 1e-4)
        gap = np.abs(grad - slopes)
        if not np.all(gap <= tol * scale):  # also catches NaN
            i = np.unravel_index(np.argmax(np.where(np.isnan(gap), np.inf, gap)), gap.shape)
            where = tuple(int(k) for k in i)
            values = f"{grad[i]:.8g} by hand, {slopes[i]:.8g} by centered difference"
            raise AssertionError(f"Gradient of {name}: worst at index {where}: {values}.")
    shapes = ", ".join(f"{name} {_array(grad).shape}" for name, grad in grads.items())
    print(f"PASS gradients: {shapes} within {tol:g} of centered differences")


def _slope(
    loss: Callable[..., float],
    arrays: Mapping[str, np.ndarray],
    name: str,
    index: tuple[int, ...],
    step: float,
) -> float:
    """Centered difference of ``loss`` in one entry of one array."""
    array = arrays[name]
    kept = array[index]
    try:
        array[index] = kept + step
        above = float(loss(**arrays))
        array[index] = kept - step
        below = float(loss(**arrays))
    finally:
        array[index] = kept
    return (above - below) / (2 * step)


def bar(
    name: str, value: float, at_least: float | None = None, at_most: float | None = None
) -> None:
    """Check a measured result against its bar; the printed line holds the bar, not the result.

    Raises
    ------
    AssertionError
        If the value misses the bar (or is NaN).  A capped run (:func:`nbhelpers.run.max_steps`)
        trains too little to be judged, and says so.
    """
    if (at_least is None) == (at_most is None):
        raise ValueError(f"Give {name} one bar: at_least=... or at_most=...")
    text = f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"
    if run.max_steps() is not None:
        print(f"not judged in a capped run: {name} {text}")
        return
    good = value >= at_least if at_most is None else value <= at_most
    if not good:
        raise AssertionError(f"{name} is {value:.6g}, but must be {text}.")
    print(f"PASS {name} {text}")


def receipt(title: str, rows: Mapping[str, tuple], tol: float = 1e-10) -> None:
    """Print the proof that the NumPy and the PyTorch network are the same network.

    Parameters
    ----------
    title : the network's name.
    rows : for each quantity a pair (NumPy's, PyTorch's), in float64, in the order to print.  The
        book's receipts hold the forward pass, the loss, every parameter's gradient, the weights
        after one optimizer step and the loss after 20 steps.
    tol : as in :func:`same`.

    Raises
    ------
    AssertionError
        After the table is printed, naming each row that failed and its worst index.
    """
    if not rows:
        raise ValueError("A receipt needs at least one row.")
    faults = [_difference(name, *pair, tol) for name, pair in rows.items()]
    shapes = [_size(ours) for ours, _ in rows.values()]
    wide = max(len(name) for name in rows) + 2
    room = max(14, max(len(size) for size in shapes) + 2)
    print(f"Receipt: {title}: NumPy against PyTorch, float64")
    for name, size, fault in zip(rows, shapes, faults, strict=True):
        print(f"  {name:<{wide}}{size:<{room}}" + ("FAIL" if fault else f"PASS  within {tol:g}"))
    if any(faults):
        raise AssertionError(" ".join(fault for fault in faults if fault))
    print(f"{len(rows)} of {len(rows)} rows agree: the two are the same network.")
