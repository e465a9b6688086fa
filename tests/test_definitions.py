"""The definitions on the pages, taken out of the notebooks and tried on random shapes.

A notebook shows each function at work on its own data.  Here the same functions meet PyTorch,
centered differences and random shapes, with sizes that all differ and batches of one.
"""

import functools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from support import definitions

from nbhelpers import check

seeds = st.integers(0, 10_000)
sizes = st.integers(1, 7)
many = settings(max_examples=40, deadline=None)


@functools.cache
def page(name):
    """The definitions of a notebook as attributes."""
    return SimpleNamespace(**definitions(name))


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


# ---- chapter 01 ----

NEURON = "01_neuron/neuron_numpy"
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "sigmoid_naive": torch.sigmoid,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": functools.partial(F.gelu, approximate="tanh"),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_is_pytorchs(name):
    z = np.random.default_rng(0).normal(scale=3, size=(5, 4))
    check.same(name, getattr(page(NEURON), name)(z), ACTIVATIONS[name](tensor(z)))


def test_gelu_slope_is_autograds():
    z = tensor(np.linspace(-6, 6, 101)).requires_grad_()
    F.gelu(z, approximate="tanh").sum().backward()
    check.same("slope", page(NEURON).gelu_slope(z.detach().numpy()), z.grad)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stable_forms_do_not_overflow(dtype):
    z = np.array([[-1e4, 0, 1e4], [-800, 800, 799]], dtype)
    tol = 1e-6 if dtype is np.float32 else 1e-12
    check.same("sigmoid", page(NEURON).sigmoid(z), torch.sigmoid(torch.tensor(z)), tol)
    check.same("softmax", page(NEURON).softmax(z), torch.softmax(torch.tensor(z), -1), tol)


@given(seeds, sizes, sizes, sizes)
@many
def test_layer_in_three_ways(seed, B, D, K):
    rng = np.random.default_rng(seed)
    x, W, b = rng.normal(size=(B, D)), rng.normal(size=(D, K)), rng.normal(size=K)
    z = page(NEURON).linear(x, W, b)
    check.same("loop", page(NEURON).layer_loop(x, W, b), z)
    check.same("PyTorch", z, F.linear(tensor(x), tensor(W).T, tensor(b)))


@given(seeds, sizes, st.lists(sizes, min_size=2, max_size=5))
@many
def test_forward_is_pytorchs(seed, B, widths):
    rng = np.random.default_rng(seed)
    params = page(NEURON).init_params(widths, rng)
    x = rng.normal(size=(B, widths[0]))
    zs = page(NEURON).forward(x, params)
    a = tensor(x)
    for i, z in enumerate(zs, start=1):
        expected = F.linear(a, tensor(params[f"W{i}"]).T, tensor(params[f"b{i}"]))
        check.same(f"z{i}", z, expected)
        a = torch.relu(expected)
    assert len(zs) == len(widths) - 1
    count = page(NEURON).ledger(x, params)
    assert count == sum((D + 1) * K for D, K in zip(widths[:-1], widths[1:], strict=True))


@given(seeds, sizes, sizes)
@many
def test_log_loss_and_its_gradient(seed, B, D):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(B, D)), rng.integers(0, 2, B).astype(float)
    params = {"w": rng.normal(size=D), "b": np.array(rng.normal())}
    grads = page(NEURON).log_loss_backward(x, y, **params)
    check.gradients(lambda w, b: page(NEURON).log_loss(x, y, w, b), params, grads)
    z = tensor(x) @ tensor(params["w"]) + tensor(params["b"])
    expected = F.binary_cross_entropy_with_logits(z, tensor(y))
    check.same("loss", page(NEURON).log_loss(x, y, **params), expected)


@given(seeds, sizes, sizes)
@many
def test_descent_is_torchs_sgd(seed, B, D):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(B, D)), rng.integers(0, 2, B).astype(float)
    params = {"w": rng.normal(size=D), "b": np.array(rng.normal())}
    ours = page(NEURON).descend(x, y, params, learning_rate=0.3, steps=5)
    theirs = {k: tensor(v).requires_grad_() for k, v in params.items()}
    optimizer = torch.optim.SGD(theirs.values(), lr=0.3)
    for _ in range(5):
        optimizer.zero_grad()
        z = tensor(x) @ theirs["w"] + theirs["b"]
        F.binary_cross_entropy_with_logits(z, tensor(y)).backward()
        optimizer.step()
    check.same("parameters", ours, theirs)


