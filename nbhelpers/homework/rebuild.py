"""Rebuild a submission: the released notebook with the student's answers put in.

Students' notebooks come back with cells deleted, copied, split and shuffled, and with metadata
lost or altered.  None of that reaches the grader: every locked cell, every test, all metadata, the
ids and the order come from the release.  Of a submission only the sources of its cells are taken,
none is run, and what is uncertain or was put back is told in notes for teacher and student.
"""

import ast
import codecs
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from . import HomeworkError
from .source import Homework, kind, meta, normal, release

__all__ = ["Unreadable", "rebuild"]

LARGEST, LONG = 100 * 2**20, 10**5  # bytes of a submission; characters of a cell worth parsing
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NEW = {"code": new_code_cell, "raw": new_raw_cell, "markdown": new_markdown_cell}


class Unreadable(HomeworkError):
    """A submission that is no notebook of this homework; the message says why."""


@dataclass
class Cell:
    """What is taken of a submitted cell; ``names`` is what it defines at its top level."""

    type: str
    source: str
    id: str
    grade_id: str
    points: Any
    names: frozenset[str]
    clean: bool  # no characters had to be taken out


def rebuild(homework: Homework, data: bytes) -> tuple[NotebookNode, list[str]]:
    """Put the answers of a submission into the released notebook.

    An answer is found by its grade_id, its id, its source, the names it defines, or its place.
    Students' own cells stay behind the cell they followed, with the tag ``student-extra``.

    Returns
    -------
    The notebook, and sentences about what was found elsewhere or put back.

    Raises
    ------
    Unreadable
        If the bytes are no notebook, or a notebook of something else.
    """
    notebook = release(homework.notebook)
    match = Match(homework, notebook.cells, submitted(data))
    match.answers()
    match.restored()
    notebook.cells = match.assembled()
    return notebook, match.notes


