"""The form of a homework: what nbgrader, the grader and a reader rely on."""

import ast
import re
import symtable
from collections import Counter
from collections.abc import Iterator

from nbformat import NotebookNode

from .mutants import region
from .source import Exercise, Homework, kind, meta

__all__ = ["MARKER", "label", "lint", "names"]

WORD = r"[a-z0-9]+(-[a-z0-9]+)*"
MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
FLAGS = {  # grade, solution, locked
    "setup": (False, False, True), "answer": (False, True, False), "test": (True, False, True),
    "written": (True, True, False), "text": (False, False, True),
}  # fmt: skip
GENERATORS = {"default_rng", "rng", "Random", "Generator", "PCG64", "SeedSequence"}
DRAW = re.compile(r"random\.|torch\.(rand|normal)")


def label(cell: NotebookNode) -> str:
    """A cell's name in a sentence."""
    return meta(cell).get("grade_id") or cell.get("id", "a cell without id")


def lint(homework: Homework) -> Iterator[str]:
    """Every fault of form, as a sentence."""
    broken = [*_syntax(homework), *_metadata(homework)]
    yield from broken
    yield from _markers(homework)
    if broken:
        return
    yield from _structure(homework)
    for exercise in homework.exercises:
        yield from _definition(exercise)
        yield from _dependence(homework, exercise)
        for test in exercise.tests:
            yield from _test_cell(test)


def _syntax(homework: Homework) -> Iterator[str]:
    """Cells that are not Python."""
    for cell in homework.notebook.cells:
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                yield f"{label(cell)}: line {error.lineno} is not Python: {error.msg}."


def _metadata(homework: Homework) -> Iterator[str]:
    """Faults of ids and metadata."""
    cells = homework.notebook.cells
    ids = [cell.get("id", "") for cell in cells]
    marks = [meta(cell).get("grade_id", "") for cell in cells if meta(cell)]
    for what, values in (("cell id", ids), ("grade_id", marks)):
        for value, times in Counter(values).items():
            if times > 1:
                yield f"{what} {value!r} is given to {times} cells: rename all but one."
            if not re.fullmatch(WORD, value):
                yield f"{what} {value!r} is not made of lower-case words and hyphens."
    for cell in cells:
        if not (mine := dict(meta(cell))):
            continue
        points = mine.pop("points", None)
        grade, solution, locked = FLAGS.get(kind(cell), (None, None, None))
        wanted = {"grade": grade, "solution": solution, "locked": locked}
        wanted |= {"schema_version": 3, "task": False, "grade_id": mine.get("grade_id", "")}
        if mine != wanted:
            yield f"{label(cell)}: the nbgrader metadata is that of no kind of cell: {mine}."
        if (points is not None) != bool(grade) or (grade and not points > 0):
            yield f"{label(cell)}: points are for tests and written answers, and above 0."
        if kind(cell) == "answer" and "exercise" not in cell.metadata.get("tags", []):
            yield f"{label(cell)}: tag the answer 'exercise'."


def _markers(homework: Homework) -> Iterator[str]:
    """Faults of the regions."""
    for cell in homework.notebook.cells:
        lines = [line for line in cell.source.splitlines() if MARKER.search(line)]
        found = [" ".join(MARKER.search(line).groups()) for line in lines]
        home = {"answer": "SOLUTION", "test": "HIDDEN TESTS"}.get(kind(cell))
        if found != [f"BEGIN {home}", f"END {home}"] * (len(found) // 2):
            yield f"{label(cell)}: its markers must be pairs of BEGIN and END {home or 'nowhere'}."
        indent = r"\s*" if home == "SOLUTION" else ""
        for line in lines:
            if not re.fullmatch(rf"{indent}### {MARKER.pattern}", line):
                yield f"{label(cell)}: {line.strip()!r} is not exactly a marker."
        if home == "SOLUTION" and not found:
            yield f"{label(cell)}: mark its solution with ### BEGIN and END SOLUTION."


def _structure(homework: Homework) -> Iterator[str]:
    """Faults of the order and names of answers, tests and written answers."""
    cells = homework.notebook.cells
    for cell in cells[: cells.index(homework.exercises[0].answer)]:
        if kind(cell) == "test":
            yield f"{label(cell)}: no answer stands above this test."
    for exercise in homework.exercises:
        name = exercise.grade_id
        if not exercise.tests:
            yield f"{name}: no test follows this answer."
        for test in exercise.tests:
            if not re.fullmatch(rf"test-{re.escape(name)}(-.+)?", label(test)):
                yield f"{label(test)}: a test of {name} is called test-{name} or test-{name}-…."
    for before, cell in zip([None, *cells], cells, strict=False):
        if kind(cell) == "written":
            if not re.search(r"^\W*Rubric:", cell.source, re.M):
                yield f"{label(cell)}: a written answer needs a line 'Rubric: …'."
            if before is None or kind(before) != "text":
                yield f"{label(cell)}: the question belongs into a text cell above it."


def _definition(exercise: Exercise) -> Iterator[str]:
    """Faults of an answer's own form."""
    name, tree = exercise.grade_id, ast.parse(exercise.answer.source)
    made = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    if len(made) > 1 or (made and len(tree.body) > 1):
        yield f"{name}: an answer is one function, one class, or assignments."
    if not names(exercise.answer.source)[0]:
        yield f"{name}: the answer defines nothing."
    for node in made:
        head = node.body[0]
        if ast.get_docstring(node) is None:
            yield f"{name}: {node.name} has no docstring."
        elif region(exercise.answer.source) & set(range(node.lineno, head.end_lineno + 1)):
            yield f"{name}: the signature and docstring of {node.name} stand inside the solution."


def _test_cell(test: NotebookNode) -> Iterator[str]:
    """Faults of a test's own form."""
    name, points = label(test), meta(test).get("points")
    said = re.match(r"# Test \S.* \(([\d.]+) points?\): \S", test.source)
    if not said or float(said[1]) != points:
        yield f"{name}: it must begin '# Test <exercise> ({points} points): what is checked'."
    for node in ast.walk(ast.parse(test.source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).removeprefix("numpy.").removeprefix("np.")
        if called == "print":
            yield f"{name}: it prints: say it in the message of an assert."
        if called.split(".")[-1] in GENERATORS:
            seeded = node.args or node.keywords
        else:
            seeded = not DRAW.match(called) or "manual_seed" in test.source
        if not seeded:
            yield f"{name}: {called} is not seeded: use np.random.default_rng(seed)."


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell binds, and those it reads without binding them."""
    top = symtable.symtable(source, "<cell>", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    tables = top.get_children()
    while tables:
        table = tables.pop()
        read |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        tables += table.get_children()
    return bound, read - bound


def _dependence(homework: Homework, exercise: Exercise) -> Iterator[str]:
    """Names in an exercise's tests that another answer defines."""
    others = (e for e in homework.exercises if e is not exercise)
    foreign = set().union(*(names(other.answer.source)[0] for other in others))
    foreign -= names(exercise.answer.source)[0]
    for test in exercise.tests:
        read = names(test.source)[1]
        for name in sorted(read & foreign):
            yield f"{label(test)}: it reads {name}, which another answer defines."
        if "rng" in read - foreign:
            yield f"{label(test)}: it draws from a generator of another cell: make one here."
