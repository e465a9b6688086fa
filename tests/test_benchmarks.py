"""The benchmark: both sides take the same step, a round runs, and the stored figures are whole."""

import json
import sys

import numpy as np
import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import run as bench
from cases import CASES

import benchmarks as page

FIELDS = {
    "case": str, "chapter": str, "threads": int, "clock": str, "rounds": int, "numpy_ms": float,
    "torch_ms": float, "ratio": float, "ratio_low": float, "ratio_high": float,
    "peak_gflops": float, "numpy_share_of_peak": float,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_both_sides_take_the_same_step(name):
    made = CASES[name]()
    made.numpy()
    made.torch()
    ours, reference = made.state()
    assert ours.keys() == reference.keys()
    for key in reference:
        assert ours[key].dtype == np.float32, f"{key} left float32"
        error = np.abs(ours[key] - reference[key]) / (1 + np.abs(reference[key]))
        assert error.max() <= 1e-5, key


def check_content(content):
    assert content["machine"].keys() == bench.machine().keys()
    assert all(content["machine"].values())
    for row in content["results"]:
        assert {key: type(value) for key, value in row.items()} == FIELDS
        assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]
        assert row["numpy_ms"] > 0 and row["torch_ms"] > 0 and 0 < row["numpy_share_of_peak"]


def test_one_round_runs():
    content = bench.time_cases(threads=1, rounds=1, block=0.0)
    check_content(content)
    assert [row["case"] for row in content["results"]] == list(CASES)
    assert len(bench.report(content).splitlines()) == len(content["machine"]) + len(CASES)


def test_sides_take_turns():
    calls = []
    sides = {name: lambda name=name: calls.append(name) for name in "ab"}
    taken = bench.measure(sides, rounds=2, threads=1, block=0.0)
    assert {name: len(times) for name, times in taken.items()} == {"a": 2, "b": 2}
    turns = [calls[-i * bench.BLOCKS] for i in (4, 3, 2, 1)]
    assert turns == ["a", "b", "b", "a"]


def test_a_busy_machine_is_noticed():
    rows = [{"threads": 1, "peak_gflops": 100.0}, {"threads": 2, "peak_gflops": 110.0}]
    assert bench.busy({"results": rows}) and not bench.busy({"results": rows[:1]})
    assert not bench.busy({"results": [rows[0], {"threads": 2, "peak_gflops": 190.0}]})


def test_stored_results_are_whole_and_current():
    content = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    check_content(content)
    found = [(row["case"], row["threads"]) for row in content["results"]]
    counts = sorted({threads for _, threads in found})
    assert counts in ([1], [1, 2]), "make benchmark"  # [1] where the machine was busy
    assert found == [(name, threads) for threads in counts for name in CASES], "make benchmark"
    assert min(row["rounds"] for row in content["results"]) >= 7
    assert not bench.busy(content)
    lines = page.table(content)
    assert len(lines) == 4 + len(found) and lines[2].count("|") == lines[-1].count("|")
