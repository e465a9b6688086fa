"""The teacher's course folder: nbgrader's layout and ours, written so that nothing is half done."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import HomeworkError

__all__ = ["Course", "read_json", "write_bytes", "write_json", "write_text"]


@dataclass(frozen=True)
class Course:
    """Where everything of a course lies; ``name`` is a homework's name."""

    root: Path

    def __post_init__(self) -> None:  # nbgrader changes the working directory while it runs
        object.__setattr__(self, "root", Path(self.root).resolve())

    @property
    def database(self) -> str:
        """The address of nbgrader's gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def released(self, name: str) -> Path:
        """What students get."""
        return self.root / "release" / name

    def collected(self, name: str) -> Path:
        """The submissions as they came, ``<student>.ipynb`` and ``<student>.json``."""
        return self.root / "collected" / name

    def submitted(self, name: str, student: str) -> Path:
        """A submission rebuilt from the release, where nbgrader looks for it."""
        return self.root / "submitted" / student / name

    def results(self, name: str) -> Path:
        """What grading found, ``<student>.json``."""
        return self.root / "results" / name

    def returned(self, name: str) -> Path:
        """Feedback pages and tables."""
        return self.root / "returned" / name


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it sees the old content or the new, never half.

    Raises
    ------
    HomeworkError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(part, 0o644)
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise
    except OSError as error:
        raise HomeworkError(f"{path} cannot be written: {error.strerror}.") from None


def write_text(path: Path, text: str) -> None:
    """Write a text in one step, in UTF-8 with the line ends it has."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON in one step."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    HomeworkError
        If it is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise HomeworkError(f"{path} is damaged: delete it and run the command again.") from None
