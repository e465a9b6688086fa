"""What must hold before a homework goes out, as a list of named findings.

Each gate takes a homework and a function to tell its progress to, and returns a `Finding`.
"""

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from . import HomeworkError
from .answers import judge, plan, run, survivors
from .forks import session
from .form import MARKER, label, lint, names
from .mutants import region
from .source import Homework, kind, release

__all__ = ["Finding", "check"]

SECRET = 9  # characters of a line that is worth hiding
OUTPUT = "an output"  # or a count
TEST_SECONDS = 10.0
NOTEBOOK_SECONDS = 600.0
WRONG, RIGHT = 6, 2  # known answers to an exercise

Tell = Callable[[str], None]
Report = tuple[list[str], str, list[str]]  # faults, what to say if there are none, notes


@dataclass(frozen=True)
class Finding:
    """What a gate found: one sentence, and in detail the faults and notes."""

    gate: str
    ok: bool
    message: str
    details: tuple[str, ...] = ()


def check(
    homework: Homework, *, mutants: bool = True, progress: Tell | None = None
) -> list[Finding]:
    """Put a homework through all gates.

    Parameters
    ----------
    mutants : whether to run the automatic mutants too, the slowest gate.
    progress : called with the name of what is being checked.
    """
    tell = progress or (lambda _: None)
    found = []
    for name, gate in GATES.items():
        if mutants or name != "mutants":
            tell(name)
            try:
                faults, good, notes = gate(homework, tell)
            except HomeworkError as error:
                found.append(Finding(name, False, str(error)))
            except Exception as error:  # what cannot be checked has not passed
                found.append(Finding(name, False, f"This gate cannot run: {error!r}"))
            else:
                bad = f"{len(faults)} fault{'s'[: len(faults) > 1]}"
                found.append(Finding(name, not faults, bad if faults else good, (*faults, *notes)))
    return found


def form(homework: Homework, tell: Tell) -> Report:
    """Whether the notebook is made as nbgrader, the grader and a reader expect it."""
    tests = sum(len(exercise.tests) for exercise in homework.exercises)
    good = f"{len(homework.exercises)} exercises, {tests} tests, {homework.points:g} points"
    return list(lint(homework)), good, []


def leaks(homework: Homework, tell: Tell) -> Report:
    """Whether a solution or a hidden test gets out; seen to fail on leaks planted for it.

    A line counts as secret where it stands in a hidden region and nowhere in the open.
    """
    cells = homework.notebook.cells
    shown = "\n".join(line for cell in cells for line in _lines(cell, hidden=False))
    hidden = [(line, cell) for cell in cells for line in _lines(cell, hidden=True)]
    hidden = [(line, cell) for line, cell in hidden if len(line) >= SECRET and line not in shown]
    secrets = {line: label(cell) for line, cell in hidden}
    released = release(homework.notebook)
    faults = list(_leaks(released, secrets))
    for sort in sorted({"answer", "test"} - {kind(cell) for _, cell in hidden}):
        faults.append(f"No {sort} has a line to hide, so that nothing is checked.")
    for plant in (*secrets, "BEGIN SOLUTION", "END HIDDEN TESTS", OUTPUT):
        trap = copy.deepcopy(released)
        if plant == OUTPUT:
            next(c for c in trap.cells if c.cell_type == "code").outputs = ["2.0"]
        else:
            trap.cells[0].source += f"\n{plant}"
        if not any(repr(plant) in leak for leak in _leaks(trap, secrets)):
            faults.append(f"The gate is blind: it misses {plant!r}, planted into a copy.")
    open_ones = {e.grade_id for e in homework.exercises} - {label(cell) for _, cell in hidden}
    notes = [f"{name}: each line of its solution is short or also open" for name in open_ones]
    return faults, f"{len(secrets)} secret lines stay secret", sorted(notes)


def _lines(cell: NotebookNode, hidden: bool) -> Iterator[str]:
    """The lines of a cell that students must not see, or those that they see."""
    inside = region(cell.source)
    for number, line in enumerate(cell.source.splitlines(), 1):
        secret = kind(cell) == "written" or number in inside
        if secret == hidden and not MARKER.search(line):
            yield line.strip()


def _leaks(released: NotebookNode, secrets: dict[str, str]) -> Iterator[str]:
    """What the release must not hold."""
    text = "\n".join(_strings(released))
    for line, where in secrets.items():
        if line in text:
            yield f"{where}: {line!r} is in the release."
    for marker in MARKER.finditer(text):
        yield f"{marker[0]!r} is in the release."
    for cell in released.cells:
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{label(cell)}: {OUTPUT!r} is in the release."


