"""What comes back: one page a student, a table of scores for Moodle or Canvas, a zip of pages."""

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import jinja2
import nbformat
from nbformat import NotebookNode

from . import HomeworkError, tables
from .course import Course, read_json, write_bytes, write_text
from .source import Homework, kind, meta, visible

__all__ = ["Grade", "Returned", "grades", "page", "table", "write"]

HIDDEN_MESSAGE = "This test did not pass."


@dataclass(frozen=True)
class Grade:
    """What one student has: the result of the tests, and what a teacher gave, changed and wrote.

    ``scores`` holds None where a person is still to decide; it is empty while there is no grade.
    ``penalty`` is what nbgrader takes off for lateness, where a course has such a rule.
    """

    student: str
    name: str
    result: dict
    maximum: float
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0

    @property
    def so_far(self) -> float:
        """The points that are certain."""
        return max(0.0, sum(s for s in self.scores.values() if s is not None) - self.penalty)

    @property
    def waiting(self) -> list[str]:
        """The ids of what waits for a person."""
        return [grade_id for grade_id, score in self.scores.items() if score is None]

    @property
    def score(self) -> float | None:
        """The points in all; None, never zero, while anything waits or nothing was graded."""
        return None if self.waiting or not self.scores else self.so_far

    @property
    def why(self) -> str:
        """Why there is no score yet, or nothing."""
        if self.waiting:
            return f"waits for a person: {', '.join(self.waiting)}"
        return self.result["reason"] if not self.scores else ""


@dataclass(frozen=True)
class Returned:
    """What was written.

    ``graded`` counts the students with a grade; ``without`` holds the others, each with the reason.
    ``notes`` are sentences for the teacher about what the system will not take.
    """

    pages: Path
    zip: Path
    table: Path
    graded: int
    without: list[tuple[str, str]]
    notes: list[str]


def _result(course: Course, homework: Homework, student: str) -> dict:
    """A student's result; if there is none for what was handed in last, one that says so."""
    path = course.results(homework.name) / f"{student}.json"
    collected = course.collected(homework.name) / f"{student}.ipynb"
    about = collected.with_suffix(".json")
    result = read_json(path) if path.exists() else {}
    digest = hashlib.sha256(collected.read_bytes()).hexdigest() if collected.exists() else None
    if result and digest in (None, result.get("submission", digest)):
        return result
    reason = "a newer submission is not graded yet" if result else "not graded yet"
    name = read_json(about).get("name", student) if about.exists() else result.get("name", student)
    return {"student": student, "name": name, "state": "waiting", "reason": reason, "notes": []}


def grades(course: Course, homework: Homework) -> list[Grade]:
    """The grades of all who handed in, in the order of their names.

    nbgrader's gradebook has the last word: what a teacher gave in formgrader stands before what
    the tests gave, extra points are added, and a cell that nbgrader marks as needing a person has
    no score, even where an earlier one is kept.

    Raises
    ------
    HomeworkError
        If there is no gradebook, or it or a result cannot be read.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    path = course.root / "gradebook.db"
    if not path.exists():
        raise HomeworkError(f"There is no gradebook at {path}: grade {homework.name} first.")
    folders = course.collected(homework.name), course.results(homework.name)
    students = {file.stem for folder in folders for file in folder.glob("*.json")}
    results = [_result(course, homework, student) for student in students]
    try:
        with Gradebook(course.database) as book:
            found = [_grade(book, homework, result) for result in results]
    except (SQLAlchemyError, OSError):
        raise HomeworkError(f"{path} cannot be read: is it nbgrader's gradebook?") from None
    return sorted(found, key=lambda grade: (grade.name.casefold(), grade.student))


def _grade(book, homework: Homework, result: dict) -> Grade:
    """Join a result with what nbgrader's gradebook says of it."""
    from nbgrader.api import MissingEntry

    student = result["student"]
    name = " ".join(_clean(result["name"]).split()) or student
    bare = Grade(student, name, result, homework.points)
    if result["state"] != "graded":
        return bare
    try:
        notebook = Path(homework.file).stem
        entry = book.find_submission_notebook(notebook, homework.name, student)
    except MissingEntry:
        reason = "it is not in the gradebook: grade it again"
        return replace(bare, result=result | {"state": "waiting", "reason": reason})
    given = {g.name: None if g.needs_manual_grade else g.score for g in entry.grades}
    ids = [meta(c)["grade_id"] for c in homework.notebook.cells if meta(c).get("grade")]
    comments = {c.name: _clean(c.manual_comment or "") for c in entry.comments}
    return replace(
        bare,
        scores={grade_id: given.get(grade_id) for grade_id in ids},
        comments={grade_id: text for grade_id, text in comments.items() if text},
        penalty=entry.late_submission_penalty or 0.0,
    )


