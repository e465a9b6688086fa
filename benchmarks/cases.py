"""What is timed: one function per training step, each with the same step in PyTorch.

The NumPy side is made of a notebook's own definitions, taken out of it, never of a copy.  To add a
step, write a function that returns a :class:`Case` and decorate it with :func:`case`.
"""

import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import definitions

CASES: dict[str, Callable[[], "Case"]] = {}
"""The registered steps by name, in the order of the table."""

notebook = cache(definitions)  # the definitions of a notebook, taken out of it once


class Case(NamedTuple):
    """One training step, twice.

    Attributes
    ----------
    numpy, torch : make the step; each call goes on from where the last one stopped.
    state : after equally many calls of both, the arrays that must agree: (NumPy's, PyTorch's).
    flops : multiplications and additions in the step's matrix products.
    chapter : the folder of the chapter whose definitions are timed.
    """

    numpy: Callable[[], object]
    torch: Callable[[], object]
    state: Callable[[], tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]
    flops: float
    chapter: str


def case(name: str) -> Callable:
    """Register a function that makes a :class:`Case` under the name that the table shows."""

    def register(make: Callable[[], Case]) -> Callable[[], Case]:
        CASES[name] = make
        return make

    return register


# ---- 03 feed-forward networks ----


def copy_linear(layer: nn.Linear, W: np.ndarray, b: np.ndarray) -> None:
    """Give a PyTorch layer the weights of a NumPy layer."""
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W.T))
        layer.bias.copy_(torch.from_numpy(b))


@case("linear layer 784 → 256, batch 128, forward and backward")
def linear_layer() -> Case:
    ours = notebook("03_feedforward/feedforward_numpy")
    rng = np.random.default_rng(0)
    x, dz = (rng.standard_normal((128, width), np.float32) for width in (784, 256))
    params = {
        "W": rng.standard_normal((784, 256), np.float32) / 28,
        "b": np.zeros(256, np.float32),
    }
    layer = nn.Linear(784, 256)
    copy_linear(layer, **params)
    torch_x, torch_dz = torch.tensor(x, requires_grad=True), torch.from_numpy(dz)
    made = {}

    def numpy_step() -> None:
        z, cache = ours["linear"](x, params)
        made["x"], grads = ours["linear_backward"](dz, cache)
        made.update(grads, z=z)

    def torch_step() -> None:
        torch_x.grad = None
        layer.zero_grad(set_to_none=True)
        layer(torch_x).backward(torch_dz)

    def state() -> tuple[dict, dict]:
        reference = {"x": torch_x.grad, "W": layer.weight.grad.T, "b": layer.bias.grad}
        reference["z"] = layer(torch_x).detach()
        return made, {key: value.numpy() for key, value in reference.items()}

    return Case(numpy_step, torch_step, state, 3 * 2 * 128 * 784 * 256, "03_feedforward")


def mlp(update: Callable, optimizer: Callable) -> Case:
    """A training step of the network 784-256-128-10 on a batch of 128 images."""
    ours = notebook("03_feedforward/feedforward_numpy")
    sizes, batch, rng = [784, 256, 128, 10], 128, np.random.default_rng(0)
    x, y = rng.random((batch, 784), np.float32), rng.integers(10, size=batch)
    params, state = ours["init_mlp"](sizes, rng), {}
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    for i in (1, 2, 3):
        copy_linear(model[2 * i - 2], params[f"layer{i}.W"], params[f"layer{i}.b"])
    moves = optimizer(model.parameters())
    torch_x, torch_y = torch.from_numpy(x), torch.from_numpy(y)

    def numpy_step() -> None:
        _, grads = ours["mlp_loss"](x, y, params)
        update(params, grads, state)

    def torch_step() -> None:
        loss = F.cross_entropy(model(torch_x), torch_y)
        moves.zero_grad(set_to_none=True)
        loss.backward()
        moves.step()

    def weights() -> tuple[dict, dict]:
        reference = {}
        for i in (1, 2, 3):
            layer = model[2 * i - 2]
            reference[f"layer{i}.W"] = layer.weight.detach().numpy().T
            reference[f"layer{i}.b"] = layer.bias.detach().numpy()
        return params, reference

    products = [D * K for D, K in zip(sizes[:-1], sizes[1:], strict=True)]
    flops = 2 * batch * (3 * sum(products) - products[0])  # the images need no gradient
    return Case(numpy_step, torch_step, weights, flops, "03_feedforward")


@case("MLP 784-256-128-10, batch 128, SGD with momentum")
def mlp_sgd() -> Case:
    sgd = notebook("03_feedforward/feedforward_numpy")["sgd"]
    return mlp(
        partial(sgd, learning_rate=0.01, momentum=0.9),
        partial(torch.optim.SGD, lr=0.01, momentum=0.9, fused=True),
    )


@case("MLP 784-256-128-10, batch 128, Adam")
def mlp_adam() -> Case:
    adam = notebook("03_feedforward/training_numpy")["adam"]
    fused = partial(torch.optim.Adam, lr=0.0001, fused=True)
    return mlp(partial(adam, learning_rate=0.0001), fused)
