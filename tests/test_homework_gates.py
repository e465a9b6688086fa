"""A gate is worth what it refuses: each is seen to fail on a fault planted into the example."""

from unittest import mock

import pytest
from homework_support import SOFTMAX, cell, mark
from nbformat.v4 import new_code_cell
from test_homework_answers import answer, answered

from nbhelpers.homework import gates
from nbhelpers.homework.form import lint, names
from nbhelpers.homework.source import Homework

BEGIN = "    ### BEGIN SOLUTION\n"
EXPERIMENT = """\
### BEGIN SOLUTION
scores = np.arange(3.0)
winner = int(np.argmax(scores))
### END SOLUTION"""

TEST_EXPERIMENT = """\
# Test winner (1 point): which is largest
assert winner == 2, "the winner is the index of the largest score"
### BEGIN HIDDEN TESTS
assert isinstance(winner, int), "the winner is one whole number"
### END HIDDEN TESTS"""


def swap(name: str, old: str, new: str):
    """A fault: other text in a cell."""

    def plant(nb):
        assert old in cell(nb, name).source
        cell(nb, name).source = cell(nb, name).source.replace(old, new)

    return plant


def become(name: str, source: str):
    """A fault: another source."""
    return lambda nb: cell(nb, name).update(source=source)


def drop(name: str):
    """A fault: a cell is missing."""
    return lambda nb: nb.cells.remove(cell(nb, name))


def put(after: str, *cells):
    """A fault: more cells."""

    def plant(nb):
        at = nb.cells.index(cell(nb, after)) + 1
        nb.cells[at:at] = cells

    return plant


def flag(name: str, **values):
    """A fault: other metadata."""

    def plant(nb):
        nbgrader = cell(nb, name).metadata["nbgrader"]
        nbgrader.update({key: value for key, value in values.items() if value is not None})
        for key in [key for key, value in values.items() if value is None]:
            del nbgrader[key]

    return plant


def setup(source: str, name: str = "given"):
    return new_code_cell(source, id=name, metadata=mark(name))


def code(source: str, name: str = "try-it"):
    return new_code_cell(source, id=name)


def experiment(after: str = "test-linear-backward"):
    """Not a fault: an answer that is made of assignments."""
    made = new_code_cell(EXPERIMENT, id="winner", metadata=mark("winner", solution=True))
    graded = mark("test-winner", 1, grade=True)
    return put(after, made, new_code_cell(TEST_EXPERIMENT, id="test-winner", metadata=graded))


def faulty(tmp_path, *plants) -> Homework:
    """The example with faults."""
    homework = answered(tmp_path)
    for plant in plants:
        plant(homework.notebook)
    return Homework(homework.path, homework.notebook)


def gate(homework: Homework, name: str) -> gates.Finding:
    """What one gate finds."""
    with mock.patch.object(gates, "GATES", {name: gates.GATES[name]}):
        (finding,) = gates.check(homework)
    assert finding.message and "\n" not in finding.message
    return finding


def refuses(tmp_path, name: str, plant, words: str) -> None:
    """The gate fails, and says in one detail what is wrong."""
    finding = gate(faulty(tmp_path, plant), name)
    told = [finding.message, *finding.details]
    assert not finding.ok and [line for line in told if words in line], told


