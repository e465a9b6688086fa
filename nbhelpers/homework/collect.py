r"""Take submissions in: Moodle's or Canvas's zip, or a folder, one notebook a student.

How both systems name files was read in their source.  Moodle puts what a student uploaded into a
folder ``Full Name_123456_assignsubmission_file_/`` (some versions leave the last underscore out)
or, without *download submissions in folders*, puts these words before the file's name.  A group
has its name and number there, those in no group have no number, and what was typed into Moodle is
in ``..._assignsubmission_onlinetext_``.
https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php

Canvas names a file ``lastfirst_[LATE_]user_upload_name.ipynb``, an anonymous one
``[LATE_]anon_x7Gh2_upload_name.ipynb``, and what was typed ``lastfirst_user_text.html``.  The
number of the upload grows, and a name that the student has used before gets ``-1``, ``-2``.
https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb (``get_filename``) and
``make_unique_filename`` in
https://github.com/instructure/canvas-lms/blob/master/app/models/attachment.rb

Nothing is unpacked: a notebook's bytes are counted while they are read and written under a name
made here.  So no path in a zip leads anywhere, and what a zip says of its sizes does not matter.
"""

import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from os.path import commonprefix
from pathlib import Path
from typing import IO

from . import HomeworkError
from .course import Course, read_json, write_bytes, write_json

__all__ = ["Collected", "collect"]

MEMBER, TOTAL, CHUNK = 100 * 2**20, 2 * 2**30, 2**20  # bytes: a notebook, all of them, one read
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without end at one read
FOLDER = ("", "/", "\\")  # how names of no file end
JUNK = re.compile(
    r"(.*/)?(__MACOSX|[.]ipynb_checkpoints)/.*|(.*/)?([.]_.*|[.]DS_Store|Thumbs[.]db)"
)
LAYOUTS = {
    "moodle": re.compile(
        r"(.*/)?(?P<name>[^/]+?)(_(?P<id>[0-9]{1,20}))?_assignsubmission_[a-z0-9]+"
        r"(_?/(.*/)?|_)(?P<own>[^/]+)"
    ),
    "canvas": re.compile(
        r"((?P<name>[^/]+?)_)??(?P<late>LATE_)?(?P<id>anon_[A-Za-z0-9]{1,20}|(?<=_)[0-9]{1,20})_"
        r"((?P<upload>[0-9]{1,20})_(?P<own>[^/]+?(-(?P<again>[0-9]{1,9}))?([.]\w+)?)"
        r"|(text|link)[.]html)"
    ),
    "folder": re.compile(r"(?P<name>[^/]+?)(/(.*/)?(?P<own>[^/]+)|[.][^/.]*)?"),
}


@dataclass(frozen=True)
class Collected:
    """What became of a student's submission, or of a file that was refused.

    ``problem`` is empty if it was collected, else a sentence.  A file that is refused, or that
    belongs to nobody, has no ``student`` and its path for a ``name``.
    """

    student: str
    name: str
    lms: str
    file: str
    late: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""


class Refused(Exception):
    """Why something is not taken, as a sentence."""


@dataclass(frozen=True)
class File:
    """A file of the archive, why it must not be read, and then whose it is.

    ``own`` is the name that its student gave it; ``age`` grows with time.
    """

    path: str
    open: Callable[[], IO[bytes]]
    age: tuple
    refusal: str = ""
    student: str = ""
    name: str = ""
    own: str = ""
    late: bool = False


