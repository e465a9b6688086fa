"""Grade what was collected: rebuild, run in the sandbox, record; go on where it was stopped."""

import ast
import contextlib
import copy
import fcntl
import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from tqdm.auto import tqdm

from . import HomeworkError, engine
from .course import Course, read_json, write_json, write_text
from .rebuild import Unreadable, rebuild
from .sandbox import Limits, Session, Stopped
from .source import Homework, kind, meta, normal, read, release

__all__ = ["grade", "play", "released"]


PARSING = threading.Lock()  # ast.parse in several threads at once fails now and then on Python 3.11


def defined(source: str) -> tuple[str, ...]:
    """The names that a source binds at top level; none if it does not parse."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ()
    names = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names += [
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            ]
    return tuple(names)


def play(
    cells: Sequence[NotebookNode],
    limits: Limits,
    unsafe: bool = False,
    defines: Sequence[tuple[str, ...]] | None = None,
) -> list[dict]:
    """Run code cells in order and return what became of each.

    A cell that ends Python, cannot be interrupted or exhausts the memory costs itself alone: the
    cells before it are run again without it, and the rest go on.

    Parameters
    ----------
    cells : the code cells of a notebook.
    defines : for each cell, the names its exercise is to bind.
    """
    defines = defines or [()] * len(cells)
    session, replies, broken = Session(limits, unsafe), [], set()
    end = time.monotonic() + limits.notebook
    try:
        for i, cell in enumerate(cells):
            if time.monotonic() > end:
                replies.append(
                    failure("Stopped", f"the notebook used its {limits.notebook:g} seconds")
                )
                continue
            if session.process is None:
                again(session, cells[:i], defines, broken)
            try:
                reply = session.run(cell.source, kind(cell), defines[i])
            except Stopped as stop:
                reply = failure("Stopped", str(stop))
            if exhausted(reply["error"]):
                broken.add(i)
                session.close()
            replies.append(reply)
    finally:
        session.close()
    return replies


def again(session: Session, cells: Sequence[NotebookNode], defines: Sequence, broken: set) -> None:
    """Bring a new session to where the last one was, without tests and what broke it."""
    start = 0
    while start < len(cells):
        for i in range(len(cells)):
            if i in broken or kind(cells[i]) == "test":
                continue
            try:
                session.run(cells[i].source, kind(cells[i]), defines[i])
            except Stopped:  # it held the first time
                broken.add(i)
                break
        else:
            return
        start += 1


def too_slow(error: dict | None) -> bool:
    """Whether a cell was stopped by a limit."""
    return error is not None and error["kind"] in ("Stopped", "TimeIsUp", "MemoryError")


def exhausted(error: dict | None) -> bool:
    """Whether a cell left the runner without what later cells need."""
    if error is None:
        return False
    return error["kind"] in ("Stopped", "MemoryError") or "start new thread" in error["message"]


def failure(name: str, message: str) -> dict:
    """A reply in the runner's form for a cell that did not come to its end."""
    return {
        "printed": "",
        "shown": [],
        "note": "",
        "error": {"kind": name, "message": message, "line": ""},
    }


def explain(error: dict, wanted: tuple[str, ...], answer: dict | None) -> str:
    """One sentence for the student: why a test gave no points."""
    start = "Your code could not be run" if error["line"] else "The test could not use your answer"
    if answer and answer["error"]:
        error, start = answer["error"], "The answer's cell could not be run"
    name, text, line = error["kind"], error["message"], error["line"]
    where = f" The line was: {line}" if line else ""
    if name == "NotImplementedError":
        return "This exercise has not been answered."
    if name == "Tampered":
        return "No points: this notebook switched off the checks."
    if name in ("Stopped", "MemoryError", "TimeIsUp"):
        return f"{start}: {text}.{where}"
    if name == "AssertionError" and not start.startswith("The answer's"):
        return text or "A check failed."
    if name == "NameError" and any(f"'{want}'" in text for want in wanted):
        return f"The answer does not define {' or '.join(wanted)}: keep the names you were given."
    return f"{start}: {name}: {text}".rstrip(": .") + f".{where}"