# ---- chapter 02 ----

PERCEPTRON = "02_perceptron/perceptron_numpy"
SPAM = "02_perceptron/spam_numpy"


def separable(seed, B, D, gap):
    """Rows at least ``gap`` from a random plane through a random point, and their labels."""
    rng = np.random.default_rng(seed)
    u = rng.normal(size=D)
    u /= np.linalg.norm(u)
    X = rng.normal(size=(B, D))
    y = np.where(X @ u > 0.3, 1, -1)
    return X + gap * y[:, None] * u, y, np.r_[u, -0.3]


@given(seeds, st.integers(2, 40), sizes, st.floats(0.05, 1))
@many
def test_perceptron_converges_within_the_bound(seed, B, D, gap):
    X, y, separator = separable(seed, B, D, gap)
    path, epochs = page(PERCEPTRON).perceptron(X, y, epochs=100_000)
    _, w, b = path[-1]
    assert (y * (X @ w + b) > 0).all()
    S = page(PERCEPTRON).signed(X, y)
    gamma = page(PERCEPTRON).margin(S, separator)
    assert gamma > 0
    assert len(path) <= (np.linalg.norm(S, axis=1).max() / gamma) ** 2 + 1e-9


@given(seeds, sizes)
@many
def test_update_moves_only_on_mistakes_and_toward_the_example(seed, D):
    rng = np.random.default_rng(seed)
    w, b, x = rng.normal(size=D), rng.normal(), rng.normal(size=D)
    for y in (-1, 1):
        score = y * (w @ x + b)
        new_w, new_b, mistake = page(PERCEPTRON).update(w, b, x, y)
        assert mistake == (score <= 0)
        gain = y * (new_w @ x + new_b) - score
        check.same("gain", gain, (x @ x + 1) * mistake, tol=1e-9)


def test_zero_score_is_a_mistake():
    assert page(PERCEPTRON).update(np.zeros(2), 0.0, np.ones(2), 1)[2]


@given(seeds, st.integers(2, 12), sizes, st.integers(1, 4))
@many
def test_learn_keeps_the_weights_after_every_example(seed, B, D, epochs):
    X, y, _ = separable(seed, B, D, 0.0)
    W, b = page(PERCEPTRON).learn(X, y, epochs, np.random.default_rng(seed))
    assert W.shape == (epochs * B, D) and b.shape == (epochs * B,)
    rng, w, bias = np.random.default_rng(seed), np.zeros(D), 0.0
    total, seen = np.zeros(D), 0
    for _ in range(epochs):
        for i in rng.permutation(B):
            if y[i] * (w @ X[i] + bias) <= 0:
                w, bias = w + y[i] * X[i], bias + y[i]
            total, seen = total + w, seen + 1
    check.same("last", (W[-1], b[-1])[0], w)
    check.same("average", W.mean(0), total / seen, tol=1e-9)


def test_folds_cover_each_row_once_and_scale_by_the_training_rows():
    rng = np.random.default_rng(0)
    X, y = rng.gamma(1.0, size=(53, 3)), rng.choice([-1, 1], 53)
    tested = []
    for train, s, test, t in page(SPAM).folds(X, y, seed=1):
        assert len(train) == len(s) and len(test) == len(t) and len(s) + len(t) == 53
        check.same("mean", train.mean(0), np.zeros(3), tol=1e-12)
        check.same("spread", train.std(0), np.ones(3), tol=1e-12)
        tested += [*t]
    assert sorted(tested) == sorted(y)


@given(seeds, st.integers(2, 9), sizes)
@many
def test_logistic_is_descent_on_the_log_loss(seed, B, D):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(B, D)), rng.choice([-1, 1], B)
    w, b = page(SPAM).logistic(X, y, steps=5)
    params = [torch.zeros(D, dtype=torch.float64), torch.zeros((), dtype=torch.float64)]
    optimizer = torch.optim.SGD([p.requires_grad_() for p in params], lr=1.0)
    for _ in range(5):
        optimizer.zero_grad()
        z = tensor(X) @ params[0] + params[1]
        F.binary_cross_entropy_with_logits(z, tensor((y + 1) / 2)).backward()
        optimizer.step()
    check.same("parameters", {"w": w, "b": b}, dict(zip("wb", params, strict=True)))