def printable(name: str) -> str:
    """A name without the characters that a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in unicodedata.normalize("NFC", name))


def member(pack: zipfile.ZipFile, info: zipfile.ZipInfo) -> File:
    """A file of a zip."""
    path, refusal = info.filename, ""
    if not info.flag_bits & 0x800:  # many programs write UTF-8 and do not say so
        with suppress(UnicodeError):
            path = path.encode("cp437").decode()
    parts = printable(path).replace("\\", "/").split("/")
    if not parts[0] or ".." in parts or re.match("[A-Za-z]:", path) or len(path) > 1000:
        refusal = "Its path leads out of the archive, or is too long."
    elif stat.S_ISLNK(info.external_attr >> 16):
        refusal = "It is a link and no file."
    elif info.flag_bits & 1 or info.compress_type not in PLAIN:
        refusal = "It is encrypted or packed in an unusual way: ask for a plain zip."
    path = "/".join(parts if refusal else (part for part in parts if part not in ("", ".")))
    return File(path, lambda: pack.open(info), info.date_time, refusal)


def loose(root: Path, path: Path) -> File:
    """A file of a folder."""
    about, name = path.lstat(), printable(path.relative_to(root).as_posix())
    refusal = "" if stat.S_ISREG(about.st_mode) else "It is a link or a device and no file."
    return File(name, lambda: path.open("rb"), (about.st_mtime,), refusal)


@contextmanager
def opened(archive: Path) -> Iterator[list[File]]:
    """The files of a folder or a zip, to be read while it is open."""
    if archive.is_dir():
        paths = sorted(
            path for path in archive.rglob("*") if path.is_symlink() or not path.is_dir()
        )
        yield [loose(archive, path) for path in paths]
        return
    try:
        pack = zipfile.ZipFile(archive)
    except Exception:  # zipfile has many ways to say that a file is damaged
        raise HomeworkError(f"There is no folder and no sound zip at {archive}.") from None
    with pack:
        yield [member(pack, info) for info in pack.infolist() if info.filename[-1:] not in FOLDER]


def shared(paths: Sequence[str]) -> int:
    """The length of the path around everything; the folder of one notebook is its student's."""
    around = commonprefix([path.split("/")[:-1] for path in paths])
    if sum(path.lower().endswith(".ipynb") for path in paths) < 2:
        around = around[:-1]
    return sum(len(folder) + 1 for folder in around)


