"""Known answers and mutants test the tests of a homework; here they are tested themselves."""

import copy
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from homework_support import BACKWARD, SOFTMAX, TEST_SOFTMAX, cell, example

from nbhelpers.homework import HomeworkError, forks
from nbhelpers.homework.answers import judge, known, mutants, plan, run, survivors
from nbhelpers.homework.source import Homework

SOFTMAX_ANSWERS = '''"""Answers to softmax."""
# %% wrong axis | killed-by: visible
def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(0, keepdims=True)
# %% no exponential | killed-by: visible
def softmax(z):
    return z / z.sum(1, keepdims=True)
# %% mean for sum | killed-by: visible
def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.mean(1, keepdims=True)
# %% not normalized | killed-by: visible
def softmax(z):
    return np.exp(z - z.max(1, keepdims=True))
# %% overflow | killed-by: hidden
def softmax(z):
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)
# %% in place | killed-by: hidden
def softmax(z):
    z -= z.max(1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)
# %% one maximum for all | killed-by: hidden
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum(1, keepdims=True)
# %% row by row | accept
def softmax(z):
    rows = [np.exp(row - max(row)) for row in z]
    return np.array([row / sum(row) for row in rows])
# %% through logarithms | accept
def softmax(z):
    z = z - z.max(1)[:, None]
    return np.exp(z - np.log(np.exp(z).sum(1))[:, None])
# %% no docstring, prints | survives
def softmax(z):
    print(z)
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
'''

BACKWARD_ANSWERS = """
# %% db is a mean | killed-by: hidden
def linear_backward(dz, x, W):
    return dz @ W.T, x.T @ dz, dz.mean(0)
# %% dW is a mean | killed-by: hidden
def linear_backward(dz, x, W):
    return dz @ W.T, x.T @ dz / len(x), dz.sum(0)
# %% swapped | killed-by: visible
def linear_backward(dz, x, W):
    return x.T @ dz, dz @ W.T, dz.sum(0)
# %% sign | killed-by: visible
def linear_backward(dz, x, W):
    return -dz @ W.T, x.T @ dz, dz.sum(0)
# %% wrong axis | killed-by: visible
def linear_backward(dz, x, W):
    return dz @ W.T, x.T @ dz, dz.sum(1)
# %% no bias | killed-by: visible
def linear_backward(dz, x, W):
    return dz @ W.T, x.T @ dz, 0.0
# %% einsum | accept
def linear_backward(dz, x, W):
    return np.einsum("bk,dk->bd", dz, W), np.einsum("bd,bk->dk", x, dz), np.ones(len(x)) @ dz
# %% sums of rows | accept
def linear_backward(dz, x, W):
    return dz @ W.T, sum(np.outer(a, b) for a, b in zip(x, dz, strict=True)), sum(dz)
"""


def answer(homework: Homework, grade_id: str, text: str) -> Homework:
    """Write the file of an exercise's known answers."""
    homework.answers_folder.mkdir(exist_ok=True)
    (homework.answers_folder / f"{grade_id}.py").write_text(text)
    return homework


def answered(tmp_path: Path) -> Homework:
    """The example with its known answers."""
    homework = answer(example(tmp_path), "softmax", SOFTMAX_ANSWERS)
    return answer(homework, "linear-backward", BACKWARD_ANSWERS)


# Reading


def test_known_answers_are_read(tmp_path):
    found = known(answered(tmp_path))
    assert len(found) == 18
    first = next(a for a in found if a.name == "overflow")
    assert (first.grade_id, first.expected) == ("softmax", "hidden")
    assert first.source.startswith("def softmax(z):\n    return np.exp(z) /")
    assert [a.expected for a in found].count("survives") == 1


def test_no_folder_no_answers(tmp_path):
    assert known(example(tmp_path)) == []