def outputs(reply: dict) -> list[NotebookNode]:
    """A reply as the outputs of a notebook's cell; all that was printed counts as plain output."""
    found = [new_output("stream", name="stdout", text=reply["printed"])] if reply["printed"] else []
    found += [new_output("display_data", data=data) for data in reply["shown"]]
    if error := reply["error"]:
        text = f"{error['kind']}: {error['message']}"
        found.append(
            new_output("error", ename=error["kind"], evalue=error["message"], traceback=[text])
        )
    return found


def released(course: Course, name: str) -> Homework:
    """The homework as it was released in this course.

    Raises
    ------
    HomeworkError
        If it has not been released.
    """
    sources = sorted((course.root / "source" / name).glob("*_homework.ipynb"))
    if not sources:
        raise HomeworkError(f"Release it first: python -m nbhelpers.homework release {name}.")
    return read(sources[0])


class Job:
    """One student's submission on its way through grading."""

    def __init__(self, course: Course, homework: Homework, student: str) -> None:
        self.course, self.homework, self.student = course, homework, student
        folder = course.collected(homework.name)
        self.data = (folder / f"{student}.ipynb").read_bytes()
        self.about = read_json(folder / f"{student}.json")
        self.path = course.results(homework.name) / f"{student}.json"
        self.digests = {
            "submission": hashlib.sha256(self.data).hexdigest(),
            "source": hashlib.sha256(homework.path.read_bytes()).hexdigest(),
        }

    def done(self) -> dict | None:
        """The result of an earlier run of this very submission, if there is one."""
        if not self.path.exists():
            return None
        with contextlib.suppress(HomeworkError):
            result = read_json(self.path)
            if self.digests.items() <= result.items():
                return result
        return None

    def run(self, limits: Limits, unsafe: bool) -> tuple[dict, NotebookNode | None]:
        """Rebuild the submission and run it; the gradebook is not touched."""
        start = time.monotonic()
        result = {
            "student": self.student,
            "name": self.about["name"],
            "homework": self.homework.name,
            "state": "graded",
            "reason": "",
            "notes": list(self.about["notes"]),
            "tests": [],
            "written": [],
        } | self.digests
        try:
            with PARSING:
                notebook, notes = rebuild(self.homework, self.data)
        except Unreadable as error:
            return result | {"state": "unreadable", "reason": str(error), "seconds": 0.0}, None
        write_text(self.submitted, nbformat.writes(notebook))
        result["notes"] += notes
        self.fill(result, notebook, limits, unsafe)
        return result | {"seconds": round(time.monotonic() - start, 1)}, notebook

    @property
    def submitted(self) -> Path:
        """Where nbgrader looks for the rebuilt submission."""
        return self.course.submitted(self.homework.name, self.student) / self.homework.file

    def fill(self, result: dict, notebook: NotebookNode, limits: Limits, unsafe: bool) -> None:
        """Run a rebuilt notebook with the hidden tests, and enter outputs and points."""
        source = {meta(c).get("grade_id"): c for c in self.homework.notebook.cells if meta(c)}
        stubs = {meta(c).get("grade_id"): c for c in release(self.homework.notebook).cells}
        cells = [copy.deepcopy(c) for c in notebook.cells if c.cell_type == "code"]
        wanted = []
        for cell in cells:
            original = source.get(meta(cell).get("grade_id"))
            if kind(cell) == "test":
                cell.source = original.source
            with PARSING:
                wanted.append(defined(original.source) if kind(cell) == "answer" else ())
        replies = play(cells, limits, unsafe, wanted)
        answer, names = None, ()
        for cell, reply, want in zip(cells, replies, wanted, strict=True):
            if kind(cell) == "setup" and too_slow(reply["error"]):
                raise HomeworkError(
                    f"The homework's own cell {meta(cell)['grade_id']} was stopped: "
                    "grade again with --jobs 1 --cell-seconds 60."
                )
            if reply["note"]:
                result["notes"].append(reply["note"])
            if kind(cell) == "answer":
                answer, names, exercise = reply, want, meta(cell)["grade_id"]
            elif kind(cell) == "test":
                m, error = meta(cell), reply["error"]
                entry = {"grade_id": m["grade_id"], "exercise": exercise, "points": m["points"]}
                entry["score"] = 0 if error else m["points"]
                entry["message"] = explain(error, names, answer) if error else ""
                result["tests"].append(entry)
        by_id = {cell.id: reply for cell, reply in zip(cells, replies, strict=True)}
        for number, cell in enumerate([c for c in notebook.cells if c.cell_type == "code"], 1):
            cell.outputs, cell.execution_count = outputs(by_id[cell.id]), number
        for cell in notebook.cells:
            if kind(cell) == "written":
                m = meta(cell)
                answered = normal(cell.source) != normal(stubs[m["grade_id"]].source)
                entry = {"grade_id": m["grade_id"], "points": m["points"], "answered": answered}
                result["written"].append(entry)

    def keep(self, result: dict, notebook: NotebookNode | None) -> dict:
        """Record a run; the result's own file is written last, so that half a record is redone."""
        if notebook is not None:
            write_text(self.path.with_suffix(".ipynb"), nbformat.writes(notebook))
            engine.record(self.course, self.homework, self.student, self.about["name"])
        write_json(self.path, result)
        return result


