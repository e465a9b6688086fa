"""Time the book's NumPy training steps against PyTorch's: ``make benchmark``.

Each thread count gets a process of its own, because the libraries read it when they are imported.
In a process the two sides take turns, A B then B A, for several rounds.  In a round each side runs
several short blocks, of which the fastest counts; a round gives one ratio, and the table shows the
median and the range.  The clock is the process's CPU time on one thread and the wall clock on more.
Close other programs first: on two threads a busy machine makes the figures meaningless, and the
command says so.

    python benchmarks/run.py                  one thread and two, results.json
    python benchmarks/run.py --threads 1 --rounds 3 --only Adam
"""

import argparse
import ctypes
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
BLOCK = 0.02  # seconds of a block of calls
BLOCKS = 8  # blocks of a side in each round, of which the fastest counts
PAUSE = 0.03  # seconds for the other side's threads to go to sleep


def repeat(step: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    """Seconds per call, over ``count`` calls."""
    begun = clock()
    for _ in range(count):
        step()
    return (clock() - begun) / count


def measure(sides: dict[str, Callable], rounds: int, threads: int, block: float = BLOCK) -> dict:
    """Seconds per call of each side, a list with one entry per round, taken in turns."""
    clock = time.process_time if threads == 1 else time.perf_counter
    counts = {}
    for name, step in sides.items():
        repeat(step, 3, time.perf_counter)  # warm up
        counts[name] = max(1, int(block / max(repeat(step, 3, time.perf_counter), 1e-7)))
    taken = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides)[:: -1 if number % 2 else 1]:
            if threads > 1:
                time.sleep(PAUSE)
            blocks = [repeat(sides[name], counts[name], clock) for _ in range(BLOCKS)]
            taken[name].append(min(blocks))
    return taken


def kernel() -> str:
    """The processor kernel that NumPy's OpenBLAS chose at run time, where it can be asked."""
    import numpy as np

    package = Path(np.__file__).parent
    for path in [
        *package.parent.glob("numpy.libs/*openblas*"),
        *package.glob(".dylibs/*openblas*"),
    ]:
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(library, name):
                ask = getattr(library, name)
                ask.restype = ctypes.c_char_p
                return ask().decode()
    return "unknown"


def processor() -> str:
    """The processor's name."""
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def machine() -> dict:
    """What the figures depend on, beside the code."""
    import numpy as np
    import torch

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "blas": f"{blas['name']} {blas['version']}",
        "blas kernel": kernel(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def time_cases(threads: int, rounds: int, only: str = "", block: float = BLOCK) -> dict:
    """Time the registered cases in this process; returns the content of ``results.json``."""
    import numpy as np
    import torch
    from cases import CASES

    torch.set_num_threads(threads)
    a = np.ones((1024, 1024), np.float32)
    results = []
    for name, make in CASES.items():
        if only not in name:
            continue
        made = make()
        sides = {"numpy": made.numpy, "torch": made.torch, "product": lambda: a @ a}
        taken = measure(sides, rounds, threads, block)
        ratios = [n / t for n, t in zip(taken["numpy"], taken["torch"], strict=True)]
        peak = 2 * 1024**3 / min(taken["product"])
        results.append(
            {
                "case": name,
                "chapter": made.chapter,
                "threads": threads,
                "clock": "cpu" if threads == 1 else "wall",
                "rounds": rounds,
                "numpy_ms": round(1e3 * median(taken["numpy"]), 4),
                "torch_ms": round(1e3 * median(taken["torch"]), 4),
                "ratio": round(median(ratios), 3),
                "ratio_low": round(min(ratios), 3),
                "ratio_high": round(max(ratios), 3),
                "peak_gflops": round(peak / 1e9, 1),
                "numpy_share_of_peak": round(made.flops / median(taken["numpy"]) / peak, 3),
            }
        )
    return {"machine": machine(), "results": results}


def in_process(threads: int, rounds: int, only: str) -> dict:
    """The same in a process with this many threads and the kernel that OpenBLAS itself chooses."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    command = [sys.executable, __file__, "--child", "--threads", str(threads)]
    command += ["--rounds", str(rounds), "--only", only]
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(answer.stdout)


def busy(content: dict) -> bool:
    """Whether two threads multiplied matrices no faster than one: other programs were running."""
    peak = {
        threads: median(r["peak_gflops"] for r in content["results"] if r["threads"] == threads)
        for threads in {r["threads"] for r in content["results"]}
    }
    return max(peak) > 1 and min(peak) == 1 and peak[max(peak)] < 1.3 * peak[1]


def report(content: dict) -> str:
    """The figures as a text table."""
    lines = [f"{key}: {value}" for key, value in content["machine"].items()]
    for row in content["results"]:
        lines.append(
            f"{row['threads']} thread(s)  {row['case']}: NumPy {row['numpy_ms']:.2f} ms, PyTorch "
            f"{row['torch_ms']:.2f} ms, ratio {row['ratio']:.2f} ({row['ratio_low']:.2f} to "
            f"{row['ratio_high']:.2f}), {row['numpy_share_of_peak']:.0%} of "
            f"{row['peak_gflops']:.0f} GF/s"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="time the cases whose name contains this")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(time_cases(options.threads[0], options.rounds, options.only)))
        return
    parts = [in_process(threads, options.rounds, options.only) for threads in options.threads]
    content = {"machine": parts[0]["machine"], "results": [r for p in parts for r in p["results"]]}
    print(report(content))
    if busy(content):
        content["results"] = [row for row in content["results"] if row["threads"] == 1]
        print(
            "The machine was busy: left out more than one thread.  Close other programs, try again."
        )
    if not options.only:
        RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(f"Written to {RESULTS}")


if __name__ == "__main__":
    main()
