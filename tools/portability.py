"""Run every notebook under other matrix kernels and thread counts: stored outputs must hold.

    python tools/portability.py

A processor's own kernels round differently.  OpenBLAS (NumPy) and PyTorch can be told to use those
of older processors, so one machine stands in for several.  Kernels that this processor cannot run
are named and left out.
"""

import itertools
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
KERNELS = {  # OpenBLAS kernel: (PyTorch's counterpart, flag the processor must have)
    "Prescott": ("default", "pni"),
    "Haswell": ("avx2", "avx2"),
    "SkylakeX": ("avx512", "avx512f"),
}


def flags() -> set[str]:
    """The instruction sets of this processor, as Linux names them; empty where unknown."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    return set(text.partition("flags")[2].partition(":")[2].partition("\n")[0].split())


def main() -> int:
    here, failed = flags(), []
    for (kernel, (capability, needed)), threads in itertools.product(KERNELS.items(), "12"):
        label = f"OpenBLAS {kernel}, PyTorch {capability}, {threads} thread(s)"
        if needed not in here:
            print(f"left out, this processor lacks {needed}: {label}", flush=True)
            continue
        print(f"=== {label}", flush=True)
        settings = {
            "OPENBLAS_CORETYPE": kernel,
            "ATEN_CPU_CAPABILITY": capability,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "WORKERS": "1" if threads == "2" else "2",  # never more threads than two cores have
        }
        command = ["make", "test-notebooks"]
        if subprocess.run(command, cwd=ROOT, env=os.environ | settings).returncode:
            failed.append(label)
    print("\n".join(["Failed under:", *failed] if failed else ["The notebooks hold everywhere."]))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
