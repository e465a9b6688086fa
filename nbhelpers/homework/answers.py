"""Known answers and automatic mutants: the tests of a homework's tests."""

import ast
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import HomeworkError
from .forks import Play, Result, failure, run, session
from .mutants import mutants
from .source import Exercise, Homework, kind, visible

__all__ = ["Answer", "Toll", "Verdict", "judge", "known", "mutants", "plan", "run", "survivors"]

EXPECTATIONS = {
    "killed-by: visible": "visible",
    "killed-by: hidden": "hidden",
    "accept": "accept",
    "survives": "survives",
    "equivalent": "equivalent",
}
LATE = "TimeoutError: not finished"  # which a busy machine may say of any mutant


@dataclass(frozen=True)
class Answer:
    """One section of ``homework_answers/<exercise>.py``.

    ``expected`` is ``visible`` or ``hidden`` (the tests that must kill it), ``accept``,
    ``survives`` (wrong, admittedly not caught), or ``equivalent`` (the name is a mutant's, the
    body says why no test can tell it from the reference).
    """

    grade_id: str
    name: str
    expected: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """What became of a known answer; ``got`` is ``accept``, ``visible`` or ``hidden``."""

    grade_id: str
    name: str
    expected: str
    got: str
    message: str

    @property
    def gap(self) -> bool:
        """A wrong answer that is admittedly not caught."""
        return self.expected == "survives" and self.got == "accept"

    @property
    def ok(self) -> bool:
        """Whether it fared as expected."""
        return self.gap or self.expected == self.got


def known(homework: Homework) -> list[Answer]:
    """Read the known answers of a homework.

    Raises
    ------
    HomeworkError
        If a file is named after no exercise, or a section of it is not as it should be.
    """
    names = [exercise.grade_id for exercise in homework.exercises]
    found = []
    for path in sorted(homework.answers_folder.glob("*.py")):
        if path.stem not in names:
            raise HomeworkError(f"{path} is named after no exercise: there are {', '.join(names)}.")
        found += _sections(path)
    return found


def _sections(path: Path) -> Iterator[Answer]:
    """The sections of one file."""
    start, *parts = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.M)
    if any(not isinstance(node, ast.Expr) for node in _parsed(start, path, "the beginning")):
        raise HomeworkError(f"{path}: code before the first section: put it below a '# %%' line.")
    seen = set()
    for part in parts:
        title, _, body = part.partition("\n")
        name, _, expected = (piece.strip() for piece in title.rpartition("|"))
        if not name or expected not in EXPECTATIONS:
            choice = ", ".join(EXPECTATIONS)
            raise HomeworkError(f"{path}: '# %%{title}' must read '# %% name | one of: {choice}'.")
        if name in seen:
            raise HomeworkError(f"{path}: two sections are called {name!r}: rename one.")
        seen.add(name)
        code = bool(_parsed(body, path, f"section {name!r}"))
        if code == (expected == "equivalent") or not body.strip():
            wanted = "a comment with the reason" if expected == "equivalent" else "an answer"
            raise HomeworkError(f"{path}: section {name!r} must hold {wanted} and nothing else.")
        yield Answer(path.stem, name, EXPECTATIONS[expected], body.strip("\n") + "\n")


def _parsed(text: str, path: Path, where: str) -> list[ast.stmt]:
    """The statements of a text."""
    try:
        return ast.parse(text).body
    except SyntaxError as error:
        raise HomeworkError(f"{path}: {where} is not Python: {error.msg}.") from None


def plan(homework: Homework, exercise: Exercise) -> tuple[list[str], list[str]]:
    """What stands around an answer: the set-up before it, and all that is locked after it.

    The second list ends with the exercise's last test; a set-up cell between the answer and that
    test runs in its place.
    """
    cells = homework.notebook.cells
    at = cells.index(exercise.answer)
    last = cells.index(exercise.tests[-1]) if exercise.tests else at
    setup = [cell.source for cell in cells[:at] if kind(cell) == "setup"]
    after = [c.source for c in cells[at + 1 : last + 1] if kind(c) in ("setup", "test")]
    return setup, after


def judge(homework: Homework) -> Iterator[Verdict]:
    """Run every known answer against its tests, without their hidden parts and then whole."""
    told = [answer for answer in known(homework) if answer.expected != "equivalent"]
    for exercise in homework.exercises:
        answers = [answer for answer in told if answer.grade_id == exercise.grade_id]
        setup, tests = plan(homework, exercise)
        yield from _verdicts(answers, setup, tests)


def _verdicts(answers: list[Answer], setup: list[str], tests: list[str]) -> Iterator[Verdict]:
    """Judge the known answers of one exercise."""
    shown = [visible(test) for test in tests]

    def work(play: Play) -> Iterator[list[Result]]:
        for answer in answers:
            yield play([answer.source, *shown, *tests])

    for answer, results in zip(answers, session(setup, work), strict=True):
        message = failure(results)
        passed = [error for error, _ in results].index(message)
        got = ("visible" if passed <= len(shown) else "hidden") if message else "accept"
        yield Verdict(answer.grade_id, answer.name, answer.expected, got, message or "")


@dataclass(frozen=True)
class Toll:
    """What became of an exercise's mutants.

    ``survivors`` pass all tests; ``explained`` do too, and a section of the answers says why;
    ``stale`` are explained although a test kills them, or there is no such mutant.
    """

    grade_id: str
    tried: int
    killed: int
    survivors: tuple[str, ...]
    explained: tuple[str, ...]
    stale: tuple[str, ...]


def survivors(homework: Homework, limit: int | None = 40) -> Iterator[Toll]:
    """Run the mutants of every reference answer against its tests.

    A mutant that takes several times as long as the reference counts as killed.

    Raises
    ------
    HomeworkError
        If a reference fails its own tests.
    """
    told = [answer for answer in known(homework) if answer.expected == "equivalent"]
    for exercise in homework.exercises:
        reasons = {answer.name for answer in told if answer.grade_id == exercise.grade_id}
        yield _toll(exercise, reasons, limit, *plan(homework, exercise))


def _toll(
    exercise: Exercise, reasons: set[str], limit: int | None, setup: list[str], tests: list[str]
) -> Toll:
    """Run the mutants of one exercise; ``reasons`` are the names of those explained."""
    source = exercise.answer.source
    tried = dict(mutants(source, limit))

    def work(play: Play) -> Iterator[str | None]:
        start = time.monotonic()
        yield failure(play([source, *tests]))
        took = time.monotonic() - start
        for mutant in tried.values():
            yield failure(play([mutant, *tests], max(3 * took, min(10.0, 1 + 5 * took))))

    reference, *messages = session(setup, work)
    if reference:
        raise HomeworkError(f"The reference of {exercise.grade_id} fails: {reference}")
    found = dict(zip(tried, messages, strict=True))
    alive = [name for name, message in found.items() if not message]
    noticed = {name for name, message in found.items() if message and not message.startswith(LATE)}
    stale = reasons & noticed | reasons - {name for name, _ in mutants(source, None)}
    return Toll(
        exercise.grade_id,
        len(tried),
        len(tried) - len(alive),
        tuple(name for name in alive if name not in reasons),
        tuple(name for name in alive if name in reasons),
        tuple(sorted(stale)),
    )