def _clean(text: str) -> str:
    """A text without what cannot be printed or turns the direction of what follows."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    joiners = "\n\t\u200c\u200d"  # which words of some scripts need
    return "".join(c for c in text if c in joiners or unicodedata.category(c)[0] != "C").strip()


def _plain(markdown: str) -> str:
    """A line of Markdown without its markup."""
    text = re.sub(r"\{[\w:-]+\}`([^`<]*?)\s*(<[^`>]*>)?`", r"\1", markdown)  # MyST's roles
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`|\$)(.+?)\1", r"\2", text)
    return re.sub(r"(?<!\w)([*_])(\S.*?)\1(?!\w)", r"\2", text).strip()


def _message(test: NotebookNode, text: str) -> str:
    """What a failed test says, without lines of the test's hidden part and without a traceback."""
    hidden = set(test.source.splitlines()) - set(visible(test.source).splitlines())
    secrets = [line.strip() for line in hidden if len(line.strip()) > 7]
    text = _clean(re.split(r"^Traceback \(most recent", text, maxsplit=1, flags=re.M)[0])
    lines = [line for line in text.splitlines() if not any(s in line for s in secrets)]
    return " ".join(" ".join(lines).split())[:600] or HIDDEN_MESSAGE


def _headings(homework: Homework) -> dict[str, str]:
    """The heading above each exercise and written answer, by its id, in the notebook's order."""
    headings, last = {}, ""
    for cell in homework.notebook.cells:
        if kind(cell) == "text":
            found = re.findall(r"^#{1,6} (.+)$", cell.source, re.M)
            last = re.sub(r" *\([\d.]+ points?\b.*\)$", "", _plain(found[-1])) if found else last
        elif kind(cell) in ("answer", "written"):
            name = meta(cell)["grade_id"]
            headings[name], last = last or name, ""
    return headings


def _test(cell: NotebookNode, grade: Grade) -> dict:
    """A row of the page: what a test checks, what became of it, its points."""
    grade_id, points = meta(cell)["grade_id"], meta(cell)["points"]
    first = re.match(r"#\s*Test\b[^:]*:\s*(.+)", cell.source)
    ran = {test["grade_id"]: test for test in grade.result["tests"]}.get(grade_id)
    score = grade.scores[grade_id]
    return {
        "what": first[1].strip() if first else grade_id,
        "passed": bool(ran) and ran["score"] >= ran["points"],
        "message": _message(cell, ran["message"] if ran else ""),
        "score": score,
        "points": points,
        "changed": bool(ran) and score is not None and score != ran["score"],
    }


def _part(homework: Homework, grade: Grade, name: str, heading: str) -> dict:
    """A section of the page: an exercise with its tests, or a written answer."""
    tests = {exercise.grade_id: exercise.tests for exercise in homework.exercises}.get(name)
    cells = [c for c in homework.written if meta(c)["grade_id"] == name] if tests is None else tests
    scores = [grade.scores[meta(cell)["grade_id"]] for cell in cells]
    answered = {entry["grade_id"]: entry["answered"] for entry in grade.result["written"]}
    return {
        "heading": heading,
        "score": None if None in scores else sum(scores),
        "points": sum(meta(cell)["points"] for cell in cells),
        "tests": [_test(cell, grade) for cell in tests or ()],
        "written": tests is None,
        "answered": answered.get(name, True),
        "comment": grade.comments.get(name, ""),
    }