def test_groups_are_never_split():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 20, 90)
    X = np.exp(group[:, None] + rng.uniform(0, 0.5, (90, 1)))
    for _, seen, _, tested in page(SPAM).folds(X, group, seed=2, group=group):
        assert not set(seen) & set(tested) and len(seen) + len(tested) == 90


@given(seeds, st.integers(5, 30), sizes)
@many
def test_three_answers(seed, B, D):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(B, D)), rng.choice([-1, 1], B)
    W, b = page(PERCEPTRON).three_answers(X, y, 3, seed)
    assert W.shape == (3, D) and b.shape == (3,)
    every, bias = page(PERCEPTRON).learn(X, y, 3, np.random.default_rng(seed))
    right = [(y * (X @ w + c) > 0).mean() for w, c in zip(every, bias, strict=True)]
    scores = page(PERCEPTRON).accuracy(X, y, W, b)
    check.same("last, pocket", scores[:2], np.array([right[-1], max(right)]))
    check.same("average", W[2], every.mean(0))


@given(seeds, st.integers(4, 30), st.integers(1, 4), st.floats(0.2, 1))
@settings(max_examples=10, deadline=None)
def test_always_worst_encloses_the_widest_margin(seed, B, D, gap):
    X, y, separator = separable(seed, B, D, gap)
    S = page(PERCEPTRON).signed(X, y)
    v = page(PERCEPTRON).always_worst(S, steps=2000)
    reached, limit = page(PERCEPTRON).margin(S, v), np.linalg.norm(v)
    assert reached <= limit + 1e-12
    assert page(PERCEPTRON).margin(S, separator) <= limit + 1e-12


def test_a_centered_push_leaves_the_widest_margin_known():
    X, y, _ = separable(3, 40, 2, 0.5)
    X, v = page(PERCEPTRON).center(X, y)
    u = v[:-1] / np.linalg.norm(v[:-1])
    for gamma in (0.1, 0.01):
        S = page(PERCEPTRON).signed(page(PERCEPTRON).push(X, y, u, gamma), y)
        check.same("margin along u", page(PERCEPTRON).margin(S, np.append(u, 0)), gamma)
        limit = np.linalg.norm(page(PERCEPTRON).always_worst(S, steps=100_000))
        assert gamma - 1e-12 <= limit < 1.1 * gamma + 1e-3


@given(seeds, st.integers(6, 60))
@many
def test_mixed_keeps_the_counts_of_moved(seed, B):
    rng = np.random.default_rng(seed)
    y, ours = rng.choice([-1, 1], B), rng.random(B) < 0.5
    train = page(SPAM).moved(y, ours, seed)
    assert (train[y < 0] == ours[y < 0]).all()
    mixed = page(SPAM).mixed(y, train, seed)
    for label in (-1, 1):
        assert mixed[y == label].sum() == train[y == label].sum()


# ---- chapter 03 ----

FEEDFORWARD = "03_feedforward/feedforward_numpy"
TRAINING = "03_feedforward/training_numpy"
REGULARIZATION = "03_feedforward/regularization_numpy"
TABULAR = "03_feedforward/tabular_numpy"
DIAGNOSIS = "03_feedforward/diagnosis_numpy"


def gradient_check(forward, backward, x, params, rng):
    """Check a layer's backward pass: the loss is its output weighted by a random array."""
    y, cache = forward(x, params)
    dy = rng.normal(size=y.shape)
    dx, grads = backward(dy, cache)

    def loss(x, **params):
        return np.sum(forward(x, params)[0] * dy)

    check.gradients(loss, {"x": x} | params, {"x": dx} | grads)


@given(seeds, sizes, sizes, sizes)
@many
def test_linear_backward(seed, B, D, K):
    rng = np.random.default_rng(seed)
    params = {"W": rng.normal(size=(D, K)), "b": rng.normal(size=K)}
    ff = page(FEEDFORWARD)
    gradient_check(ff.linear, ff.linear_backward, rng.normal(size=(B, D)), params, rng)