def student_id(name: str) -> str:
    """An id for a name: ASCII letters, digits, ``_``, ``.``, ``@`` and ``-``, never a path."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name))
    plain = re.sub(r"[^\x00-\x7f]", lambda letter: f"u{ord(letter[0]):x}", plain)
    return re.sub(r"[^A-Za-z0-9_.@-]+", "_", plain).strip("_.-")[:100] or "student"


def owned(file: File, match: re.Match) -> File:
    """A file with its owner, as its path tells."""
    whose = {"id": "", "late": "", "upload": "", "again": ""} | match.groupdict("")
    name, own = whose["name"] or whose["id"], whose["own"] or match[0]
    age = int(whose["upload"] or 0), int(whose["again"] or 0), file.age
    student, late = whose["id"] or student_id(name), bool(whose["late"])
    return replace(file, student=student, name=name, own=own, age=age, late=late)


def attributed(files: Sequence[File], lms: str) -> tuple[str, list[File]]:
    """Find the layout and whose the files are; those of nobody are refused, junk is dropped."""
    files = [file for file in files if file.path and not JUNK.fullmatch(file.path)]
    safe = [file for file in files if not file.refusal]
    top = shared([file.path for file in safe])
    for layout in LAYOUTS if lms == "auto" else (lms,):
        start = 0 if layout == "moodle" else top
        matches = [LAYOUTS[layout].fullmatch(file.path, start) for file in safe]
        if 2 * sum(map(bool, matches)) >= len(safe):
            break
    if not files or (safe and not any(matches)):
        raise HomeworkError(f"The archive holds no file named as {layout} names files.")
    stray = f"It is not named as {layout} names files, so nobody knows whose it is."
    return layout, [file for file in files if file.refusal] + [
        owned(file, match) if match else replace(file, refusal=stray)
        for file, match in zip(safe, matches, strict=True)
    ]


class Reader:
    """Reads files up to the limits, whatever an archive says of its sizes."""

    def __init__(self) -> None:
        self.left = TOTAL

    def read(self, file: File) -> bytes:
        """The bytes of a file, or `Refused`."""
        data = bytearray()
        try:
            with file.open() as stream:
                while min(self.left, MEMBER - len(data)) >= 0 and (chunk := stream.read(CHUNK)):
                    data += chunk
                    self.left -= len(chunk)
        except Exception:  # as above
            raise Refused(f"{file.own} is damaged in the archive: get it again.") from None
        if self.left < 0:
            raise Refused(f"The archive holds more than {TOTAL >> 20} MB: collect it in parts.")
        if len(data) > MEMBER:
            raise Refused(f"{file.own} is larger than {MEMBER >> 20} MB: clear its outputs.")
        if not data.strip():
            raise Refused(f"{file.own} is empty.")
        return bytes(data)


def choose(files: Sequence[File], topic: str) -> tuple[File, list[str]]:
    """The notebook of a student that counts, and why; or `Refused`."""

    def named(file: File) -> bool:
        return f"{topic}_homework" in re.sub("[^a-z0-9]+", "_", file.own.lower())

    notebooks = [file for file in files if file.own.lower().endswith(".ipynb")]
    if not notebooks:
        there = ", ".join(file.own for file in files[:5]) + ", …" * (len(files) > 5)
        raise Refused(f"There is no notebook among the files: {there}.")
    first, *others = sorted(notebooks, key=lambda file: (named(file), file.age))[::-1]
    if not others:
        return first, []
    why = "named like the homework" if named(first) > named(others[0]) else "the newest"
    return first, [f"Of {len(notebooks)} notebooks, {first.own} was taken: it is {why}."]


def take(about: Collected, files: Sequence[File], reader: Reader, folder: Path) -> Collected:
    """Write the notebook of a student that counts, and its record; or `Refused`."""
    file, notes = choose(files, folder.name.partition("_")[2])
    data, path = reader.read(file), folder / f"{about.student}.ipynb"
    if path.exists() and path.read_bytes() != data:
        notes.append("It replaces a notebook that was collected before.")
    about = replace(about, file=file.path, late=file.late, notes=tuple(notes))
    write_bytes(path, data)
    record = {key: value for key, value in asdict(about).items() if key != "problem"}
    write_json(path.with_suffix(".json"), record)
    return about


def collect(course: Course, name: str, archive: Path, lms: str = "auto") -> list[Collected]:
    """Take in the submissions of a homework.

    A student's notebook replaces an earlier one; students of whom nothing comes keep theirs.

    Parameters
    ----------
    name : the homework's name.
    archive : a zip as Moodle or Canvas make it, packed or not, or a folder or zip of notebooks
        named like their students, or of students' folders.
    lms : "moodle", "canvas" or "folder" for these layouts, or "auto" to find out.

    Returns
    -------
    A record for each student, and one for each file that was refused.

    Raises
    ------
    HomeworkError
        If the archive cannot be read, is empty or has another layout; nothing is written then.
    """
    if lms not in ("auto", *LAYOUTS):
        raise HomeworkError(f"There is no layout {lms!r}: take auto, moodle, canvas or folder.")
    folder, reader, students = course.collected(name), Reader(), {}
    earlier = [read_json(path) for path in folder.glob("*.json")]
    with opened(Path(archive)) as files:
        lms, files = attributed(files, lms)
        found = [Collected("", f.path, lms, f.path, problem=f.refusal) for f in files if f.refusal]
        for file in files:
            if not file.refusal:
                students.setdefault((file.student, file.name), []).append(file)
        # a number of Moodle's or Canvas's is one student's, even where the name was hidden before
        others = [old for old in earlier if lms == "folder" or old["lms"] != lms]
        owners = {old["student"].casefold(): (old["name"], old["lms"]) for old in others}
        for (student, name), theirs in students.items():
            about = Collected(student, name, lms, theirs[0].path)
            owner = owners.setdefault(student.casefold(), (name, lms))
            try:
                if owner != (name, lms):
                    raise Refused(f"{owner[0]} has the student id {student!r} too: rename one.")
                found.append(take(about, theirs, reader, folder))
            except Refused as why:
                found.append(replace(about, problem=str(why)))
    return found
