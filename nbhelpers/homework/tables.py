"""Tables and archives that Moodle and Canvas take back.

Both systems were read in their source, because their guides say less than their importers ask:

- Moodle's *grading worksheet* needs the columns ``Identifier`` (the word for a participant and a
  number), ``Grade`` and ``Last modified (grade)``; it skips an empty grade and one above the
  maximum.  https://github.com/moodle/moodle/blob/MOODLE_405_STABLE/mod/assign/feedback/offline/
  (``importgradeslib.php``, ``locallib.php``); columns in ``mod/assign/gradingtable.php`` there.
- Moodle's *feedback files in a zip* go to whom the folder names,
  ``<name>_<number>_assignfeedback_file_``; only the number counts, and the name may hold no
  underscore.  https://github.com/moodle/moodle/blob/MOODLE_405_STABLE/mod/assign/feedback/file/
  (``importziplib.php``).  The assignment needs the feedback types *Feedback files* and *Offline
  grading worksheet*.
- Canvas's *gradebook* needs ``Student``, ``ID`` and a last column ``Section`` before the
  assignments, each ``<title> (<number>)``; a row ``Points Possible`` holds the maxima.
  https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
- Canvas's *re-uploaded submissions* go to whom the two numbers in the file's name belong, and
  students see the name and type of what they submitted, whatever came back.
  https://github.com/instructure/canvas-lms/issues/2406
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import HomeworkError
from .source import Homework

if TYPE_CHECKING:
    from .feedback import Grade

__all__ = ["SYSTEMS", "archive", "canvas_file", "moodle_file", "number", "scores"]

SYSTEMS = ("moodle", "canvas")
GENERIC = {"homework", "hw", "assignment", "the", "a", "of", "and"}  # say nothing of which one
KEPT = ("EX", "N/A")  # what Canvas writes for an excused and for an unassigned student


def number(score: float) -> str:
    """A score with at most two decimals and a point: 7, 7.5, 7.25."""
    return f"{score:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Sheet:
    """A CSV text and where each of its cells begins and ends, so that all else stays as it is."""

    text: str
    rows: Sequence[Sequence[tuple[int, int]]]

    def raw(self, row: int, column: int) -> str:
        """A cell as it is written; empty if the row is too short."""
        cells = self.rows[row]
        return self.text[slice(*cells[column])] if column < len(cells) else ""

    def value(self, row: int, column: int) -> str:
        """What a cell says, without quotes and outer blanks."""
        raw = self.raw(row, column).strip()
        return raw[1:-1].replace('""', '"').strip() if raw[:1] == raw[-1:] == '"' else raw

    @property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return [self.value(0, column) for column in range(len(self.rows[0]))]

    def changed(self, cells: Mapping[tuple[int, int], str]) -> str:
        """The text with new values in some cells, quoted where the old ones were."""
        parts, done = [], 0
        for (row, column), value in sorted(cells.items()):
            start, end = self.rows[row][column]
            quote = '"' if self.text[start:end].startswith('"') else ""
            parts += [self.text[done:start], quote + value + quote]
            done = end
        return "".join(parts) + self.text[done:]


def _cut(text: str, delimiter: str) -> list[list[tuple[int, int]]]:
    """Where the cells of each row lie."""
    plain = rf"[^{delimiter}\r\n]*"
    cell = re.compile(rf'("(?:[^"]|"")*+"{plain}|{plain})({delimiter}|\r\n?|\n|\Z)')
    rows: list[list[tuple[int, int]]] = [[]]
    for match in cell.finditer(text, text.startswith("\ufeff")):
        rows[-1].append(match.span(1))
        if not match[2]:
            break
        if match[2] != delimiter:
            rows.append([])
    return rows


def sheet(path: Path) -> Sheet:
    """Read an exported table; commas, semicolons or tabs, whichever makes most columns.

    Raises
    ------
    HomeworkError
        If there is no such file, it is not UTF-8, or it has one column only.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise HomeworkError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise HomeworkError(
            f"{path} is not the file that was downloaded, which is UTF-8: download it again "
            "and do not save it from a spreadsheet."
        ) from None
    rows = max((_cut(text, d) for d in ",;\t"), key=lambda rows: len(rows[0]))
    if len(rows[0]) < 2:
        raise HomeworkError(f"{path} is no table with commas, semicolons or tabs.")
    return Sheet(text, rows)


