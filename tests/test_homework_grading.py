"""A course from release to return: what becomes of each kind of submission.

One course, one zip, one grading run; every row of the matrix is a student in it.
"""

# ruff: noqa: E501  (the matrix is a table: a row a line)
import html
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest
from homework_support import example, needs_sandbox

from nbhelpers.homework import HomeworkError, feedback, source
from nbhelpers.homework.__main__ import main
from nbhelpers.homework.collect import collect
from nbhelpers.homework.course import Course, read_json
from nbhelpers.homework.engine import publish
from nbhelpers.homework.grade import alone, grade
from nbhelpers.homework.sandbox import Limits

needs_sandbox(whole_module=True)

LIMITS = Limits(cell=6, notebook=90, grace=3, memory=2**30, disk=32 * 2**20)

SOFTMAX = """def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)"""
BACKWARD = """def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)"""
WRONG = """def softmax(z):
    return z

def linear_backward(dy, x, W):
    return dy, x, W"""


def nasty(line):
    """A softmax that does something before it answers rightly."""
    return SOFTMAX.replace("    e = ", f"    {line}\n    e = ", 1)


class Work:
    """A submission in the making: the released notebook with both answers right."""

    def __init__(self, released):
        self.nb = nbformat.from_dict(json.loads(nbformat.writes(released)))
        self.put("softmax", SOFTMAX).put("linear-backward", BACKWARD)

    def cell(self, grade_id):
        return next(c for c in self.nb.cells if source.meta(c).get("grade_id") == grade_id)

    def put(self, grade_id, text):
        self.cell(grade_id).source = text
        return self

    def extra(self, text, after="softmax"):
        where = self.nb.cells.index(self.cell(after)) + 1
        self.nb.cells.insert(where, nbformat.v4.new_code_cell(text))
        return self

    def change(self, change):
        change(self.nb)
        return self

    def data(self):
        return json.dumps(self.nb).encode()


def without(grade_id):
    def change(nb):
        nb.cells = [c for c in nb.cells if source.meta(c).get("grade_id") != grade_id]

    return change


def cheat_in_tests(nb):
    for cell in nb.cells:
        if source.kind(cell) == "test":
            cell.source, cell.metadata.nbgrader.points = "assert True", 100


def strip_metadata(nb):
    for cell in nb.cells:
        cell.metadata = nbformat.from_dict({})


def new_ids(nb):
    for i, cell in enumerate(nb.cells):
        cell.id = f"new-{i}"


def duplicate(nb):
    nb.cells = [c for cell in nb.cells for c in (cell, nbformat.from_dict(cell))]


def fat(nb):
    text = "a line of output\n" * 3_000_000
    nb.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]


def old_format(nb):
    """The notebook as nbformat 3 has it: worksheets, and an input in place of a source."""
    cells = [
        {
            "cell_type": "code",
            "input": c.source,
            "language": "python",
            "metadata": c.metadata,
            "outputs": [],
        }
        if c.cell_type == "code"
        else {"cell_type": "markdown", "source": c.source, "metadata": c.metadata}
        for c in nb.cells
    ]
    whole = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    return json.dumps(whole).encode()


PATCH = "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
LAZY = "def softmax(z):\n    np.allclose = lambda *a, **k: True\n    return z"
DEEP = "np.allclose._implementation.__code__ = (lambda *a, **k: True).__code__\n"
HELPERS = "from nbhelpers import check\ncheck.same = lambda *a, **k: None\n" + PATCH
THIEF = """import glob, pathlib
for path in glob.glob("../../*/*/*.ipynb") + glob.glob("/tmp/**/*.ipynb", recursive=True):
    exec(pathlib.Path(path).read_text())"""
GRADEBOOK = """import glob, sqlite3
for path in ["../../gradebook.db", *glob.glob("/tmp/**/*.db", recursive=True)]:
    base = sqlite3.connect(path)
    base.execute("update grade set manual_score = 99")
    base.commit()"""
GROW = "kept = []\n    while True: kept.append(np.ones(10**7))"
STUBBORN = """while True:
        try:
            while True: pass
        except BaseException: pass"""
FORGE = """import os
for fd in range(3, 64):
    try: os.write(fd, b'{"error": null, "printed": "", "shown": [], "note": ""}\\n')
    except OSError: pass"""
THREADS = "import threading, time\n    while True: threading.Thread(target=time.sleep, args=(60,)).start()"
FILL = "import os\n    for i in range(10**6): open(f'/tmp/{i}', 'wb').write(bytes(10**6))"