@given(seeds, sizes, sizes)
@many
def test_relu_backward(seed, B, D):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(B, D))
    x += 0.01 * np.sign(x)  # away from the kink, where there is no slope to compare with
    ff = page(FEEDFORWARD)
    a, cache = ff.relu(x)
    da = rng.normal(size=a.shape)
    dx = ff.relu_backward(da, cache)
    check.gradients(lambda x: np.sum(ff.relu(x)[0] * da), {"x": x}, {"x": dx})


@given(seeds, sizes, st.integers(2, 7), st.sampled_from([1.0, 30.0]))
@many
def test_softmax_cross_entropy(seed, B, K, scale):
    rng = np.random.default_rng(seed)
    logits, y = scale * rng.normal(size=(B, K)), rng.integers(0, K, B)
    ff = page(FEEDFORWARD)
    loss, cache = ff.softmax_cross_entropy(logits, y)
    z = tensor(logits).requires_grad_()
    expected = F.cross_entropy(z, torch.tensor(y))
    expected.backward()
    check.same("loss", loss, expected)
    check.same("dlogits", ff.softmax_cross_entropy_backward(cache), z.grad)


def torch_mlp(x, y, params):
    """Loss and gradients of the same network by autograd."""
    leaves = {name: tensor(p).requires_grad_() for name, p in params.items()}
    a, depth = tensor(x), len(params) // 2
    for i in range(1, depth + 1):
        z = F.linear(a, leaves[f"layer{i}.W"].T, leaves[f"layer{i}.b"])
        a = torch.relu(z)
    loss = F.cross_entropy(z, torch.tensor(y))
    loss.backward()
    return loss, {name: leaf.grad for name, leaf in leaves.items()}


@given(seeds, sizes, st.lists(st.integers(2, 7), min_size=2, max_size=5))
@many
def test_network_gradients_are_autograds(seed, B, widths):
    rng = np.random.default_rng(seed)
    ff = page(FEEDFORWARD)
    params = ff.init_mlp(widths, rng, np.float64)
    params = {name: p + 0.1 * rng.normal(size=p.shape) for name, p in params.items()}
    x, y = rng.normal(size=(B, widths[0])), rng.integers(0, widths[-1], B)
    loss, grads = ff.mlp_loss(x, y, params)
    expected, their_grads = torch_mlp(x, y, params)
    check.same("loss", loss, expected)
    check.same("gradients", grads, their_grads)
    logits, cache = ff.mlp(x, params)
    dlogits = rng.normal(size=logits.shape)
    dx, _ = ff.mlp_backward(dlogits, cache)
    z = tensor(x).requires_grad_()
    a = z
    for i in range(1, len(widths)):
        a = F.linear(a, tensor(params[f"layer{i}.W"]).T, tensor(params[f"layer{i}.b"]))
        a = torch.relu(a) if i < len(widths) - 1 else a
    (a * tensor(dlogits)).sum().backward()
    check.same("dx", dx, z.grad)


def test_training_stays_in_float32():
    ff, rng = page(FEEDFORWARD), np.random.default_rng(0)
    params = ff.init_mlp([5, 4, 3], rng)
    x, y = rng.normal(size=(8, 5)).astype(np.float32), rng.integers(0, 3, 8)
    state = {}
    for _ in range(3):
        loss, grads = ff.mlp_loss(x, y, params)
        page(TRAINING).adam(params, grads, state)
        ff.sgd(params, grads, {}, momentum=0.9)
    kept = [*params.values(), *grads.values(), *state["layer1.W"], ff.mlp(x, params)[0]]
    assert {array.dtype for array in kept} == {np.dtype(np.float32)}