def test_names_may_hold_bars_and_accents(tmp_path):
    text = "# %% > for >=: a | b … | equivalent\n# é: the same for positive numbers\n"
    (found,) = known(answer(example(tmp_path), "softmax", text))
    assert (found.name, found.expected) == ("> for >=: a | b …", "equivalent")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# %% a | killed-by: chance\nx = 1\n", "must read '# %% name | one of: killed-by: visib"),
        ("# %% a\nx = 1\n", "must read"),
        ("# %% | accept\nx = 1\n", "must read"),
        ("# %% a | accept\nx = 1\n# %% a | survives\nx = 2\n", "two sections are called 'a'"),
        ("# %% a | accept\n\n# nothing\n", "section 'a' must hold an answer"),
        ("# %% a | accept\n", "section 'a' must hold an answer"),
        ("# %% a | equivalent\n\n", "section 'a' must hold a comment with the reason"),
        ("# %% a | equivalent\nx = 1\n", "section 'a' must hold a comment with the reason"),
        ("import os\n# %% a | accept\nx = 1\n", "code before the first section"),
        ("# %% a | accept\nx = = 1\n", "section 'a' is not Python"),
    ],
)
def test_a_bad_section_is_one_sentence(tmp_path, text, words):
    with pytest.raises(HomeworkError) as error:
        known(answer(example(tmp_path), "softmax", text))
    assert words in str(error.value) and "softmax.py" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_of_no_exercise(tmp_path):
    homework = answer(example(tmp_path), "sofmax", "")
    with pytest.raises(HomeworkError, match="after no exercise: there are softmax, linear-back"):
        known(homework)


# Running


def test_run():
    tests = ["assert f(2) == 4, 'f is not a square'"]
    assert run(["two = 2"], "def f(x): return x**two", tests) is None
    assert run(["two = 3"], "def f(x): return x**two", tests) == "AssertionError: f is not a square"
    assert run([], "", ["assert False"]) == "AssertionError"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os; os._exit(0)", "SystemExit: it ended Python"),
        ("import os; os.kill(os.getpid(), 9)", "SystemExit: it ended Python"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise ValueError('no\\n' * 100_000)", "ValueError: no no no"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "E"),
        ("input()", "EOFError"),
        ("import os; os.closerange(0, 99)\nassert 0", "SystemExit: it ended Python"),
        ("import numpy as np\na = []\nwhile True: a.append(np.empty(10**8))", "MemoryError"),
        ("def f(x): return f(x)\nf(1)", "RecursionError"),
        ("x = = 1", "SyntaxError"),
        ("raise AssertionError('\\ud800')", "AssertionError: \ud800"),
    ],
)
def test_run_outlives_its_answers(text, words, capfd):
    message = run([], text, ["pass"], timeout=10)
    assert message.startswith(words) and "\n" not in message and len(message) <= 300
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        "import os, time\nos.setpgid = None\nif os.fork(): time.sleep(60)\nos._exit(0)",
    ],
)
def test_run_ends_what_does_not(text):
    start = time.monotonic()
    assert run([], text, [], timeout=0.5) == "TimeoutError: not finished after 0.5 seconds"
    assert time.monotonic() - start < 5


def test_run_is_silent_and_leaves_this_process_alone(capfd):
    text = "import os, sys\nprint('x' * 10**6)\nos.system('echo hello')\nsys.modules.clear()"
    assert run(["import os\nos.environ['TOLD'] = '1'"], text, []) is None
    assert capfd.readouterr() == ("", "") and "TOLD" not in os.environ


def into_the_pipes(junk: bytes) -> str:
    """Code that writes junk into the descriptors that a fork has opened."""
    known = set(map(int, os.listdir("/dev/fd")))  # among them those of pytest itself
    return f"""
import contextlib, os
for descriptor in set(range(3, 99)) - {known}:
    with contextlib.suppress(OSError):
        os.write(descriptor, {junk})
"""


@pytest.mark.parametrize("junk", [b"null\n", b"[null, 0]\n", b"junk without an end", b"\n" * 9])
def test_what_an_answer_writes_into_the_pipe_is_no_result(junk):
    text = into_the_pipes(junk)
    assert run([], text, ["assert False, 'seen'"], timeout=10) == "AssertionError: seen"
    assert run([], text, [], timeout=10) is None
    assert run([], text + "os._exit(0)", [], timeout=10) == "SystemExit: it ended Python"