def test_the_example_passes_every_gate(tmp_path):
    told = []
    findings = gates.check(answered(tmp_path), progress=told.append)
    assert [f.gate for f in findings] == list(gates.GATES)
    assert all(f.ok for f in findings), findings
    assert {"form", "answers: softmax, overflow", "mutants: linear-backward"} <= set(told)
    details = [line for f in findings for line in f.details]
    assert details[0] == "GAP softmax: no docstring, prints"
    assert details[1] == "softmax: 9 killed, 0 explained"
    assert "mutants" not in {f.gate for f in gates.check(answered(tmp_path), mutants=False)}


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (swap("set-up", "import numpy as np", "import = 1"), "set-up: line 1 is not Python"),
        (lambda nb: nb.cells[0].update(id="Title"), "cell id 'Title' is not made of"),
        (lambda nb: nb.cells[0].update(id="softmax"), "cell id 'softmax' is given to 2"),
        (flag("set-up", grade_id="softmax"), "grade_id 'softmax' is given to 2 cells"),
        (flag("set-up", grade_id="set_up"), "grade_id 'set_up' is not made of"),
        (flag("set-up", grade_id=None), "set-up: the nbgrader metadata is that of no kind"),
        (flag("softmax", grade_id=None), "softmax: the nbgrader metadata is that of no kind"),
        (flag("set-up", locked=False), "set-up: the nbgrader metadata is that of no kind"),
        (flag("softmax", schema_version=2), "softmax: the nbgrader metadata is that of no"),
        (flag("softmax", task=True), "softmax: the nbgrader metadata is that of no kind"),
        (flag("softmax", locked=True), "softmax: the nbgrader metadata is that of no kind"),
        (flag("softmax", points=2), "softmax: points are for tests"),
        (flag("test-softmax", points=None), "test-softmax: points are for tests"),
        (flag("test-softmax", points=0), "test-softmax: points are for tests"),
        (flag("test-softmax", points=5), "test-softmax: it must begin '# Test <exercise> (5 po"),
        (lambda nb: cell(nb, "softmax").metadata.pop("tags"), "softmax: tag the answer"),
        (flag("test-softmax", grade_id="test-max"), "a test of softmax is called test-softmax"),
        (drop("test-softmax"), "softmax: no test follows"),
        (
            lambda nb: nb.cells.insert(1, nb.cells.pop(4)),
            "test-softmax: no answer stands above",
        ),
        (swap("test-softmax", "# Test softmax (2 points): rows", "# Rows"), "it must begin"),
        (swap("test-softmax", "(2 points)", "(3 points)"), "it must begin"),
        (swap("test-softmax", "### BEGIN", "print(p)\n### BEGIN"), "test-softmax: it prints"),
        (swap("test-softmax", "default_rng(0)", "default_rng()"), "default_rng is not seeded"),
        (
            swap("test-softmax", "rng.normal(size=(3, 4))", "np.random.rand(3, 4)"),
            "random.rand is not seeded",
        ),
        (
            swap("test-linear-backward", "rng = np.random.default_rng(1)", ""),
            "test-linear-backward: it draws from a generator of another cell",
        ),
        (
            swap("test-linear-backward", "dz @ W.T)", "softmax(dz) @ W.T)"),
            "test-linear-backward: it reads softmax, which another answer",
        ),
        (swap("softmax", "    ### END SOLUTION", ""), "softmax: its markers must be pairs"),
        (swap("softmax", "### END", "#### END"), "softmax: '#### END SOLUTION' is not exactly"),
        (swap("softmax", "BEGIN SOLUTION", "START"), "softmax: its markers must be pairs"),
        (swap("test-softmax", "### END HIDDEN TESTS", ""), "its markers must be pairs"),
        (
            swap("test-softmax", "### END HIDDEN TESTS", "### END HIDDEN TESTS "),
            "'### END HIDDEN TESTS' is not exactly a marker",
        ),
        (
            swap("test-softmax", "HIDDEN TESTS", "SOLUTION"),
            "test-softmax: its markers must be pairs of BEGIN and END HIDDEN TESTS",
        ),
        (
            swap("set-up", "np", "np\n### BEGIN SOLUTION\n### END SOLUTION"),
            "set-up: its markers must be pairs of BEGIN and END nowhere",
        ),
        (
            become("softmax", "def softmax(z):\n    '''A.'''"),
            "softmax: mark its solution",
        ),
        (
            swap("softmax", "    ### END SOLUTION", "    ### END SOLUTION\ndef g(): pass"),
            "softmax: an answer is one function",
        ),
        (swap("softmax", "def softmax", "import os\ndef softmax"), "an answer is one function"),
        (
            become("softmax", "### BEGIN SOLUTION\n1 + 1\n### END SOLUTION"),
            "softmax: the answer defines nothing",
        ),
        (
            swap("softmax", '    """Probabilities of the classes, one example per row."""\n', ""),
            "softmax: softmax has no docstring",
        ),
        (
            become("softmax", f"### BEGIN SOLUTION\n{SOFTMAX.replace(BEGIN, '')}"),
            "softmax: the signature and docstring of softmax stand inside",
        ),
        (swap("why-max", "Rubric:", "Points:"), "why-max: a written answer needs a line 'Rubric"),
        (drop("about-why-max"), "why-max: the question belongs into a text cell"),
    ],
)
def test_form_refuses(tmp_path, plant, words):
    refuses(tmp_path, "form", plant, words)


def test_form_accepts(tmp_path):
    shared = 'rubric = "**Rubric:** one point"'
    homework = faulty(
        tmp_path,
        experiment(),
        swap("why-max", "Rubric:", "**Rubric:**"),
        put("test-softmax", setup("def given_softmax(z):\n    return z"), code(shared)),
        swap("test-linear-backward", "dz @ W.T)", "dz @ W.T) or given_softmax(dz)"),
        swap("test-softmax", "(2 points): rows", "(2 points): the rows"),
    )
    assert list(lint(homework)) == []
    assert gate(homework, "form").message == "3 exercises, 3 tests, 8 points"


