"""The book's PyTorch training loop, for the chapters after the one that writes it out."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from . import run

if TYPE_CHECKING:
    import torch

__all__ = ["fit"]


def fit(
    model: "torch.nn.Module",
    loss_fn: Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"],
    batches: Iterable[tuple["torch.Tensor", "torch.Tensor"]],
    optimizer: "torch.optim.Optimizer",
    epochs: int = 1,
    after_epoch: Callable[[int], None] | None = None,
) -> list[float]:
    """Train ``model`` in place, with each batch moved to the model's device.

    Parameters
    ----------
    model : put into training mode at the start of every epoch.
    loss_fn : called as ``loss_fn(model(x), y)``; returns the batch's mean loss.
    batches : gives pairs (x, y) anew each time it is iterated over: a ``DataLoader`` or a list.
    after_epoch : called with the epoch's number (1, 2, ...), for instance to evaluate.

    Returns
    -------
    list of float
        The mean training loss of each epoch, examples weighted equally.

    Raises
    ------
    FloatingPointError
        As soon as an epoch's loss is not finite.
    ValueError
        If ``batches`` gives nothing, as an iterator does the second time around.
    """
    device = next(model.parameters()).device
    cap = run.max_steps()
    history = []
    for epoch in range(1, epochs + 1):
        model.train()
        total, seen = 0.0, 0
        for step, (x, y) in enumerate(batches):
            if cap is not None and step >= cap:
                break
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = loss_fn(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total = total + loss.detach() * len(x)  # stays on the device: no wait for the GPU
            seen += len(x)
        if not seen:
            raise ValueError(f"No batch in epoch {epoch}: pass a DataLoader or a list of batches.")
        history.append(float(total) / seen)
        if not math.isfinite(history[-1]):
            raise FloatingPointError(f"The loss of epoch {epoch} is {history[-1]}: lower the rate.")
        if after_epoch is not None:
            after_epoch(epoch)
        if cap is not None:
            break
    return history