def matrix(released):
    """For each kind of submission: the work, points for softmax (2) and linear_backward (3), and
    a text that must be in its notes or messages."""

    def work():
        return Work(released)

    def wrong(before):
        return work().put("softmax", before + WRONG).put("linear-backward", "")

    rng = random.Random(1)
    return {
        "correct": (work(), 2, 3, ""),
        "empty": (released, 0, 0, "has not been answered"),
        "partly wrong": (work().put("linear-backward", BACKWARD.replace("dy.sum", "-dy.sum")), 2, 0, ""),
        "infinite loop": (work().put("softmax", nasty("while True: pass")), 0, 3, "longer than 6 seconds"),
        "ignores interrupts": (work().put("softmax", nasty(STUBBORN)), 0, 3, "6 seconds"),
        "holds the GIL": (work().put("softmax", nasty("sum(range(10**13))")), 0, 3, "could not be interrupted"),
        "os._exit": (work().put("softmax", nasty("import os; os._exit(0)")), 0, 3, "ended Python"),
        "exits in its cell": (work().put("softmax", "import os; os._exit(0)"), 0, 3, "ended Python"),
        "sys.exit": (work().put("softmax", nasty("raise SystemExit")), 0, 3, "SystemExit"),
        "crash in C": (work().put("softmax", nasty("import ctypes; ctypes.string_at(0)")), 0, 3, "crashed Python"),
        "syntax error": (work().put("softmax", "def softmax(z:\n    return z"), 0, 3, "SyntaxError"),
        "test deleted": (work().change(without("test-softmax")), 2, 3, "test"),
        "tests replaced": (wrong("").change(cheat_in_tests), 0, 0, "test"),
        "million lines": (work().extra("for i in range(10**6): print('line', i)"), 2, 3, ""),
        "warns": (work().put("softmax", nasty("import warnings; warnings.warn('careful')")), 2, 3, ""),
        "duplicated": (work().change(duplicate), 2, 3, ""),
        "metadata stripped": (work().change(strip_metadata), 2, 3, ""),
        "ids regenerated": (work().change(new_ids), 2, 3, ""),
        "both stripped": (work().change(strip_metadata).change(new_ids), 2, 3, ""),
        "renamed file": (work(), 2, 3, ""),
        "broken JSON": (work().data()[:-200], None, None, "JSON"),
        "reads the source": (work().put("softmax", THIEF), 0, 3, "does not define softmax"),
        "edits the gradebook": (work().put("softmax", GRADEBOOK), 0, 3, "OperationalError"),
        "network": (work().put("softmax", nasty("import urllib.request as u; u.urlopen('http://1.1.1.1')")), 0, 3, "unreachable"),
        "background process": (work().put("softmax", nasty("import subprocess; subprocess.Popen(['sleep', '999'])")), 0, 3, "PermissionError"),
        "grows for ever": (work().put("softmax", nasty(GROW)), 0, 3, "more memory"),
        "patched checks": (wrong(PATCH), 0, 0, "replaced numpy.allclose"),
        "patched while tested": (work().put("softmax", LAZY), 0, 3, "switched off the checks"),
        "patched deep": (wrong(DEEP), 0, 0, "replaced numpy"),
        "patched nbhelpers": (wrong(HELPERS), 0, 0, "check.same"),
        "rebinds np": (work().extra("np = None"), 2, 3, ""),
        "shuffled": (work().change(lambda nb: rng.shuffle(nb.cells)), 2, 3, ""),
        "answer renamed": (work().put("softmax", SOFTMAX.replace("softmax", "soft_max")), 0, 3, "keep the names"),
        "answer as text": (work().change(lambda nb: nb.cells[3].update(cell_type="markdown")), 2, 3, ""),
        "nbformat 3": (old_format(work().nb), 2, 3, ""),
        "fifty megabytes": (work().change(fat), 2, 3, ""),
        "binary junk": (bytes(range(256)) * 100, None, None, ""),
        "another notebook": (nbformat.writes(nbformat.v4.new_notebook()).encode(), None, None, ""),
        "fills the disk": (work().put("softmax", nasty(FILL)), 0, 3, "No space left"),
        "forks": (work().put("softmax", nasty("import os\n    while True: os.fork()")), 0, 3, "PermissionError"),
        "threads": (work().put("softmax", nasty(THREADS)), 0, 3, ""),
        "kills all": (work().put("softmax", nasty("import os; os.kill(-1, 9)")), None, 3, ""),
        "forges replies": (work().put("softmax", FORGE), 0, 3, ""),
        "reads the tests": (work().put("softmax", nasty("input()")), 0, 3, "EOFError"),
        "helper in its own cell": (work().extra("def top(z): return z.max(1, keepdims=True)", "set-up").put("softmax", SOFTMAX.replace("z.max(axis=1, keepdims=True)", "top(z)")), 2, 3, ""),
        "imports torch": (work().put("softmax", nasty("import torch")), 2, 3, ""),
    }  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The course after one grading run, the rows, and each student's result."""
    root = tmp_path_factory.mktemp("matrix")
    homework, course = example(root / "book"), Course(root / "course")
    publish(course, homework)
    released = nbformat.read(course.released(homework.name) / homework.file, as_version=4)
    rows = matrix(released)
    archive = root / "submissions.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for number, (name, (work, *_)) in enumerate(rows.items(), 100):
            data = work.data() if isinstance(work, Work) else work
            data = nbformat.writes(data).encode() if isinstance(data, dict) else data
            member = "hw1 (1).ipynb" if name == "renamed file" else homework.file
            file.writestr(f"{name}_{number}_assignsubmission_file_/{member}", data)
        file.writestr("../../escaped_900_assignsubmission_file_/x.ipynb", "{}")
        old = zipfile.ZipInfo(
            "twice_901_assignsubmission_file_/a_homework.ipynb", (2020, 1, 1, 0, 0, 0)
        )
        new = zipfile.ZipInfo(
            "twice_901_assignsubmission_file_/b_homework.ipynb", (2021, 1, 1, 0, 0, 0)
        )
        file.writestr(new, Work(released).data())
        file.writestr(old, nbformat.writes(released))
    found = collect(course, homework.name, archive)
    start = time.time()
    results = grade(course, homework.name, jobs=2, limits=LIMITS, progress=False)
    print(f"{len(results)} submissions graded in {time.time() - start:.0f} s")
    return course, homework, rows, {r["name"]: r for r in results}, found


