"""The training loop does what chapter text says: exact losses, no surprises."""

import pytest
import torch

from nbhelpers import train


@pytest.fixture
def problem():
    torch.manual_seed(0)
    x = torch.randn(10, 3, dtype=torch.float64)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)
    model = torch.nn.Linear(3, 1, dtype=torch.float64)
    return model, x, y, torch.optim.SGD(model.parameters(), lr=0.1)


def test_history_is_the_mean_loss_over_examples(problem):
    model, x, y, _ = problem
    frozen = torch.optim.SGD(model.parameters(), lr=0.0)
    expected = torch.nn.functional.mse_loss(model(x), y).item()
    batches = [(x[:7], y[:7]), (x[7:], y[7:])]  # uneven on purpose
    (history,) = train.fit(model, torch.nn.functional.mse_loss, batches, frozen)
    assert history == pytest.approx(expected, rel=1e-12)


def test_it_learns_and_calls_back(problem):
    model, x, y, optimizer = problem
    seen = []
    history = train.fit(
        model, torch.nn.functional.mse_loss, [(x, y)], optimizer, epochs=200,
        after_epoch=seen.append,
    )  # fmt: skip
    assert seen == list(range(1, 201))
    assert history[-1] < 1e-4 < history[0]
    assert model.weight.detach().flatten().tolist() == pytest.approx([1, -2, 0.5], abs=0.05)


def test_first_step_is_gradient_descent(problem):
    model, x, y, optimizer = problem
    loss = torch.nn.functional.mse_loss(model(x), y)
    (grad,) = torch.autograd.grad(loss, model.weight)
    expected = model.weight.detach() - 0.1 * grad
    train.fit(model, torch.nn.functional.mse_loss, [(x, y)], optimizer)
    assert torch.allclose(model.weight, expected, rtol=0, atol=1e-14)


def test_evaluation_mode_does_not_leak_into_training(problem):
    model, x, y, optimizer = problem
    modes = []
    net = torch.nn.Sequential(model, torch.nn.Dropout(0.0))
    net[1].register_forward_hook(lambda module, *_: modes.append(module.training))
    train.fit(
        net, torch.nn.functional.mse_loss, [(x, y)], optimizer, epochs=2,
        after_epoch=lambda epoch: net.eval(),
    )  # fmt: skip
    assert modes == [True, True]


def test_faults_are_named(problem, monkeypatch):
    model, x, y, optimizer = problem
    with pytest.raises(ValueError, match="No batch in epoch 2: pass a DataLoader"):
        train.fit(model, torch.nn.functional.mse_loss, iter([(x, y)]), optimizer, epochs=2)
    with pytest.raises(FloatingPointError, match="lower the rate"):
        train.fit(model, lambda a, b: (a - b).sum() * float("inf"), [(x, y)], optimizer)


def test_cap(problem, monkeypatch):
    model, x, y, optimizer = problem
    monkeypatch.setenv("NBHELPERS_MAX_STEPS", "1")
    calls = []

    def loss_fn(a, b):
        calls.append(1)
        return torch.nn.functional.mse_loss(a, b)

    assert len(train.fit(model, loss_fn, [(x, y)] * 5, optimizer, epochs=9)) == 1
    assert len(calls) == 1