def _strings(value: Any) -> Iterator[str]:
    """Every text within a notebook."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _played(cells: list[NotebookNode]) -> list[tuple[NotebookNode, str | None, float]]:
    """Run all cells in one process, on and on: what went wrong in each, and its seconds."""
    sources = [cell.source for cell in cells]
    (results,) = session([], lambda play: [play(sources, NOTEBOOK_SECONDS, go_on=True)])
    if len(results) < len(cells):
        raise HomeworkError(f"{label(cells[len(results) - 1])} ends the run: {results[-1][0]}")
    return [(cell, *result) for cell, result in zip(cells, results, strict=True)]


def stubs(homework: Homework, tell: Tell) -> Report:
    """Whether the untouched release runs as a student first runs it: every test fails, and says so.

    What stands unlocked and uses an answer may fail; nothing else but a test may.
    """
    own = {label(t): names(e.answer.source)[0] for e in homework.exercises for t in e.tests}
    spoiled = set().union(*(names(e.answer.source)[0] for e in homework.exercises))
    cells = [cell for cell in release(homework.notebook).cells if cell.cell_type == "code"]
    faults = []
    for cell, message, _ in _played(cells):
        bound, read = names(cell.source)
        uses = bool(read & spoiled)
        spoiled |= bound if uses and kind(cell) in ("setup", "code") else set()
        if kind(cell) == "test":
            faults += _untouched(label(cell), message, own.get(label(cell), set()))
        elif kind(cell) == "code" and uses:
            continue
        elif message and not (kind(cell) == "answer" and message.startswith("NotImplementedError")):
            faults.append(f"{label(cell)}: it fails before anything is answered: {message}")
    return faults, f"all {len(own)} tests fail on the untouched release", []


def _untouched(name: str, message: str | None, own: set[str]) -> Iterator[str]:
    """Whether a test fails on a stub in a way that a student understands."""
    missing = re.fullmatch(r"NameError: name '(\w+)' is not defined", message or "")
    if not message:
        yield f"{name}: it passes on the untouched stub."
    elif not (re.match(r"NotImplementedError|AssertionError: .", message) or missing):
        yield f"{name}: on the untouched stub it fails without saying why: {message}"
    elif missing and missing[1] not in own:
        yield f"{name}: it needs {missing[1]}, which its answer does not define."


def references(homework: Homework, tell: Tell) -> Report:
    """Whether every test passes on the reference: in order, a second time, and on its own."""
    cells = [cell for cell in homework.notebook.cells if cell.cell_type == "code"]
    tests = [cell for cell in cells if kind(cell) == "test"]
    faults = []
    for index, (cell, message, seconds) in enumerate(_played(cells + tests)):
        if message:
            again = " when it is run again" if index >= len(cells) else ""
            faults.append(f"{label(cell)}: it fails{again}: {message}")
        if kind(cell) == "test" and seconds > TEST_SECONDS:
            faults.append(f"{label(cell)}: it takes {seconds:.0f} s, over {TEST_SECONDS:g} s.")
    for exercise in homework.exercises:
        tell(f"reference: {exercise.grade_id} on its own")
        setup, after = plan(homework, exercise)
        if message := run(setup, exercise.answer.source, after):
            faults.append(f"{exercise.grade_id}: its tests need more than its answer: {message}")
    return faults, f"all {len(tests)} tests pass on the reference", []


def answers(homework: Homework, tell: Tell) -> Report:
    """Whether the known answers are enough, and each fares as expected."""
    verdicts = []
    for verdict in judge(homework):
        tell(f"answers: {verdict.grade_id}, {verdict.name}")
        verdicts.append(verdict)
    faults = [
        f"{v.grade_id}: {v.name}: {v.expected} expected, {v.got} found. {v.message}".strip()
        for v in verdicts
        if not v.ok
    ]
    for exercise in homework.exercises:
        mine = Counter(v.expected for v in verdicts if v.grade_id == exercise.grade_id)
        wrong, right = mine["visible"] + mine["hidden"], mine["accept"]
        if wrong < WRONG or right < RIGHT:
            known = f"{wrong} wrong and {right} right answers are known"
            faults.append(f"{exercise.grade_id}: {known}: give {WRONG} and {RIGHT} or more.")
    gaps = [f"GAP {v.grade_id}: {v.name}" for v in verdicts if v.gap]
    good = f"{len(verdicts)} known answers fare as expected, {len(gaps)} of them as gaps"
    return faults, good, gaps


def changes(homework: Homework, tell: Tell) -> Report:
    """Whether the tests notice every mutant of the reference, or the author explains why not."""
    faults, notes, tried = [], [], 0
    for toll in survivors(homework):
        tell(f"mutants: {toll.grade_id}")
        tried += toll.tried
        for name in toll.survivors:
            section = f"# %% {name} | equivalent"
            faults.append(f"{toll.grade_id}: test this mutant, or say why not in: {section}")
        for name in toll.stale:
            faults.append(f"{toll.grade_id}: '{name}' is explained, but no mutant that survives.")
        notes.append(f"{toll.grade_id}: {toll.killed} killed, {len(toll.explained)} explained")
    return faults, f"{tried} mutants are noticed or explained", notes


GATES: dict[str, Callable[[Homework, Tell], Report]] = {
    "form": form,
    "release": leaks,
    "stub": stubs,
    "reference": references,
    "answers": answers,
    "mutants": changes,
}
