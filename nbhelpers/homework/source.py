"""The source of a homework: its cells, its exercises, and what students get of it."""

import copy
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import HomeworkError

__all__ = ["Exercise", "Homework", "find", "kind", "meta", "normal", "read", "release", "visible"]

BOOK = Path(__file__).parents[2] / "book"
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS\n.*?^### END HIDDEN TESTS\n?", re.S | re.M)


def meta(cell: NotebookNode) -> dict:
    """The cell's nbgrader metadata, or an empty dict."""
    return cell.get("metadata", {}).get("nbgrader", {})


def kind(cell: NotebookNode) -> str:
    """What a cell is: setup, answer, test, written, text, or code (anything else that runs)."""
    m = meta(cell)
    if cell.cell_type != "code":
        return "written" if m.get("solution") else "text"
    if m.get("solution"):
        return "answer"
    if m.get("grade"):
        return "test"
    return "setup" if m.get("locked") else "code"


def normal(source: str) -> str:
    """A source without what editors change unasked: line ends, trailing and outer blanks."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def visible(source: str) -> str:
    """The source of a test without its hidden part."""
    return HIDDEN.sub("", source).rstrip()


@dataclass(frozen=True)
class Exercise:
    """An answer and the tests that follow it."""

    answer: NotebookNode
    tests: tuple[NotebookNode, ...]

    @property
    def grade_id(self) -> str:
        """The name of the exercise."""
        return meta(self.answer)["grade_id"]

    @property
    def points(self) -> float:
        """What its tests are worth together."""
        return sum(meta(test).get("points", 0) for test in self.tests)


@dataclass(frozen=True)
class Homework:
    """A homework's source notebook, solved."""

    path: Path
    notebook: NotebookNode

    @property
    def name(self) -> str:
        """The chapter's folder, which is also nbgrader's name for the assignment."""
        return self.path.parent.name

    @property
    def file(self) -> str:
        """The file name students see."""
        return self.path.name

    @property
    def answers_folder(self) -> Path:
        """Where the known answers are."""
        return self.path.parent / "homework_answers"

    @property
    def title(self) -> str:
        """The first heading of the notebook."""
        text = "\n".join(c.source for c in self.notebook.cells if c.cell_type == "markdown")
        heading = re.search(r"^# (.+)$", text, re.M)
        return heading[1].strip() if heading else self.name

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The graded exercises, in order."""
        found: list[tuple[NotebookNode, list[NotebookNode]]] = []
        for cell in self.notebook.cells:
            if kind(cell) == "answer":
                found.append((cell, []))
            elif kind(cell) == "test" and found:
                found[-1][1].append(cell)
        return tuple(Exercise(answer, tuple(tests)) for answer, tests in found)

    @property
    def setup(self) -> tuple[NotebookNode, ...]:
        """The locked code cells that are no tests."""
        return tuple(c for c in self.notebook.cells if kind(c) == "setup")

    @property
    def written(self) -> tuple[NotebookNode, ...]:
        """The written answers, which a person grades."""
        return tuple(c for c in self.notebook.cells if kind(c) == "written")

    @property
    def points(self) -> float:
        """What everything is worth together."""
        return sum(meta(c).get("points", 0) for c in self.notebook.cells)


def read(path: Path | str) -> Homework:
    """Read a homework source.

    Raises
    ------
    HomeworkError
        If the file is missing, is no notebook, or holds no exercise.
    """
    path = Path(path).resolve()
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise HomeworkError(f"There is no homework at {path}.") from None
    except Exception as error:
        raise HomeworkError(f"{path} cannot be read as a notebook: {error}") from None
    homework = Homework(path, notebook)
    if not homework.exercises:
        raise HomeworkError(f"{path} has no answer cell: is it a homework's source?")
    return homework


def find(name: str | Path, book: Path = BOOK) -> Homework:
    """Find a homework by its chapter, its chapter's folder, or its file.

    Raises
    ------
    HomeworkError
        If there is none, listing those there are.
    """
    path = Path(name)
    if path.suffix == ".ipynb":
        return read(path)
    for folder in (Path(book) / name, path):
        if sources := sorted(folder.glob("*_homework.ipynb")):
            return read(sources[0])
    there = ", ".join(sorted(p.parent.name for p in Path(book).glob("*/*_homework.ipynb")))
    raise HomeworkError(f"There is no homework {str(name)!r}; there are: {there or 'none'}.")


def release(notebook: NotebookNode) -> NotebookNode:
    """What students get: nbgrader's stubs for the answers, visible tests only, no outputs.

    Raises
    ------
    HomeworkError
        If a marker of a solution or hidden test has no counterpart.
    """
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions

    notebook, resources = copy.deepcopy(notebook), {}
    for preprocessor in (ClearSolutions, ClearOutput, ClearHiddenTests):
        try:
            notebook, resources = preprocessor().preprocess(notebook, resources)
        except RuntimeError as error:
            raise HomeworkError(f"The source's markers do not match: {error}") from None
    for cell in notebook.cells:
        cell.source = cell.source.rstrip()
        if cell.cell_type == "code":
            cell.execution_count = None
    return notebook