@functools.cache
def _template() -> jinja2.Template:
    """The page's template; everything it is given is escaped."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = tables.number
    return environment.get_template("feedback.html")


def page(homework: Homework, grade: Grade) -> str:
    """The page for a student: points, one sentence a failed test, the teacher's words."""
    headings = _headings(homework).items() if grade.scores else ()
    parts = [_part(homework, grade, name, heading) for name, heading in headings]
    notes = [_clean(note) for note in grade.result["notes"]]
    reason = _clean(grade.result["reason"])
    return _template().render(
        title=_plain(homework.title), grade=grade, parts=parts, notes=notes, reason=reason
    )


def _notebook(html: str) -> bytes:
    """A page as a notebook of one text cell, for a system that knows students' files as notebooks.

    A text cell takes HTML as it is up to the first empty line, so there is none.
    """
    body = html[html.index("<main>") : html.index("</main>") + len("</main>")]
    lines = [line for line in body.splitlines() if line.strip()]
    cell = nbformat.v4.new_markdown_cell("\n".join(lines), id="feedback")
    kernel = {"name": "python3", "display_name": "Python 3"}  # else Jupyter asks which to start
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    return nbformat.writes(notebook).encode()


def table(
    grades: Sequence[Grade],
    homework: Homework,
    lms: str,
    exported: Path | None = None,
    column: str | None = None,
    scale: bool = False,
) -> str:
    """The scores as CSV for Moodle or Canvas.

    Parameters
    ----------
    lms : ``"moodle"`` or ``"canvas"``.
    exported : Moodle's grading worksheet or Canvas's gradebook export; all but the scores is
        returned as it was.  Without it a table is made from scratch.
    column : the title of the column of grades, where it cannot be told.
    scale : multiply the scores where the system counts to another maximum.

    Raises
    ------
    HomeworkError
        If ``lms`` is neither, or the table does not fit (see ``tables.filled``).
    """
    return tables.scores(grades, homework, lms, exported, column, scale)[0]


def _files(
    course: Course, homework: Homework, lms: str, pages: dict[str, str], given: Sequence[Grade]
) -> tuple[dict[str, bytes], list[str]]:
    """The pages under the names by which the system returns them, and who must get one by hand."""
    files, notes = {}, []
    for grade in given:
        if grade.student not in pages:
            continue
        html = pages[grade.student]
        if lms == "moodle":
            name, data = tables.moodle_file(grade, homework), html.encode()
        else:
            about = course.collected(homework.name) / f"{grade.student}.json"
            submitted = read_json(about)["file"] if about.exists() else ""
            name, data = tables.canvas_file(grade, submitted), _notebook(html)
        if name:
            files[name] = data
        else:
            where = f"pages/{grade.student}.html"
            notes.append(f"{grade.name} is unknown to {lms.capitalize()}: send {where} by hand.")
    return files, notes


def write(
    course: Course,
    homework: Homework,
    lms: str,
    exported: Path | None = None,
    column: str | None = None,
    scale: bool = False,
) -> Returned:
    """Write the pages, ``grades.csv`` and ``feedback.zip`` to the course's ``returned`` folder.

    Moodle takes the zip as *Upload multiple feedback files in a zip*, Canvas as *Re-Upload
    Submissions*.  Canvas gives a file back under the name of the one handed in, so there the
    pages travel as notebooks.  Nothing is written unless all of it can be.

    Raises
    ------
    HomeworkError
        As ``grades`` and ``table`` do, or if the folder cannot be written.
    """
    given, folder = grades(course, homework), course.returned(homework.name)
    text, notes = tables.scores(given, homework, lms, exported, column, scale)
    pages = {g.student: page(homework, g) for g in given if g.result["state"] != "waiting"}
    files, unknown = _files(course, homework, lms, pages, given)
    done = Returned(
        folder / "pages",
        folder / "feedback.zip",
        folder / "grades.csv",
        sum(g.score is not None for g in given),
        [(f"{g.name} ({g.student})", g.why) for g in given if g.score is None],
        notes + unknown,
    )
    for student, html in pages.items():
        write_text(done.pages / f"{student}.html", html)
    for old in done.pages.glob("*.html"):
        if old.stem not in pages:
            old.unlink()
    write_bytes(done.zip, tables.archive(files))
    write_text(done.table, text)
    return done