def submitted(data: bytes) -> list[Cell]:
    """The cells of a notebook of any format, however damaged it is."""
    if len(data) > LARGEST:
        raise Unreadable("The file is larger than 100 MB: clear the outputs and hand it in again.")
    if not data.strip():
        raise Unreadable("The file is empty: save the notebook and hand it in again.")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        content = json.loads(data.decode("utf-16" if wide else "utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable("The file is no notebook, or only part of one: it is not JSON.") from None
    content = content if isinstance(content, dict) else {}
    sheets = [content, *dicts(content.get("worksheets"))]  # nbformat 3 has worksheets
    cells = [read(cell) for sheet in sheets for cell in dicts(sheet.get("cells"))]
    if not cells:
        raise Unreadable("The file is no notebook: it is JSON, but holds no cells.")
    return cells


def dicts(value: Any) -> list[dict]:
    """The dicts of what should be a list of dicts."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def read(cell: dict) -> Cell:
    """A cell of a notebook's JSON, in which nothing need be what it should be."""
    about = next(iter(dicts([cell.get("metadata")])), {})
    mine = next(iter(dicts([about.get("nbgrader")])), {})
    raw = cell.get("source", cell.get("input"))  # nbformat 3 says input
    lines = [line for line in (raw if isinstance(raw, list) else [raw]) if isinstance(line, str)]
    text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
    source = CONTROL.sub("", text).encode(errors="replace").decode()  # no half of a surrogate pair
    form = cell.get("cell_type") if cell.get("cell_type") in ("code", "raw") else "markdown"
    functions, variables = defined(source, form == "code")
    return Cell(
        type=form,
        source=source,
        id=str(cell.get("id", about.get("id"))),
        grade_id=str(mine.get("grade_id")),
        points=mine.get("points"),
        names=functions | variables if form == "code" else functions,
        clean=source == text,
    )


def defined(source: str, code: bool = True) -> tuple[frozenset[str], frozenset[str]]:
    """The functions and classes, and the variables, that a source defines at its top level.

    Where it does not parse, code gives a guess and text nothing.
    """
    try:
        body = ast.parse(source if len(source) <= LONG else "too long").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        source = source if code else ""
        functions = re.findall(r"^(?:def|class)\s+(\w+)", source, re.M)
        return frozenset(functions), frozenset(re.findall(r"^(\w+)\s*=(?!=)", source, re.M))
    callables, bindings = ast.FunctionDef | ast.ClassDef, ast.Assign | ast.AnnAssign
    nodes = [n for node in body if isinstance(node, bindings) for n in ast.walk(node)]
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return frozenset(n.name for n in body if isinstance(n, callables)), frozenset(stored)


class Match:
    """Which submitted cell is which released one, both given by their numbers.

    ``home`` holds, for each submitted cell, the released cell that it is or was made from, or None;
    ``chosen``, for each released cell that students fill in, the submitted cell that counts.
    """

    def __init__(self, homework: Homework, released: list[NotebookNode], cells: list[Cell]) -> None:
        self.released, self.cells = released, cells
        self.kinds = [kind(cell) for cell in released]
        self.labels = [meta(cell).get("grade_id", cell.id) for cell in released]
        self.blank = [normal(cell.source) for cell in released]
        self.filled = [normal(cell.source) for cell in cells]
        by_label = {label: i for i, label in enumerate(self.labels)}
        by_id = {cell.id: i for i, cell in enumerate(released)}
        by_source = {text: i for i, text in enumerate(self.blank) if self.blank.count(text) == 1}
        self.home = [
            by_label.get(cell.grade_id, by_id.get(cell.id, by_source.get(text)))
            for cell, text in zip(cells, self.filled, strict=True)
        ]
        self.named: dict[int, set[int]] = {}  # the submitted cells that define what is asked for
        for exercise in homework.exercises:
            i = by_label[exercise.grade_id]
            stub, solved = defined(released[i].source), defined(exercise.answer.source)
            wanted = stub[0] or solved[0] or stub[1] or solved[1]
            self.named[i] = {j for j, cell in enumerate(cells) if wanted and wanted <= cell.names}
        self.chosen: dict[int, int] = {}
        self.notes: list[str] = []

    def new(self, i: int, j: int) -> bool:
        """Whether a submitted cell holds something that the released one does not."""
        return self.filled[j] not in ("", self.blank[i])

    def note(self, i: int, text: str) -> None:
        """Tell something about a released cell."""
        self.notes.append(f"{self.labels[i]}: {text}.")

    def take(self, i: int, j: int, found: str = "") -> None:
        """Let a submitted cell count for a released one; ``found`` says how, if that is a guess."""
        self.chosen[i] = j
        if self.chosen.get(self.home[j]) != j:
            self.home[j] = i
        if found:
            self.note(i, f"the answer was found in cell {j + 1} by {found}")
        ours, theirs = self.released[i].cell_type, self.cells[j].type
        if ours != theirs:
            self.note(i, f"a {ours} cell had become a {theirs} cell, and was changed back")

    def answers(self) -> None:
        """Choose what counts for each cell that students fill in."""
        slots = [i for i, what in enumerate(self.kinds) if what in ("answer", "written", "code")]
        for i in slots:
            self.recognize(i)
        graded = [i for i, what in enumerate(self.kinds) if what in ("answer", "written", "test")]
        if set(graded).isdisjoint(self.home):
            raise Unreadable("This is another notebook: no exercise of the homework is in it.")
        for i in slots:
            if self.kinds[i] != "code":
                self.place(i)

    def recognize(self, i: int) -> None:
        """Find an answer by what its cell says of itself, or by the names it defines."""
        named, everywhere = self.named.get(i, set()), range(len(self.cells))
        near = [j for j in everywhere if self.home[j] == i]
        if not any(self.new(i, j) and j in named for j in near):
            near += [j for j in named if self.home[j] is None]
        if not near:
            return
        test = next((k for k in range(i, len(self.kinds)) if self.kinds[k] == "test"), -1)
        tested = next((j for j in everywhere if self.home[j] == test), len(self.cells))

        def weight(j: int) -> tuple:  # what is found by its names below the test is an experiment
            return self.new(i, j), j in named, self.home[j] == i or j < tested, j

        best = max(near, key=weight)
        self.take(i, best, "" if self.home[best] == i else "the names it defines")
        if any(self.new(i, j) and self.filled[j] != self.filled[best] for j in near):
            self.note(i, f"more than one cell answers it: cell {best + 1} counts")

    def place(self, i: int) -> None:
        """Find a missing answer in the cell of another one, or between its neighbors."""
        lost, written = i not in self.chosen, self.kinds[i] == "written"
        if not lost and not (written and not self.new(i, self.chosen[i])):
            return
        for j in sorted(self.named.get(i, ())):
            if self.home[j] in self.chosen:
                return self.take(i, j, "the names it defines")
        # the nearest neighbors that are there; of their copies, the outermost
        known = [(home, -j) for j, home in enumerate(self.home) if home is not None]
        start = 1 - max((pair for pair in known if pair[0] < i), default=(0, 1))[1]
        end = -min((pair for pair in known if pair[0] > i), default=(0, -len(self.cells)))[1]
        free = [j for j in range(start, end) if self.home[j] is None and self.filled[j]]
        like = [j for j in free if self.cells[j].type == self.released[i].cell_type]
        if written and lost:
            like = like or [j for j in free if j == start]  # code in place of the text
        lines = set(self.blank[i].splitlines())
        if like:
            best = max(like, key=lambda j: (len(lines & set(self.filled[j].splitlines())), -j))
            self.take(i, best, "its place")
        elif lost:
            self.note(i, "there is no cell with an answer")

    def restored(self) -> None:
        """Tell what was put back as it was released."""
        for i, cell in enumerate(self.released):
            copies = [j for j, home in enumerate(self.home) if home == i]
            locked = meta(cell).get("locked")
            if locked and not copies:
                self.note(i, "the cell was missing, and was put back")
            elif locked and any(self.filled[j] != self.blank[i] for j in copies):
                self.note(i, "the cell was changed, and was put back as it was released")
            if any(self.cells[j].points not in (None, meta(cell).get("points")) for j in copies):
                self.note(i, "its points were changed, and were put back")
        if not all(cell.clean for cell in self.cells):
            self.notes.append("Characters that cannot be typed were taken out of the notebook.")

    def extras(self) -> dict[int, list[Cell]]:
        """The students' own cells, by the released cell that they follow."""
        found, seen = defaultdict(list), set()
        last = self.kinds.index("setup") if "setup" in self.kinds else 0
        for j, i in enumerate(self.home):
            if i is None:
                own = bool(self.filled[j])
            elif self.chosen.get(i, j) != j:  # another answer, or a copy
                own = self.new(i, j) and self.filled[j] != self.filled[self.chosen[i]]
            else:
                own = self.new(i, j) and self.kinds[i] == "text" and not meta(self.released[i])
                last = last if i in seen else i
                seen.add(i)
            if own:
                found[last].append(self.cells[j])
        return found

    def assembled(self) -> list[NotebookNode]:
        """The released cells with the answers, each followed by the student's own cells."""
        result, extras, ids = [], self.extras(), {cell.id for cell in self.released}
        fresh = (name for name in map("student-extra-{}".format, count(1)) if name not in ids)
        for i, cell in enumerate(self.released):
            if i in self.chosen:
                cell.source = self.cells[self.chosen[i]].source
            result.append(cell)
            for own in extras[i]:
                tags = {"tags": ["student-extra"]}
                result.append(NEW[own.type](own.source, id=next(fresh), metadata=tags))
        return result