@pytest.mark.parametrize("junk", [b"junk" * 9999, b"\n" * 9999])
def test_a_flooded_pipe_is_cut_off(junk):
    text = "while True:" + into_the_pipes(junk).replace("\n", "\n    ")
    assert run([], text, [], timeout=0.5) == "TimeoutError: not finished after 0.5 seconds"


def test_nothing_stays_behind(tmp_path):
    late = f"time.sleep(1); open({str(tmp_path / 'f')!r}, 'w'); os._exit(0)"
    assert run([], f"import os, time\nif not os.fork(): {late}", [], timeout=10) is None
    time.sleep(1.5)
    assert list(tmp_path.iterdir()) == []


def test_each_answer_starts_from_the_set_up():
    def work(play):
        yield play(["seen.append(1)", "assert seen == [1]"])
        yield play(["assert seen == []"])
        yield play(["1 / 0", "2 / 0", "pass"], go_on=True)

    first, second, third = forks.session(["seen = []"], work)
    assert forks.failure(first) is None and forks.failure(second) is None
    assert [message for message, _ in third] == ["ZeroDivisionError: division by zero"] * 2 + [None]


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        ("1 / 0", "A set-up cell fails where no answer is given: ZeroDivisionError"),
        ("import os; os._exit(3)", "The process that runs the set-up was lost: SystemExit"),
        ("import no_such_module", "A set-up cell fails .* ModuleNotFoundError"),
        ("x = = 1", "A set-up cell fails .* SyntaxError"),
    ],
)
def test_a_bad_set_up_is_one_sentence(setup, words):
    with pytest.raises(HomeworkError, match=words):
        run([setup], "", [])


def test_plan_keeps_the_order(tmp_path):
    homework = example(tmp_path)
    softmax, backward = homework.exercises
    assert plan(homework, softmax) == (["import numpy as np"], [TEST_SOFTMAX])
    assert plan(homework, backward)[0] == ["import numpy as np"]
    between = copy.deepcopy(cell(homework.notebook, "set-up"))
    between.source = "given = 1"
    homework.notebook.cells.insert(4, between)
    assert plan(homework, softmax)[1] == ["given = 1", TEST_SOFTMAX]
    assert plan(homework, backward)[0] == ["import numpy as np", "given = 1"]
    assert plan(homework, replace(softmax, tests=()))[1] == []


def test_judge(tmp_path):
    verdicts = list(judge(answered(tmp_path)))
    assert len(verdicts) == 18 and all(v.ok for v in verdicts), verdicts
    assert [v.name for v in verdicts if v.gap] == ["no docstring, prints"]
    overflow = next(v for v in verdicts if v.name == "overflow")
    assert overflow.message == "AssertionError: softmax overflows: subtract the largest score"


@pytest.mark.parametrize("expected", ["accept", "killed-by: visible", "survives"])
def test_judge_is_surprised(tmp_path, expected):
    text = (
        f"# %% overflow | {expected}\ndef softmax(z): return np.exp(z) / np.exp(z).sum(1)[:, None]"
    )
    (verdict,) = judge(answer(example(tmp_path), "softmax", text))
    assert verdict.got == "hidden" and not verdict.ok and not verdict.gap


# Mutants

CELL = '''def f(x, y=1):
    """A docstring with 1 + 1."""
    ### BEGIN SOLUTION
    {}
    ### END SOLUTION
    return 2 + y
'''


def changed(statement: str, limit: int | None = None) -> dict[str, str]:
    """The mutants of a statement: what is changed, and what the statement has become."""
    source = CELL.format(statement.replace("\n", "\n    "))
    found = {}
    for name, text in mutants(source, limit):
        lines = text.splitlines()
        assert lines[:2] == source.splitlines()[:2] and lines[-1].strip() == "return 2 + y", text
        found[name.split(":")[0]] = "\n".join(line[4:] for line in lines[2:-1])
    return found