@pytest.mark.parametrize(
    ("source", "bound", "read"),
    [
        ("import numpy as np\nx = np.ones(3)", {"np", "x"}, set()),
        ("def f(a):\n    return g(a, h.b)", {"f"}, {"g", "h"}),
        ("class C(D):\n    k = e\n    def m(self): return k, C", {"C"}, {"D", "e", "k"}),
        ("y = [f(i) for i in x if i > t]", {"y"}, {"f", "x", "t"}),
        ("for i, j in z:\n    s += i", {"i", "j", "s"}, {"z"}),
        ("loss = lambda b: b @ W", {"loss"}, {"W"}),
        ("a, (b, *c) = d", {"a", "b", "c"}, {"d"}),
        ("with f() as g: h(g)", {"g"}, {"f", "h"}),
    ],
)
def test_names(source, bound, read):
    assert names(source) == (bound, read)


# Release


def keep(name: str):
    """A release that forgets to clear a cell."""
    return lambda made, nb: cell(made, name).update(source=cell(nb, name).source)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (keep("softmax"), "softmax: 'e = np.exp(z - z.max(1, keepdims=True))' is in the release."),
        (keep("softmax"), "'BEGIN SOLUTION' is in the release."),
        (keep("test-softmax"), "test-softmax: 'before = z.copy()' is in the release."),
        (keep("why-max"), "why-max: 'Rubric: 1 point for the overflow, 1 point for the factor"),
        (
            lambda made, nb: made.metadata.update(hint={"deep": ["see: before = z.copy()"]}),
            "test-softmax: 'before = z.copy()' is in the release.",
        ),
        (lambda made, nb: made.cells[1].update(execution_count=3), "set-up: 'an output' is in"),
        (lambda made, nb: made.cells[1].update(outputs=[{"text": "1"}]), "set-up: 'an output' is"),
    ],
)
def test_release_refuses(tmp_path, monkeypatch, change, words):
    def release(nb, release=gates.release):
        made = release(nb)
        change(made, nb)
        return made

    monkeypatch.setattr(gates, "release", release)
    refuses(tmp_path, "release", lambda nb: None, words)


def test_release_refuses_to_check_nothing(tmp_path):
    empty = swap("softmax", "e = np.exp(z - z.max(1, keepdims=True))", "return z")
    rest = swap("softmax", "return e / e.sum(1, keepdims=True)      # (B, K)", "")
    short = become("linear-backward", "### BEGIN SOLUTION\nf = 1\n### END SOLUTION")
    finding = gate(faulty(tmp_path, empty, rest, short), "release")
    assert "No answer has a line to hide, so that nothing is checked." in finding.details
    assert "softmax: each line of its solution is short or also open" in finding.details


def test_release_refuses_to_be_blind(tmp_path, monkeypatch):
    monkeypatch.setattr(gates, "_leaks", lambda *arguments: iter([]))
    finding = gate(answered(tmp_path), "release")
    assert not finding.ok
    for plant in ("an output", "BEGIN SOLUTION", "before = z.copy()"):
        assert f"The gate is blind: it misses {plant!r}, planted into a copy." in finding.details


def test_what_is_shown_anyway_is_no_secret(tmp_path):
    shown = setup("rng = np.random.default_rng(0)\nbefore = z = 1\nbefore = z.copy")
    assert gate(faulty(tmp_path, put("test-softmax", shown)), "release").ok


def test_a_gate_that_cannot_run_fails(tmp_path, monkeypatch):
    finding = gate(faulty(tmp_path, swap("softmax", "    ### END SOLUTION", "")), "release")
    assert not finding.ok and finding.message.startswith("The source's markers do not match")

    def broken(*arguments):
        raise KeyError("x")

    monkeypatch.setitem(gates.GATES, "stub", broken)
    finding = gate(answered(tmp_path), "stub")
    assert (finding.ok, finding.message) == (False, "This gate cannot run: KeyError('x')")


# Runs


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (
            become("test-softmax", "assert softmax"),
            "test-softmax: it passes on the untouched stub",
        ),
        (
            swap("test-softmax", "p = softmax(", "assert False\np = softmax("),
            "test-softmax: on the untouched stub it fails without saying why: AssertionError",
        ),
        (
            swap("test-softmax", "p = softmax(", "None[0]\np = softmax("),
            "test-softmax: on the untouched stub it fails without saying why: TypeError",
        ),
        (
            swap("test-softmax", "p = softmax(", "missing\np = softmax("),
            "test-softmax: it needs missing, which its answer does not define",
        ),
        (put("set-up", setup("softmax(np.ones((1, 2)))")), "given: it fails before anything is"),
        (put("test-softmax", setup("1 / 0")), "given: it fails before anything is answered: Zero"),
        (
            put("test-softmax", setup("softmax(np.ones((1, 2)))")),
            "given: it fails before anything is answered: NotImplementedError",
        ),
        (put("set-up", code("1 / 0")), "try-it: it fails before anything is answered: ZeroDiv"),
        (
            swap("linear-backward", "def linear", "assert False\ndef linear"),
            "linear-backward: it fails before anything is answered: AssertionError",
        ),
        (put("set-up", code("import os\nos._exit(0)")), "try-it ends the run: SystemExit"),
    ],
)
def test_stub_refuses(tmp_path, plant, words):
    refuses(tmp_path, "stub", plant, words)