OPTIMIZERS = {
    "sgd": (FEEDFORWARD, {"learning_rate": 0.1}, torch.optim.SGD, {"lr": 0.1}),
    "momentum": (
        FEEDFORWARD,
        {"learning_rate": 0.1, "momentum": 0.9},
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9},
    ),
    "adam": (TRAINING, {"learning_rate": 0.01}, torch.optim.Adam, {"lr": 0.01}),
    "adamw": (
        TRAINING,
        {"learning_rate": 0.01, "weight_decay": 0.3},
        torch.optim.AdamW,
        {"lr": 0.01, "weight_decay": 0.3},
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_is_pytorchs(name):
    notebook, options, theirs, their_options = OPTIMIZERS[name]
    update = getattr(page(notebook), "adam" if "adam" in name else "sgd")
    rng = np.random.default_rng(0)
    params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
    leaves = {k: tensor(p.copy()).requires_grad_() for k, p in params.items()}
    optimizer, state = theirs(leaves.values(), **their_options), {}
    for _ in range(25):
        grads = {k: rng.normal(size=p.shape) for k, p in params.items()}
        update(params, grads, state, **options)
        for k, leaf in leaves.items():
            leaf.grad = tensor(grads[k])
        optimizer.step()
    check.same("parameters", params, leaves, tol=1e-10)


@given(seeds, sizes, sizes, st.floats(0, 0.9))
@many
def test_dropout(seed, B, D, rate):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(B, D))
    reg = page(REGULARIZATION)
    y, mask = reg.dropout(x, rate, rng)
    check.same("values", np.unique(np.append(mask, 0)), np.unique([0, *mask.ravel()]), tol=0)
    assert set(np.unique(mask.round(9))) <= {0.0, round(1 / (1 - rate), 9)}
    dy = rng.normal(size=y.shape)
    dx = reg.dropout_backward(dy, mask)
    check.gradients(lambda x: np.sum(x * mask * dy), {"x": x}, {"x": dx})


def test_dropout_keeps_the_mean():
    rng = np.random.default_rng(0)
    y, _ = page(REGULARIZATION).dropout(np.ones((400, 500)), 0.3, rng)
    assert abs(y.mean() - 1) < 0.01 and abs((y == 0).mean() - 0.3) < 0.01


HEADS = {
    "poisson": lambda z, y: F.poisson_nll_loss(z, y, log_input=True),
    "squared": lambda z, y: F.mse_loss(z, y) / 2,
    "log_loss": F.binary_cross_entropy_with_logits,
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("B", [1, 7])
def test_losses_of_the_tables(name, B):
    rng = np.random.default_rng(B)
    z, y = 5 * rng.normal(size=B), rng.integers(0, 2, B).astype(float)
    loss, dz = getattr(page(DIAGNOSIS if name == "log_loss" else TABULAR), name)(z, y)
    leaf = tensor(z).requires_grad_()
    expected = HEADS[name](leaf, tensor(y))
    expected.backward()
    check.same(name, loss, expected, tol=1e-10)
    check.same("dz", dz, leaf.grad, tol=1e-10)


def test_roc_is_right_without_ties():
    score, y = np.array([0.9, 0.8, 0.7, 0.4, 0.1]), np.array([1, 0, 1, 1, 0])
    false, true = page(DIAGNOSIS).roc(score, y)
    check.same("false alarms", false, [0, 0, 0.5, 0.5, 0.5, 1])
    check.same("true alarms", true, [0, 1 / 3, 1 / 3, 2 / 3, 1, 1])


@given(seeds, st.integers(2, 30), st.integers(1, 5))
@many
def test_roc_area_is_the_share_of_pairs_with_ties(seed, B, levels):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.append([0, 1], rng.integers(0, 2, B - 2)))
    score = rng.integers(0, levels, B).astype(float)
    area, won = page(DIAGNOSIS).areas(score, y)
    check.same("area", area, won)
    shuffled = rng.permutation(B)
    again, _ = page(DIAGNOSIS).areas(score[shuffled], y[shuffled])
    check.same("the order of the rows does not matter", again, area)


@given(seeds, st.integers(1, 60), st.integers(1, 100))
@many
def test_threshold_catches_what_is_asked_and_is_the_highest(seed, B, percent):
    score = np.random.default_rng(seed).permutation(B).astype(float)
    threshold = page(DIAGNOSIS).choose_threshold(score, np.ones(B), percent / 100)
    assert 100 * np.sum(score >= threshold) >= percent * B
    assert 100 * np.sum(score > threshold) < percent * B or threshold == score.max()