def _float(text: str) -> float | None:
    """A number as either system writes it, ``20.00`` or ``20,00``; None if it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _words(text: str) -> set[str]:
    """The words and numbers that tell one homework from another; 03 is 3."""
    found = re.findall(r"\d+|[^\W\d_]+", text.casefold())
    return {word.lstrip("0") or "0" for word in found} - GENERIC


def _resembles(title: str, homework: Homework) -> bool:
    """Whether a column's title can mean this homework."""
    theirs, name, title_words = _words(title), _words(homework.name), _words(homework.title)
    if theirs and theirs <= name | title_words:
        return True
    return any(ours and ours <= theirs for ours in (name, title_words))


def _moodle(table: Sheet, path: Path, column: str | None) -> tuple[int, dict[str, int], str]:
    """The column of grades, the row of each student, and the maximum of a grading worksheet.

    Moodle writes titles in the teacher's language, so that the grade's may have to be named; the
    identifier is always first and the maximum always after the grade.
    """
    titles = [title.casefold() for title in table.header]
    wanted = (column or "Grade").casefold()
    if wanted not in titles:
        raise HomeworkError(
            f"{path} has no column {column or 'Grade'!r}: name the one of the grades with "
            f"--column; there are: {', '.join(table.header)}."
        )
    grades = titles.index(wanted)
    who = titles.index("identifier") if "identifier" in titles else 0
    ends = {row: re.search(r"\d+$", table.value(row, who)) for row in range(1, len(table.rows))}
    rows = {end[0]: row for row, end in ends.items() if end}
    return grades, rows, table.value(next(iter(rows.values()), 0), grades + 1)


def _canvas(
    table: Sheet, path: Path, column: str | None, homework: Homework
) -> tuple[int, dict[str, int], str]:
    """The column of grades, the row of each student, and the maximum of a gradebook export."""
    titles = table.header
    if "ID" not in titles or "Section" not in titles:
        raise HomeworkError(
            f"{path} is no gradebook exported from Canvas: no column ID or Section."
        )
    names = {
        index: title[: title.rindex(" (")]
        for index, title in enumerate(titles)
        if re.search(r" \(\d+\)$", title)
    }
    if column:
        fits = [i for i, name in names.items() if column in (name, titles[i])]
    else:
        fits = [i for i, name in names.items() if _resembles(name, homework)]
    if len(fits) != 1:
        choice = ", ".join(repr(titles[i]) for i in (fits or names)) or "none"
        raise HomeworkError(
            f"{path} must have one column for {homework.name}: choose it with --column; "
            f"there are: {choice}."
        )
    body = range(1, len(table.rows))
    rows = {table.value(row, titles.index("ID")): row for row in body}
    maximum = (
        table.value(row, fits[0]) for row in body if "Points Possible" in table.value(row, 0)
    )
    return fits[0], rows, next(maximum, "")


def _factor(homework: Homework, maximum: str, system: str, scale: bool) -> float:
    """By what to multiply scores for a system that counts to ``maximum``."""
    theirs = _float(maximum)
    if theirs is None or theirs <= 0:
        raise HomeworkError(
            f"{system} has no maximum for this homework: grade it there with points, "
            f"{number(homework.points)} of them, and export the table again."
        )
    if abs(theirs - homework.points) < 0.005:
        return 1.0
    if not scale:
        raise HomeworkError(
            f"This homework counts {number(homework.points)} points and {system} "
            f"{number(theirs)}: change the maximum in {system}, or give --scale."
        )
    return theirs / homework.points