def test_every_kind_of_submission_gets_what_it_must(graded):
    course, homework, rows, results, found = graded
    wrong = []
    for name, (_, softmax, backward, text) in rows.items():
        result = results[name]
        points = {t["exercise"]: t["score"] for t in result["tests"]}
        said = " ".join(
            [result["reason"], *result["notes"], *(t["message"] for t in result["tests"])]
        )
        if backward is None:
            good = result["state"] == "unreadable" and result["reason"] and not result["tests"]
        else:
            good = points.get("linear-backward") == backward and result["state"] == "graded"
            good = good and softmax in (points.get("softmax"), None)
        if not good or text not in said:
            wrong.append(f"{name}: {result['state']} {points} {said}")
    assert not wrong, "\n".join(wrong)


def test_a_crooked_zip_touches_nothing_and_the_newest_submission_counts(graded):
    course, homework, _, results, found = graded
    assert not list(course.root.parent.parent.glob("**/x.ipynb"))
    (refused,) = [one for one in found if "900" in f"{one.student} {one.file}"]
    assert refused.problem
    assert [t["score"] for t in results["twice"]["tests"]] == [2, 3]


def test_nothing_that_was_started_is_left(graded):
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "nbhelpers.homework.runner" not in processes and "sleep 999" not in processes


def test_gradebook_has_these_points_and_no_others(graded):
    course, homework, rows, results, _ = graded
    for grade_ in feedback.grades(course, homework):
        result = results[grade_.name]
        if result["state"] == "unreadable":
            assert grade_.score is None, "ungraded is never zero"
            continue
        tests = {test["grade_id"]: test["score"] for test in result["tests"]}
        assert {k: v for k, v in grade_.scores.items() if k in tests} == tests, grade_.name
    base = sqlite3.connect(course.root / "gradebook.db")
    assert base.execute("select count(manual_score) from grade").fetchone() == (0,)


def test_feedback_shows_no_hidden_line(graded):
    course, homework, _, results, _ = graded
    hidden = [
        line.strip()
        for exercise in homework.exercises
        for test in exercise.tests
        for line in test.source.partition("### BEGIN HIDDEN TESTS")[2].splitlines()
        if len(line.strip()) > 20
    ]
    assert len(hidden) > 5
    for grade_ in feedback.grades(course, homework):
        text = html.unescape(feedback.page(homework, grade_))
        assert [line for line in hidden if line in text] == []
        for test in results[grade_.name]["tests"]:
            assert test["message"][:30] in text


def test_graded_work_is_not_graded_again(graded):
    course, homework, *_ = graded
    start = time.time()
    again = grade(course, homework.name, limits=LIMITS, progress=False)
    assert time.time() - start < 3 and len(again) > 40


def test_written_answers_wait_for_a_person(graded):
    course, homework, _, results, _ = graded
    by_name = {g.name: g for g in feedback.grades(course, homework)}
    assert by_name["empty"].score == 0, "nothing was answered, so nothing waits"
    assert results["empty"]["written"][0]["answered"] is False


def small_course(tmp_path, count=4):
    """A released course with some right submissions, collected."""
    homework, course = example(tmp_path / "book"), Course(tmp_path / "course")
    publish(course, homework)
    released = nbformat.read(course.released(homework.name) / homework.file, as_version=4)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(count):
        work = Work(released).put("why-max", f"Because of {number}.")
        (inbox / f"student{number}.ipynb").write_bytes(work.data())
    collect(course, homework.name, inbox)
    return course, homework