def test_stub_accepts(tmp_path):
    homework = faulty(
        tmp_path,
        experiment(),
        put(
            "test-linear-backward",
            setup("def net(z):\n    return softmax(z)", "net"),
            code("q = net(np.ones((1, 2)))", "q"),
            code("print(q)", "print-q"),
            code("print('no answer needed')", "free"),
        ),
    )
    assert gate(homework, "stub") == gates.Finding(
        "stub", True, "all 3 tests fail on the untouched release"
    )


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (swap("softmax", "e / e", "e * e"), "test-softmax: it fails: AssertionError: softmax of"),
        (put("test-softmax", code("1 / 0")), "try-it: it fails: ZeroDivisionError"),
        (
            swap("test-softmax", "p = ", "np.pi += 1\nassert np.pi < 5, 'again'\np = "),
            "test-softmax: it fails when it is run again: AssertionError: again",
        ),
        (
            swap("linear-backward", "dz @ W.T,", "dz @ W.T * softmax(np.ones((1, 1))),"),
            "linear-backward: its tests need more than its answer: NameError",
        ),
        (
            swap("test-linear-backward", "dx, dW", "p\ndx, dW"),
            "linear-backward: its tests need more than its answer: NameError",
        ),
        (put("set-up", setup("softmax")), "A set-up cell fails where no answer is given"),
    ],
)
def test_reference_refuses(tmp_path, plant, words):
    refuses(tmp_path, "reference", plant, words)


def test_reference_refuses_a_slow_test(tmp_path, monkeypatch):
    monkeypatch.setattr(gates, "TEST_SECONDS", 0.01)
    slow = swap("test-softmax", "p = softmax", "sum(range(2 * 10**7))\np = softmax")
    refuses(tmp_path, "reference", slow, "test-softmax: it takes 0 s, over 0.01 s")


def test_reference_accepts(tmp_path):
    between = put("softmax", setup("before_test = softmax(np.ones((1, 2)))"))
    assert gate(faulty(tmp_path, experiment("set-up"), between), "reference").message == (
        "A set-up cell fails where no answer is given: NameError: name 'softmax' is not defined"
    )
    lazy = put("softmax", setup("def tried():\n    return softmax(np.ones((1, 2)))"))
    use = swap("test-softmax", "p = softmax", "tried()\np = softmax")
    assert gate(faulty(tmp_path, experiment("set-up"), lazy, use), "reference").ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# %% a | accept\ndef softmax(z): return z\n", "a: accept expected, visible found."),
        ("# %% a | survives\ndef softmax(z): return z\n", "a: survives expected, visible found."),
        ("# %% a | killed-by: hidden\n1 / 0\n", "a: hidden expected, visible found. ZeroDivis"),
        ("# %% a | accept\n1 / 0\n", "softmax: 0 wrong and 1 right answers are known: give 6"),
        ("# %% a | none\nx = 1\n", "must read '# %% name | one of"),
        ("", "softmax: 0 wrong and 0 right answers are known"),
    ],
)
def test_answers_refuse(tmp_path, text, words):
    finding = gate(answer(answered(tmp_path), "softmax", text), "answers")
    told = [finding.message, *finding.details]
    assert not finding.ok and [line for line in told if words in line], told


def test_mutants_refuse(tmp_path):
    weaker = swap("test-softmax", "softmax(z * 1e4)", "softmax(z)")
    homework = faulty(tmp_path, weaker)
    finding = gate(homework, "mutants")
    line = "e = np.exp(z - z.max(1, keepdims=True))"
    wanted = f"# %% min for max: {line} | equivalent"
    assert not finding.ok
    assert f"softmax: test this mutant, or say why not in: {wanted}" in finding.details
    file = homework.answers_folder / "softmax.py"
    answer(homework, "softmax", f"{file.read_text()}\n{wanted}\n# it cancels\n")
    assert len(gate(homework, "mutants").details) == len(finding.details) - 1


def test_explanations_go_stale(tmp_path):
    homework = answered(tmp_path)
    file = homework.answers_folder / "softmax.py"
    answer(homework, "softmax", f"{file.read_text()}\n# %% gone | equivalent\n# why\n")
    finding = gate(homework, "mutants")
    assert not finding.ok
    assert "softmax: 'gone' is explained, but no mutant that survives." in finding.details