@pytest.mark.parametrize(
    ("statement", "what", "becomes"),
    [
        ("a = x + y", "- for +", "a = x - y"),
        ("a = x - y", "+ for -", "a = x + y"),
        ("a = x * y", "/ for *", "a = x / y"),
        ("a = x / y", "* for /", "a = x * y"),
        ("a = x @ y", "* for @", "a = x * y"),
        ("a = x ** y", "* for **", "a = x * y"),
        ("a = x // y", "/ for //", "a = x / y"),
        ("a = x % y", "// for %", "a = x // y"),
        ("a = x < y", "<= for <", "a = x <= y"),
        ("a = x < y", "> for <", "a = x > y"),
        ("a = x <= y", "< for <=", "a = x < y"),
        ("a = x > y", ">= for >", "a = x >= y"),
        ("a = x >= y", "> for >=", "a = x > y"),
        ("a = x == y", "!= for ==", "a = x != y"),
        ("a = x != y", "== for !=", "a = x == y"),
        ("a = x[0]", "1 for 0", "a = x[1]"),
        ("a = 3", "4 for 3", "a = 4"),
        ("a = 0.5", "-0.5 for 0.5", "a = -0.5"),
        ("a = 0.0", "1.0 for 0.0", "a = 1.0"),
        ("a = x.sum(axis=0)", "axis 1 for 0", "a = x.sum(axis=1)"),
        ("a = x.sum(axis=1)", "axis 0 for 1", "a = x.sum(axis=0)"),
        ("a = x.sum(axis=-1)", "axis 0 for -1", "a = x.sum(axis=0)"),
        ("a = x.max(1)", "axis 0 for 1", "a = x.max(0)"),
        ("a = x.sum(axis=1)", "without axis", "a = x.sum()"),
        ("a = x.T @ y", "without .T", "a = x @ y"),
        ("a = x.sum(1, keepdims=True)", "without keepdims", "a = x.sum(1)"),
        ("a = x.sum()", "mean for sum", "a = x.mean()"),
        ("a = np.mean(x)", "sum for mean", "a = np.sum(x)"),
        ("a = x.max()", "min for max", "a = x.min()"),
        ("a = min(x, y)", "max for min", "a = max(x, y)"),
        ("a = x.argmax()", "argmin for argmax", "a = x.argmin()"),
        ("a = x and y", "or for and", "a = x or y"),
        ("a = x or y", "and for or", "a = x and y"),
        ("a = not x", "without not", "a = x"),
        ("a = -x", "without minus", "a = x"),
        ("y += x", "= for +=", "y = x"),
        ("y += x", "- for +", "y -= x"),
        ("y += x", "deleted", "pass"),
        ("np.dot(x, y)", "arguments swapped", "np.dot(y, x)"),
        ("if x:\n    y = x", "negated", "if not x:\n    y = x"),
        ("a = x if y else 1", "negated", "a = x if not y else 1"),
        ("a = x[y:]", "lower bound +1", "a = x[y + 1:]"),
        ("a = x[:y]", "upper bound -1", "a = x[:y - 1]"),
        ("a = x[1:]", "lower bound +1", "a = x[2:]"),
        ("a = x[:-1]", "upper bound -1", "a = x[:-2]"),
        ("a = f(x, y=2)", "without y", "a = f(x)"),
    ],
)
def test_each_change(statement, what, becomes):
    assert changed(statement)[what] == becomes


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("return x", set()),
        ('"""Text."""', set()),
        ("raise ValueError(f'{1 + y} of', 3)", set()),
        ("return np.maximum(x, y)", {"minimum for maximum"}),
        ("return x.stats.mean", set()),
        ("return x.sum(axis=-1)", {"axis 0 for -1", "mean for sum", "without axis"}),
        ("return True", set()),
        ("return -0.5", {"without minus"}),
        ("return f'{x + y}'", set()),
        ("y = 1\nreturn y", {"2 for 1", "deleted"}),
    ],
)
def test_nothing_else_is_changed(statement, names):
    assert changed(statement).keys() == names