def test_killed_in_the_middle_it_goes_on_and_loses_nothing(tmp_path):
    course, homework = small_course(tmp_path)
    command = [sys.executable, "-m", "nbhelpers.homework", "grade", homework.name]
    command += ["--course", str(course.root), "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(course.results(homework.name).glob("*.json")):
        assert process.poll() is None, "it ended before a result was there"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {p: p.stat().st_mtime_ns for p in course.results(homework.name).glob("*.json")}
    assert 0 < len(done) < 4
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    for path, when in done.items():
        assert path.stat().st_mtime_ns == when, "it was graded twice"
    results = [read_json(p) for p in sorted(course.results(homework.name).glob("*.json"))]
    assert [sum(t["score"] for t in r["tests"]) for r in results] == [5] * 4
    for grade_ in feedback.grades(course, homework):
        assert grade_.score is None and grade_.so_far == 5, "the written answer waits"


def test_a_relative_folder_and_two_jobs_lose_nobody(tmp_path):
    course, homework = small_course(tmp_path, 8)
    command = [sys.executable, "-m", "nbhelpers.homework", "grade", homework.name, "--jobs", "2"]
    command += ["--course", "course"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0 and "8 graded, 0 not" in run.stdout, run.stdout + run.stderr
    assert not (course.root / "course").exists()


def test_a_machine_too_slow_for_the_homeworks_own_cells_costs_nobody_a_point(tmp_path):
    homework, course = example(tmp_path / "book"), Course(tmp_path / "course")
    slow = homework.notebook
    slow.cells[1].source += "\nimport time\ntime.sleep(3)"
    nbformat.write(slow, homework.path)
    publish(course, source.read(homework.path))
    released = nbformat.read(course.released(homework.name) / homework.file, as_version=4)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "anna.ipynb").write_bytes(Work(released).data())
    collect(course, homework.name, inbox)
    (result,) = grade(course, homework.name, limits=Limits(cell=1), progress=False)
    assert result["state"] == "failed" and "--cell-seconds" in result["reason"]
    assert [g.score for g in feedback.grades(course, homework)] == [None]
    (result,) = grade(course, homework.name, limits=LIMITS, progress=False)
    assert [test["score"] for test in result["tests"]] == [2, 3]


def test_resubmission_is_graded_again_and_a_teachers_points_stay(tmp_path):
    from nbgrader.api import Gradebook

    course, homework = small_course(tmp_path, 1)
    grade(course, homework.name, limits=LIMITS, progress=False)
    with Gradebook(course.database) as gradebook:
        written = gradebook.find_grade("why-max", "example_homework", homework.name, "student0")
        written.manual_score, written.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert feedback.grades(course, homework)[0].score == 6.5
    better = course.collected(homework.name) / "student0.ipynb"
    better.write_bytes(better.read_bytes().replace(b"z.max", b"z.min"))
    (result,) = grade(course, homework.name, limits=LIMITS, progress=False)
    assert [t["score"] for t in result["tests"]] == [0, 3]
    with Gradebook(course.database) as gradebook:
        written = gradebook.find_grade("why-max", "example_homework", homework.name, "student0")
        assert written.manual_score == 1.5 and written.needs_manual_grade


def test_without_a_sandbox_it_refuses_unless_told(tmp_path):
    course, homework = small_course(tmp_path, 1)
    empty = tmp_path / "bin"
    empty.mkdir()
    command = [sys.executable, "-m", "nbhelpers.homework", "grade", homework.name]
    command += ["--course", str(course.root)]
    environment = os.environ | {"PATH": str(empty)}
    refused = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert refused.returncode == 2 and "--unsafe" in refused.stderr
    assert not list(course.root.glob("results/*/*.json"))
    done = subprocess.run([*command, "--unsafe"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and "Without a sandbox" in done.stdout, done.stderr
    assert re.search(r"student0 +5 / 5", done.stdout)


def test_two_runs_do_not_meet(tmp_path):
    course, homework = small_course(tmp_path, 1)
    with alone(course), pytest.raises(HomeworkError, match="Another run"):
        grade(course, homework.name, progress=False)


def test_commands_say_in_one_sentence_what_is_missing(tmp_path, capsys):
    course = ["--course", str(tmp_path / "nowhere")]
    for arguments, part in (
        (["check", "99_nothing"], "there are: 01_neuron"),
        (["grade", "01_neuron", *course], "Release it first"),
        (["collect", "01_neuron", "x.zip", *course], "Release it first"),
        (["return", "01_neuron", "--lms", "moodle", *course], "Release it first"),
    ):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert part in said and said.count("\n") == 1, said
