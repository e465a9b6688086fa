"""A small homework for the tests: two exercises and one written answer, with NumPy alone."""

import copy
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbformat.v4.rwbase import split_lines

from nbhelpers.homework import source

TITLE = """\
(sec-example-homework)=
# Homework: a softmax and a linear layer

You build two functions and explain one of them, in about an hour.
Hand in: save, restart the kernel and run all, upload the notebook."""

SOFTMAX = '''\
def softmax(z):
    """Probabilities of the classes, one example per row."""
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)      # (B, K)
    ### END SOLUTION'''

TEST_SOFTMAX = """\
# Test softmax (2 points): rows are probabilities, at any size of z
p = softmax(np.array([[0.0, np.log(3.0)]]))
assert p.shape == (1, 2), "softmax keeps the shape of z"
assert np.allclose(p, [[0.25, 0.75]]), "softmax of [0, ln 3] is [1/4, 3/4]"
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(0)
z = rng.normal(size=(3, 4))
before = z.copy()
assert np.allclose(softmax(z).sum(1), 1), "each row sums to 1: check the axis"
assert np.array_equal(z, before), "softmax changes its input"
assert np.isfinite(softmax(z * 1e4)).all(), "softmax overflows: subtract the largest score"
### END HIDDEN TESTS"""

BACKWARD = '''\
def linear_backward(dz, x, W):
    """Gradients of the loss with respect to x, W and b."""
    ### BEGIN SOLUTION
    return dz @ W.T, x.T @ dz, dz.sum(0)    # (B, D), (D, K), (K,)
    ### END SOLUTION'''

TEST_BACKWARD = """\
# Test linear-backward (3 points): the three gradients
rng = np.random.default_rng(1)
x, W, dz = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
dx, dW, db = linear_backward(dz, x, W)
assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, (2,)), "a gradient has another shape"
assert np.allclose(dx, dz @ W.T), "dx is dz @ W.T"
### BEGIN HIDDEN TESTS
step = 1e-6 * np.eye(2)[0]
loss = lambda b: ((x @ W + b) * dz).sum()
assert np.isclose(db[0], (loss(step) - loss(-step)) / 2e-6), "db is wrong: sum over the batch"
assert np.allclose(dW, np.einsum("bd,bk->dk", x, dz)), "dW is wrong: x transposed times dz"
### END HIDDEN TESTS"""

WHY = """\
The largest score is subtracted so that no exponential overflows; the factor cancels.

Rubric: 1 point for the overflow, 1 point for the factor that cancels."""


def needs_sandbox(whole_module: bool = False) -> None:
    """Skip where bubblewrap is not installed, except in continuous integration."""
    if shutil.which("bwrap") is None and not os.environ.get("CI"):
        pytest.skip("bubblewrap is not installed", allow_module_level=whole_module)


def mark(grade_id: str, points: float | None = None, *, grade=False, solution=False) -> dict:
    """The metadata of one cell, as nbgrader writes it."""
    mine = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution}
    mine |= {"locked": not solution, "task": False}
    if points is not None:
        mine["points"] = points
    tags = {"tags": ["exercise"]} if solution and not grade else {}
    return {"nbgrader": mine} | tags


def notebook() -> NotebookNode:
    """The solved source, 7 points in all."""
    text, code = new_markdown_cell, new_code_cell
    cells = [
        text(TITLE, id="title"),
        code("import numpy as np", id="set-up", metadata=mark("set-up")),
        text("## Softmax\n\nWrite `softmax`.", id="about-softmax"),
        code(SOFTMAX, id="softmax", metadata=mark("softmax", solution=True)),
        code(TEST_SOFTMAX, id="test-softmax", metadata=mark("test-softmax", 2, grade=True)),
        text("## Backward\n\nWrite `linear_backward`.", id="about-linear-backward"),
        code(BACKWARD, id="linear-backward", metadata=mark("linear-backward", solution=True)),
        code(
            TEST_BACKWARD,
            id="test-linear-backward",
            metadata=mark("test-linear-backward", 3, grade=True),
        ),
        text("## Why the largest\n\nWhy do we subtract it?", id="about-why-max"),
        text(WHY, id="why-max", metadata=mark("why-max", 2, grade=True, solution=True)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    result = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    result.nbformat_minor = 5
    return result


def example(tmp_path: Path) -> source.Homework:
    """Write the homework to ``tmp_path/03_example/example_homework.ipynb`` and read it."""
    path = tmp_path / "03_example" / "example_homework.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(), path)
    return source.read(path)


def cell(nb: NotebookNode, name: str) -> NotebookNode:
    """The cell with this grade_id or, where it has none, this id."""
    return next(c for c in nb.cells if source.meta(c).get("grade_id", c.get("id")) == name)


def submission(homework: source.Homework, **answers: str) -> NotebookNode:
    """A student's notebook: the release with the right answers, or those given.

    The keywords are grade ids with ``_`` for ``-``: ``submission(hw, linear_backward="pass")``.
    """
    given = {name.replace("_", "-"): answer for name, answer in answers.items()}
    nb = source.release(homework.notebook)
    for theirs, ours in zip(nb.cells, homework.notebook.cells, strict=True):
        name = source.meta(ours).get("grade_id")
        if source.meta(ours).get("solution"):
            lines = [line for line in ours.source.splitlines() if "### " not in line]
            theirs.source = given.pop(name, "\n".join(lines))
    assert not given, f"the homework has no {', '.join(given)}"
    run(nb)
    return nb


def run(nb: NotebookNode) -> None:
    """Give the code cells the counts and outputs of a run, without one."""
    for count, one in enumerate((c for c in nb.cells if c.cell_type == "code"), 1):
        one.execution_count = count
        one.outputs = [new_output("stream", name="stdout", text=f"ran {count}\n")]


def data(nb: NotebookNode) -> bytes:
    """The bytes of a submitted notebook, as editors write it; nothing is mended on the way."""
    return json.dumps(split_lines(copy.deepcopy(nb)), indent=1).encode()