def filled(
    grades: Iterable["Grade"],
    homework: Homework,
    lms: str,
    exported: Path,
    column: str | None = None,
    scale: bool = False,
) -> tuple[str, list[str]]:
    """An exported table with the scores in it and all else as it was, and what to see to by hand.

    A student without a score keeps the cell there was, and so does one whom Canvas has excused.

    Raises
    ------
    HomeworkError
        If the table is another system's, has no one column for this homework, counts to another
        maximum (unless ``scale``), or has none of the students.
    """
    grades, table, system = list(grades), sheet(exported), lms.capitalize()
    if lms == "moodle":
        where, rows, maximum = _moodle(table, exported, column)
    else:
        where, rows, maximum = _canvas(table, exported, column, homework)
    if grades and not rows.keys() & {grade.student for grade in grades}:
        raise HomeworkError(f"{exported} has none of the students: is it of this course?")
    factor = _factor(homework, maximum, system, scale)
    cells, notes = {}, []
    for grade in grades:
        who = f"{grade.name} ({grade.student})"
        if grade.student not in rows:
            notes.append(f"{who} is not in {exported.name}.")
        elif grade.score is not None:
            place = rows[grade.student], where
            if lms == "canvas" and (old := table.value(*place)) in KEPT:
                notes.append(f"{who} has {old} in Canvas, which was kept.")
                continue
            cells[place] = number(grade.score * factor)
            if lms == "moodle" and grade.score > homework.points:
                notes.append(f"{who} has more than the maximum, which Moodle does not take.")
    return table.changed(cells), notes


def _harmless(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def made(grades: Iterable["Grade"], homework: Homework, lms: str, column: str | None = None) -> str:
    """A table from scratch, for want of an exported one, with what the system knows students by.

    Canvas finds students by ``ID`` and the assignment by its title, which ``column`` gives.
    Moodle leaves out a row that says less of its last change than Moodle knows, unless the
    teacher ticks *Allow updating records that have been modified more recently*.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    maximum = number(homework.points)
    if lms == "moodle":
        writer.writerow(
            ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)"]
        )
    else:
        title = _harmless(column or homework.title)
        writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title])
        writer.writerow(["    Points Possible", "", "", "", "", maximum])
    for grade in grades:
        name, score = _harmless(grade.name), "" if grade.score is None else number(grade.score)
        if lms == "moodle":
            writer.writerow([f"Participant {grade.student}", name, score, maximum, "-"])
        else:
            writer.writerow([name, grade.student, "", "", "", score])
    return out.getvalue()


def scores(
    grades: Iterable["Grade"],
    homework: Homework,
    lms: str,
    exported: Path | None = None,
    column: str | None = None,
    scale: bool = False,
) -> tuple[str, list[str]]:
    """The table for a system, filled in or made from scratch, and what to see to by hand.

    Raises
    ------
    HomeworkError
        If the system is neither Moodle nor Canvas, or as ``filled`` does.
    """
    if lms not in SYSTEMS:
        raise HomeworkError(f"There is no table for {lms!r}: choose {' or '.join(SYSTEMS)}.")
    if exported is None:
        return made(grades, homework, lms, column), []
    return filled(grades, homework, lms, Path(exported), column, scale)


def moodle_file(grade: "Grade", homework: Homework) -> str | None:
    """Where Moodle looks for a student's page; None if it does not know the student."""
    if not grade.student.isdecimal():
        return None
    name = " ".join(re.sub(r"[^\w'-]|_", " ", grade.name).split()) or "Participant"
    stem = Path(homework.file).stem
    return f"{name}_{grade.student}_assignfeedback_file_/{stem}_feedback.html"


def canvas_file(grade: "Grade", submitted: str) -> str | None:
    """The name under which Canvas takes a notebook back; None if it would not know whose it is."""
    name = re.split(r"[/\\]", submitted)[-1]
    ours = re.search(rf"_{re.escape(grade.student)}_\d+_[^/]*\.ipynb$", name)
    return name if ours else None


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name)  # its time is 1980, whenever this runs
            info.create_system, info.external_attr = 3, 0o644 << 16
            pack.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
