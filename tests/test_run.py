"""Sizes, seeds, devices: the environment variables do what the book says."""

import time

import pytest

from nbhelpers import run

QUICK, FULL = {"steps": 20, "width": 8}, {"steps": 500, "width": 64}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("NBHELPERS_SIZE", "NBHELPERS_MAX_STEPS", "NBHELPERS_DEVICE"):
        monkeypatch.delenv(name, raising=False)


def test_rng_repeats():
    assert run.rng(3).normal(size=4).tolist() == run.rng(3).normal(size=4).tolist()
    assert run.rng(3).normal() != run.rng(4).normal()


def test_sizes_follow_the_device_and_the_variable(monkeypatch):
    monkeypatch.setenv("NBHELPERS_DEVICE", "cpu")
    assert vars(run.sizes(QUICK, FULL)) == QUICK
    monkeypatch.setenv("NBHELPERS_SIZE", "full")
    assert vars(run.sizes(QUICK, FULL)) == FULL
    monkeypatch.setenv("NBHELPERS_MAX_STEPS", "1")
    assert vars(run.sizes(QUICK, FULL)) == {"steps": 1, "width": 64}


def test_sizes_refuse(monkeypatch):
    with pytest.raises(ValueError, match="only one of quick and full has 'width'"):
        run.sizes({"steps": 1}, FULL)
    monkeypatch.setenv("NBHELPERS_SIZE", "huge")
    with pytest.raises(ValueError, match="set it to 'quick' or 'full'"):
        run.sizes(QUICK, FULL)


@pytest.mark.parametrize("cap", ["0", "-1", "many", "1.5"])
def test_cap_refuses(monkeypatch, cap):
    monkeypatch.setenv("NBHELPERS_MAX_STEPS", cap)
    with pytest.raises(ValueError, match="whole number"):
        run.max_steps()


def test_device(monkeypatch):
    monkeypatch.setenv("NBHELPERS_DEVICE", "cpu")
    assert run.device().type == "cpu"
    monkeypatch.setenv("NBHELPERS_DEVICE", "abacus")
    with pytest.raises(ValueError, match="this machine has: .*cpu"):
        run.device()


def test_timed():
    with run.timed() as clock:
        time.sleep(0.02)
    assert 0.02 <= clock.seconds < 5
    with pytest.raises(RuntimeError), run.timed() as clock:
        raise RuntimeError
    assert clock.seconds >= 0