def test_names_quote_the_line_and_differ():
    source = CELL.format("a = x + y + 1    # a comment\n    b = x + y + 1\n    a = x + y + 1")
    names = [name for name, _ in mutants(source, None)]
    assert len(set(names)) == len(names)
    assert {f"- for +: a = x + y + 1{end}" for end in ("", " (2)", " (3)", " (4)")} < set(names)
    long = CELL.format("a = " + " + ".join(["wide"] * 30))
    assert {len(n) for n, _ in mutants(long, 1)} == {76} and all("…" in n for n, _ in mutants(long))


def test_mutants_differ_compile_and_repeat():
    for source in (SOFTMAX, BACKWARD):
        found = list(mutants(source, None))
        assert len({text for _, text in found}) == len(found) == len(dict(found))
        assert found == list(mutants(source, None))
        for _, text in found:
            compile(text, "<mutant>", "exec")
    assert list(mutants("x = 1")) == [("2 for 1: x = 1", "x = 2"), ("deleted: x = 1", "pass")][::-1]


def test_the_cap_spreads_over_the_kinds():
    sums = "\n    ".join(f"a = x + {'y' * k} + y" for k in range(1, 20))
    source = CELL.format(sums + "\n    a = x.T\n    a = -x\n    a = x and y")
    few = dict(mutants(source, 8))
    assert len(few) == 8 and few.keys() <= dict(mutants(source, 40)).keys()
    assert {"without .T: a = x.T", "without minus: a = -x", "or for and: a = x and y"} < few.keys()
    assert len(dict(mutants(source))) == 40


def test_survivors(tmp_path):
    softmax, backward = survivors(example(tmp_path))
    assert (softmax.grade_id, softmax.survivors, softmax.stale) == ("softmax", (), ())
    assert softmax.killed == softmax.tried == 9 and backward.killed == backward.tried > 5


def test_survivors_are_named_and_can_be_explained(tmp_path):
    homework = example(tmp_path)
    test = cell(homework.notebook, "test-softmax")
    test.source = test.source.replace("softmax(z * 1e4)", "softmax(z)")
    homework.notebook.cells = homework.notebook.cells[:5]
    homework = replace(homework)  # which forgets its exercises
    (toll,) = survivors(homework)
    line = "e = np.exp(z - z.max(1, keepdims=True))"
    assert f"min for max: {line}" in toll.survivors and toll.explained == ()
    text = f"# %% min for max: {line} | equivalent\n# it cancels\n# %% gone | equivalent\n# why\n"
    text += "# %% mean for sum: return e / e.sum(1, keepdims=True) | equivalent\n# no\n"
    (told,) = survivors(answer(homework, "softmax", text))
    assert told.explained == (f"min for max: {line}",)
    assert set(told.survivors) == set(toll.survivors) - set(told.explained)
    assert told.stale == ("gone", "mean for sum: return e / e.sum(1, keepdims=True)")
    assert told.killed == toll.killed


def test_a_mutant_that_loops_for_ever_is_killed(tmp_path):
    homework = example(tmp_path)
    answer_cell = cell(homework.notebook, "softmax")
    loop = "    while len(rows) < 3:\n        rows.append(z)\n"
    answer_cell.source = answer_cell.source.replace("    e = ", f"    rows = []\n{loop}    e = ")
    start = time.monotonic()
    toll = next(survivors(homework))
    assert toll.killed and time.monotonic() - start < 30
    assert "deleted: rows.append(z)" not in toll.survivors


def test_a_reference_that_fails_is_one_sentence(tmp_path):
    homework = example(tmp_path)
    answer_cell = cell(homework.notebook, "softmax")
    answer_cell.source = answer_cell.source.replace("e / e", "e * e")
    with pytest.raises(HomeworkError, match="The reference of softmax fails: AssertionError"):
        list(survivors(homework))
