"""Run a notebook top to bottom in a fresh kernel and save it as it is committed.

    python tools/run_notebook.py book/01_neuron/neuron_numpy.ipynb [more notebooks]

Committed notebooks hold the outputs of one clean run and nothing that changes from run to run or
from machine to machine: no time stamps, no widget state, no editor's metadata.
"""

import os
import sys
import time
from pathlib import Path

import nbformat

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # read when the kernel imports NumPy

from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError  # noqa: E402

KEPT = {"tags", "mystnb", "nbgrader"}
WIDGET = "application/vnd.jupyter.widget-view+json"


def clean(nb: nbformat.NotebookNode) -> None:
    """Remove, in place, everything a committed notebook must not hold."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})
    nb.nbformat, nb.nbformat_minor = 4, 5
    homework = any("nbgrader" in cell.metadata for cell in nb.cells)  # its ids find answers again
    for number, cell in enumerate(nb.cells):
        cell.id = cell.id if homework else f"cell-{number:03d}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            if "data" in output:
                output.data.pop(WIDGET, None)
                output.metadata = nbformat.from_dict({})


def run(path: Path) -> None:
    """Execute ``path`` and save it; on an error the file is left as it was."""
    nb = nbformat.read(path, as_version=4)
    clean(nb)
    started = time.perf_counter()
    resources = {"metadata": {"path": str(path.parent)}}
    options = {"timeout": 600, "record_timing": False, "coalesce_streams": True}
    NotebookClient(nb, resources=resources, store_widget_state=False, **options).execute()
    clean(nb)
    part = path.with_suffix(".ipynb.part")
    nbformat.write(nb, part)
    part.replace(path)
    size = path.stat().st_size / 1000
    print(f"{path}: ran in {time.perf_counter() - started:.1f} s, saved, {size:.0f} kB")


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("Name the notebook to run: make run NB=book/01_neuron/neuron_numpy.ipynb")
    for name in sys.argv[1:]:
        if not Path(name).is_file():
            sys.exit(f"There is no notebook {name}: name a file under book/.")
        try:
            run(Path(name))
        except CellExecutionError as error:
            sys.exit(f"{name} was left as it was, because a cell failed:\n{error}")
