"""Seeds, sizes, devices and clocks: what makes a run repeatable, here and on a GPU.

Three environment variables steer a run without a change to any notebook.
``NBHELPERS_SIZE`` (``quick`` or ``full``) chooses the size, ``NBHELPERS_DEVICE`` (``cpu``,
``cuda``, ``mps``) the device, and ``NBHELPERS_MAX_STEPS`` caps every training loop, so that a
test can walk through the full sizes in seconds.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

__all__ = ["rng", "device", "sizes", "max_steps", "timed"]

LOOPS = ("steps", "epochs")  # the sizes that count passes of a training loop


def rng(seed: int) -> np.random.Generator:
    """Return NumPy's default generator for ``seed``: the same numbers on every machine."""
    return np.random.default_rng(seed)


def device() -> "torch.device":
    """Return the fastest device PyTorch finds: CUDA, else Apple's MPS, else the CPU.

    Raises
    ------
    ValueError
        If ``NBHELPERS_DEVICE`` asks for a device that this machine does not have.
    """
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    found["cpu"] = True
    wanted = os.environ.get("NBHELPERS_DEVICE")
    if wanted and not found.get(wanted):
        here = ", ".join(name for name, there in found.items() if there)
        raise ValueError(f"NBHELPERS_DEVICE is {wanted!r}, but this machine has: {here}.")
    return torch.device(wanted or next(name for name, there in found.items() if there))


def max_steps() -> int | None:
    """Return the cap on the passes of a training loop, or None; a capped run judges no bar.

    Raises
    ------
    ValueError
        If ``NBHELPERS_MAX_STEPS`` is not a whole number of at least 1.
    """
    cap = os.environ.get("NBHELPERS_MAX_STEPS")
    if not cap:
        return None
    if not cap.isdecimal() or int(cap) < 1:
        raise ValueError(f"NBHELPERS_MAX_STEPS is {cap!r}: set it to a whole number, 1 or more.")
    return int(cap)


def sizes(quick: dict, full: dict) -> SimpleNamespace:
    """Return ``full`` on a GPU and ``quick`` elsewhere, unless ``NBHELPERS_SIZE`` says which.

    Parameters
    ----------
    quick, full : the same names with a value for each size, for instance ``steps`` or ``width``.
        The values called ``steps`` or ``epochs`` obey ``NBHELPERS_MAX_STEPS``.

    Raises
    ------
    ValueError
        If the two sizes name different things, or ``NBHELPERS_SIZE`` is neither.
    """
    if quick.keys() != full.keys():
        odd = sorted(quick.keys() ^ full.keys())
        raise ValueError(f"Give every size twice: only one of quick and full has {odd[0]!r}.")
    wanted = os.environ.get("NBHELPERS_SIZE") or ("quick" if device().type == "cpu" else "full")
    if wanted not in ("quick", "full"):
        raise ValueError(f"NBHELPERS_SIZE is {wanted!r}: set it to 'quick' or 'full'.")
    chosen, cap = dict(full if wanted == "full" else quick), max_steps()
    if cap:
        chosen |= {name: min(chosen[name], cap) for name in LOOPS if name in chosen}
    return SimpleNamespace(**chosen)


@contextmanager
def timed() -> Iterator[SimpleNamespace]:
    """Time a block: ``with run.timed() as clock: ...`` leaves the time in ``clock.seconds``."""
    clock = SimpleNamespace(seconds=float("nan"))
    start = time.perf_counter()
    try:
        yield clock
    finally:
        clock.seconds = time.perf_counter() - start