@contextlib.contextmanager
def alone(course: Course) -> Iterator[None]:
    """Keep a second grading run out of the course while this one lasts."""
    course.root.mkdir(parents=True, exist_ok=True)
    with open(course.root / ".grading", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HomeworkError(
                f"Another run is grading {course.root}: wait until it has ended."
            ) from None
        yield


def grade(
    course: Course,
    name: str,
    *,
    jobs: int = 2,
    limits: Limits | None = None,
    unsafe: bool = False,
    again: bool = False,
    progress: bool = True,
) -> list[dict]:
    """Grade every collected submission of a homework that has not been graded yet.

    Parameters
    ----------
    jobs : how many notebooks to run at a time.
    unsafe : run students' code without a sandbox.
    again : also grade what has been graded.

    Returns
    -------
    The results of all students, in the order of their names; a submission that could not be
    graded has the state "unreadable" or "failed" and the reason.

    Raises
    ------
    HomeworkError
        If nothing was released or collected, or another run is at work.
    """
    homework, limits = released(course, name), limits or Limits()
    records = sorted(course.collected(name).glob("*.json"))
    if not records:
        raise HomeworkError(f"Collect first: python -m nbhelpers.homework collect {name} FILE.")
    results, waiting = [], []
    with alone(course), ThreadPoolExecutor(max(1, jobs)) as pool:
        for record in records:
            job = Job(course, homework, record.stem)
            done = None if again else job.done()
            if done:
                results.append(done)
            else:
                waiting.append(job)
        runs = {pool.submit(job.run, limits, unsafe): job for job in waiting}
        bar = tqdm(as_completed(runs), total=len(runs), unit="notebook", disable=not progress)
        try:
            for run in bar:
                results.append(finish(runs[run], run))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(results, key=lambda result: (result["name"].lower(), result["student"]))


def finish(job: Job, run: Future) -> dict:
    """Keep a run's result; one student's trouble is written down and does not stop the others."""
    try:
        return job.keep(*run.result())
    except Exception as error:
        mendable = isinstance(error, HomeworkError)
        reason = str(error) if mendable else f"Grading failed: {type(error).__name__}: {error}"
        about = {"student": job.student, "name": job.about["name"], "homework": job.homework.name}
        empty = {"notes": [], "tests": [], "written": [], "seconds": 0.0}
        return about | {"state": "failed", "reason": reason} | empty
