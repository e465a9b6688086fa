"""Submissions are taken in whole and safely, whatever the archive looks like."""

import io
import os
import re
import shutil
import socket
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbhelpers.homework import HomeworkError
from nbhelpers.homework import collect as module
from nbhelpers.homework.collect import Collected, collect
from nbhelpers.homework.course import Course, read_json, write_json

HW = "03_feedforward"
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
MOODLE = "Anna Bell_123456_assignsubmission_file_/hw.ipynb"


def pack(path: Path, files: dict[str, bytes] | list[tuple], method=zipfile.ZIP_DEFLATED) -> Path:
    """A zip of these files; a name may be a ZipInfo."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data, method)
    return path


def spread(folder: Path, files: dict[str, bytes]) -> Path:
    """The same as a folder; later files are newer."""
    for age, (name, data) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1e9 + age, 1e9 + age))
    return folder


def dated(name: str, day: int) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (2025, 1, day, 0, 0, 0))


@pytest.fixture
def course(tmp_path) -> Course:
    return Course(tmp_path / "course")


@pytest.fixture
def take(tmp_path, course):
    """Collect a zip of the given files."""

    def run(files, lms="auto", **more) -> list[Collected]:
        return collect(course, HW, pack(tmp_path / "submissions.zip", files, **more), lms)

    return run


def there(course: Course) -> dict[str, bytes]:
    """What was collected: the notebooks by student; each must have its record."""
    folder = course.collected(HW)
    found = {path.stem: path.read_bytes() for path in folder.glob("*.ipynb")}
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        f"{student}.{end}" for student in found for end in ("ipynb", "json")
    )
    return found


def only(found: list[Collected]) -> Collected:
    assert len(found) == 1, found
    return found[0]


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


# Layouts


@pytest.mark.parametrize(
    "path",
    [
        MOODLE,
        "Anna Bell_123456_assignsubmission_file/hw.ipynb",
        "Anna Bell_123456_assignsubmission_file_/sub/folder/hw.ipynb",
        "Anna Bell_123456_assignsubmission_file_hw.ipynb",
        "all of them/Anna Bell_123456_assignsubmission_file_/hw.ipynb",
        "all of them/Anna Bell_123456_assignsubmission_file_hw.ipynb",
    ],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_moodle(path, unpacked, tmp_path, course):
    files = {path: NOTEBOOK}
    archive = (
        spread(tmp_path / "in", files) if unpacked else pack(tmp_path / "submissions.zip", files)
    )
    found = only(collect(course, HW, archive))
    assert found == Collected("123456", "Anna Bell", "moodle", path)
    assert there(course) == {"123456": NOTEBOOK}
    assert read_json(course.collected(HW) / "123456.json") == {
        "student": "123456",
        "name": "Anna Bell",
        "lms": "moodle",
        "file": path,
        "late": False,
        "notes": [],
    }


@pytest.mark.parametrize(
    "name, student",
    [
        ("O'Brien-Nuñez, José María_7", "7"),
        ("Ann_Marie Bell_77", "77"),
        ("Ann 5_6_77", "77"),
        ("Participant_4711", "4711"),
        ("王伟_12", "12"),
        ("Team 3_9", "9"),
    ],
)
def test_moodle_names(name, student, take, course):
    found = only(take({f"{name}_assignsubmission_file_/hw.ipynb": NOTEBOOK}))
    assert (found.student, found.name, found.problem) == (student, name.rpartition("_")[0], "")
    assert list(there(course)) == [student]


def test_moodle_group_without_a_number(take, course):
    assert only(take({"Default group_assignsubmission_file_/a.ipynb": NOTEBOOK})).problem == ""
    assert list(there(course)) == ["Default_group"]


def test_moodle_online_text_is_no_notebook(take, course):
    text = "Bo Day_8_assignsubmission_onlinetext_/onlinetext.html"
    mine = "Anna Bell_123456_assignsubmission_onlinetext_/onlinetext.html"
    anna, bo = take({mine: b"<p>done</p>", MOODLE: NOTEBOOK, text: b"<p>hello</p>"})
    assert anna.problem == "" and anna.notes == ()
    assert bo.problem == "There is no notebook among the files: onlinetext.html."
    assert there(course) == {"123456": NOTEBOOK}


@pytest.mark.parametrize(
    "path, student, name, late",
    [
        ("bellanna_12_345_hw.ipynb", "12", "bellanna", False),
        ("bellanna_LATE_12_345_hw.ipynb", "12", "bellanna", True),
        ("bell_anna_12_345_hw_1_2_x.ipynb", "12", "bell_anna", False),
        ("núñezjosé_12_345_my homework, final.ipynb", "12", "núñezjosé", False),
        ("anon_x7Gh2_345_hw.ipynb", "anon_x7Gh2", "anon_x7Gh2", False),
        ("LATE_anon_x7Gh2_345_hw.ipynb", "anon_x7Gh2", "anon_x7Gh2", True),
    ],
)
@pytest.mark.parametrize("around", ["", "submissions/"])
def test_canvas(path, student, name, late, around, take, course):
    second = around + "zoe_99_1_hw.ipynb"
    found, zoe = take({around + path: NOTEBOOK, second: b"{}"})
    assert found == Collected(student, name, "canvas", around + path, late)
    assert there(course) == {student: NOTEBOOK, zoe.student: b"{}"}
    assert read_json(course.collected(HW) / f"{student}.json")["late"] is late


def test_canvas_text_entry(take):
    found = only(take({"bellanna_12_text.html": b"x"}, lms="canvas"))
    assert (found.student, found.problem) == (
        "12",
        "There is no notebook among the files: bellanna_12_text.html.",
    )


@pytest.mark.parametrize("around", ["", "all/", "all/of/them/"])
def test_plain_folder_or_zip(around, tmp_path, course):
    """A student is a file or a folder; folders around everything are no student."""
    files = {"anna.ipynb": b"1", "bo.day@x.org.ipynb": b"2", "Cy Ng/hw.ipynb": b"3"}
    files = {around + name: data for name, data in files.items()}
    for archive in (pack(tmp_path / "a.zip", files), spread(tmp_path / "in", files)):
        found = collect(course, HW, archive)
        assert {one.lms for one in found} == {"folder"}
        assert there(course) == {"anna": b"1", "bo.day@x.org": b"2", "Cy_Ng": b"3"}
    assert {one.name for one in found} == {"anna", "bo.day@x.org", "Cy Ng"}


def test_folder_of_one(take, course):
    assert only(take({"anna/hw.ipynb": NOTEBOOK, "anna/plot.png": b"x"})).student == "anna"
    assert only(take({"class/bo/hw.ipynb": NOTEBOOK})).student == "bo"
    assert set(there(course)) == {"anna", "bo"}


def test_paths_that_say_nothing(take, course):
    folders = {"Anna Bell_1_assignsubmission_file_/": b"", "Bo_2_assignsubmission_file_/": b""}
    assert len(take({MOODLE: b"1"} | folders)) == 1
    shutil.rmtree(course.root)
    take({"./anna//hw.ipynb": b"1", "bo.ipynb": b"2", "./": b""})
    assert there(course) == {"anna": b"1", "bo": b"2"}


def test_students_data_does_not_make_it_canvas(take):
    files = {f"anna/run_{i}_2_log.ipynb": b"1" for i in range(9)} | {"bo/hw.ipynb": b"1"}
    assert {one.student for one in take(files)} == {"anna", "bo"}


def test_layout_by_name(take, course):
    found = only(take({MOODLE: NOTEBOOK}, lms="folder"))
    assert found.student == "Anna_Bell_123456_assignsubmission_file"
    with pytest.raises(HomeworkError, match="no file named as canvas names files"):
        take({MOODLE: NOTEBOOK}, lms="canvas")
    with pytest.raises(HomeworkError, match="take auto, moodle, canvas or folder"):
        take({MOODLE: NOTEBOOK}, lms="blackboard")


def test_a_file_of_nobody(take, course):
    found = take({MOODLE: NOTEBOOK, "grades.csv": b"1"})
    assert [one.student for one in found] == ["", "123456"]
    assert found[0].name == "grades.csv"
    assert "nobody knows whose it is" in found[0].problem
    assert set(there(course)) == {"123456"}


# Names


@pytest.mark.parametrize(
    "name, student",
    [
        ("José Núñez", "Jose_Nunez"),
        ("Bell, Anna (2)", "Bell_Anna_2"),
        ("Straße", "Strau" + "dfe"),
        ("王伟", "u738bu4f1f"),
        ("..", "student"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("a" * 300, "a" * 100),
    ],
)
def test_student_id(name, student):
    assert module.student_id(name) == student


@given(st.text(max_size=50))
def test_student_id_is_always_a_plain_name(name):
    found = module.student_id(name)
    assert re.fullmatch(r"[A-Za-z0-9_@][A-Za-z0-9_.@-]*", found) and len(found) <= 100


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "latin-1"])
def test_names_in_any_encoding(encoding, tmp_path, course):
    """Many zips hold names in another encoding than they say, which is cp437 by default."""
    name, stand_in = "José_5_assignsubmission_file_hw.ipynb".encode(encoding), None
    stand_in = b"x" * len(name)
    path = pack(tmp_path / "a.zip", {stand_in.decode(): NOTEBOOK})
    path.write_bytes(path.read_bytes().replace(stand_in, name))
    found = only(collect(course, HW, path))
    assert there(course) == {"5": NOTEBOOK}
    assert found.name == "José" or encoding == "latin-1"


def test_no_name_commands_the_terminal(take):
    found = only(take({"\x1b[2JAnna\n_5_assignsubmission_file_/hw.ipynb": NOTEBOOK}))
    assert found.name.isprintable() and found.file.isprintable()


# Which notebook counts


def test_newest_of_canvas(take, course):
    """The number of the upload and the suffix grow; the time in the zip says nothing."""
    found = only(
        take(
            [
                (dated("bellanna_12_9_hw.ipynb", 30), b"1"),
                (dated("bellanna_12_100_hw-10.ipynb", 1), b"3"),
                (dated("bellanna_12_99_hw-9.ipynb", 30), b"2"),
            ]
        )
    )
    assert there(course) == {"12": b"3"}
    assert found.notes == ("Of 3 notebooks, hw-10.ipynb was taken: it is the newest.",)
    assert read_json(course.collected(HW) / "12.json")["notes"] == list(found.notes)
    names = ["bellanna_12_9_hw-10.ipynb", "bellanna_12_9_hw-9.ipynb"]
    for order in (names, names[::-1]):
        take([(dated(name, 1), name.encode()) for name in order])
        assert there(course) == {"12": names[0].encode()}


def test_the_upload_tells_more_than_the_time(take, course):
    new, old = "bellanna_12_100_b.ipynb", "bellanna_12_9_a.ipynb"
    take([(dated(new, 1), b"new"), (dated(old, 5), b"old")])
    assert there(course) == {"12": b"new"}


def test_of_equals_the_last_counts(take, course):
    """A zip may hold a file twice; the second one replaced the first."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        found = only(take([(dated(MOODLE, 1), b"first"), (dated(MOODLE, 1), b"second")]))
    assert there(course) == {"123456": b"second"} and len(found.notes) == 1


@pytest.mark.parametrize("newest", [0, 1])
def test_newest_by_time(newest, take, tmp_path, course):
    names = ["anna/a.ipynb", "anna/b.ipynb", "bo.ipynb"]
    days = {0: [2, 1, 1], 1: [1, 2, 1]}[newest]
    take([(dated(n, day), n.encode()) for n, day in zip(names, days, strict=True)])
    assert there(course)["anna"] == names[newest].encode()
    files = {names[1 - newest]: b"old", names[newest]: b"new", "bo.ipynb": b"x"}
    collect(course, HW, spread(tmp_path / "in", files))
    assert there(course)["anna"] == b"new"


def test_named_like_the_homework(take, course):
    folder = "Anna Bell_1_assignsubmission_file_/"
    found = only(
        take(
            [
                (dated(folder + "Feedforward-Homework (1).ipynb", 1), b"this"),
                (dated(folder + "cnn_homework.ipynb", 8), b"other homework"),
                (dated(folder + "feedforward_numpy.ipynb", 9), b"page"),
            ]
        )
    )
    assert there(course) == {"1": b"this"}
    assert found.notes == (
        "Of 3 notebooks, Feedforward-Homework (1).ipynb was taken: it is named like the homework.",
    )


def test_no_notebook_names_what_was_there(take, course):
    folder = "Anna Bell_1_assignsubmission_file_/"
    found = only(take({folder + "hw.pdf": b"1", folder + "notes.txt": b"2"}))
    assert found.problem == "There is no notebook among the files: hw.pdf, notes.txt."
    assert not course.collected(HW).exists()
    many = only(take({f"{folder}{i}.txt": b"1" for i in range(9)}))
    assert many.problem.endswith("0.txt, 1.txt, 2.txt, 3.txt, 4.txt, ….")


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_empty_notebook(data, take, course):
    found = take({MOODLE: data, MOODLE.replace("Anna Bell_123456", "Bo_2"): NOTEBOOK})
    assert [one.problem for one in found] == ["hw.ipynb is empty.", ""]
    assert set(there(course)) == {"2"}


def test_junk_is_ignored(take, course):
    folder = "Anna Bell_1_assignsubmission_file_/"
    junk = [
        "__MACOSX/" + folder + "._hw.ipynb",
        folder + "._hw.ipynb",
        folder + ".DS_Store",
        ".DS_Store",
        folder + ".ipynb_checkpoints/hw-checkpoint.ipynb",
        folder + "Thumbs.db",
    ]
    found = only(take({folder + "hw.ipynb": NOTEBOOK} | dict.fromkeys(junk, b"junk")))
    assert (found.notes, found.problem) == ((), "")
    assert there(course) == {"1": NOTEBOOK}
    with pytest.raises(HomeworkError, match="holds no file"):
        take(dict.fromkeys(junk, b"junk"))


# One file a student


@pytest.mark.parametrize("names", [("José", "Jose"), ("a b", "a_b"), ("Anna", "anna")])
def test_never_two_students_in_one_file(names, take, course):
    first, second = take({f"{names[0]}.ipynb": b"1", f"{names[1]}.ipynb": b"2"})
    assert first.problem == "" and first.name == names[0]
    assert second.problem.startswith(f"{names[0]} has the student id")
    assert list(there(course).values()) == [b"1"]
    assert {one.name for one in take({f"{names[1]}.ipynb": b"2"}) if one.problem} == {names[1]}
    assert list(there(course).values()) == [b"1"]


def test_one_number_with_two_names(take, course):
    anna, bo = take({MOODLE: b"1", MOODLE.replace("Anna Bell", "Bo Day"): b"2"})
    assert anna.problem == "" and "Anna Bell has the student id '123456' too" in bo.problem
    assert there(course) == {"123456": b"1"}


def test_another_layout_with_the_same_id(take, course):
    take({MOODLE: b"1"})
    assert "Anna Bell has the student id" in only(take({"123456.ipynb": b"2"})).problem
    assert there(course) == {"123456": b"1"}


def test_collecting_twice(take, course):
    bo, cy = (MOODLE.replace("Anna Bell_123456", who) for who in ("Bo_2", "Cy_3"))
    take({MOODLE: b"1", bo: b"1", cy: b"1"})
    assert [one.notes for one in take({MOODLE: b"1", bo: b"1"})] == [(), ()]
    again = take({MOODLE: b"2", bo.replace(".ipynb", ".pdf"): b"x"})
    assert there(course) == {"123456": b"2", "2": b"1", "3": b"1"}
    assert again[0].notes == ("It replaces a notebook that was collected before.",)
    assert again[1].problem


def test_a_name_that_was_hidden_before(take, course):
    """The number is the student's, blind marking or not."""
    take({MOODLE.replace("Anna Bell", "Participant"): b"1"})
    assert only(take({MOODLE: b"2"})).problem == ""
    assert there(course) == {"123456": b"2"}


def test_a_damaged_record_stops_before_anything_is_written(take, course):
    write_json(course.collected(HW) / "1.json", {})
    (course.collected(HW) / "1.json").write_text("{")
    with pytest.raises(HomeworkError, match="damaged"):
        take({MOODLE: b"1"})
    assert not list(course.collected(HW).glob("*.ipynb"))


# Safety


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def marked(path: Path, flag: int) -> None:
    """Set a flag of every member, in both of its headers."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(signature), bytes(data)):
            data[found.start() + offset] |= flag
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.ipynb",
        "/tmp/evil.ipynb",
        "C:/evil.ipynb",
        "C:evil.ipynb",
        "..\\evil.ipynb",
        "\\\\server\\share\\evil.ipynb",
        "Bo_2_assignsubmission_file_/../../evil.ipynb",
        "Bo_2_assignsubmission_file_/" + "x" * 2000 + ".ipynb",
    ],
)
def test_paths_that_lead_out(name, take, tmp_path, course):
    before = files(tmp_path.parent)
    refused, anna = take({name: b"evil", MOODLE: NOTEBOOK})
    assert refused.student == "" and refused.name == name.replace("\\", "/")
    assert refused.problem == "Its path leads out of the archive, or is too long."
    assert anna.problem == ""
    folder = course.collected(HW)
    ours = {tmp_path / "submissions.zip", folder / "123456.ipynb", folder / "123456.json"}
    assert files(tmp_path.parent) - before == ours
    assert not Path("/tmp/evil.ipynb").exists() and not Path("evil.ipynb").exists()


def test_links_in_a_zip(take, course):
    name = MOODLE.replace("Anna Bell_123456", "Bo_2")
    refused, anna = take([(link(name), b"/etc/passwd"), (MOODLE, NOTEBOOK)])
    assert (refused.name, refused.problem) == (name, "It is a link and no file.")
    assert there(course) == {anna.student: NOTEBOOK}


def test_links_and_devices_in_a_folder(tmp_path, course, monkeypatch):
    secret = tmp_path / "secret"
    spread(secret, {"hw.ipynb": b"secret"})
    inbox = spread(tmp_path / "in", {"anna/hw.ipynb": NOTEBOOK, "cy/hw.ipynb": NOTEBOOK})
    (inbox / "bo.ipynb").symlink_to(secret / "hw.ipynb")
    (inbox / "dan").symlink_to(secret)
    (inbox / "anna" / "gone.ipynb").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(inbox)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as device:
        device.bind("eve.ipynb")
        found = collect(course, HW, inbox)
    refused = {one.name for one in found if one.problem}
    assert refused == {"bo.ipynb", "dan", "anna/gone.ipynb", "eve.ipynb"}
    assert there(course) == {"anna": NOTEBOOK, "cy": NOTEBOOK}


def test_encrypted(tmp_path, course):
    path = pack(tmp_path / "a.zip", {MOODLE: NOTEBOOK})
    marked(path, 1)
    assert "encrypted" in only(collect(course, HW, path)).problem
    assert not course.collected(HW).exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_end(method, take, course):
    assert "unusual way" in only(take({MOODLE: bytes(10**7)}, method=method)).problem
    assert not course.collected(HW).exists()


def test_a_bomb_is_stopped_by_what_is_read(take, course, monkeypatch):
    monkeypatch.setattr(module, "MEMBER", 3 * 2**20)
    monkeypatch.setattr(module, "CHUNK", 2**16)
    read = count_reads(monkeypatch)
    bomb = MOODLE.replace("Anna Bell_123456", "Bo_2")
    fine = MOODLE.replace("Anna Bell_123456", "Cy_3")
    found = take({bomb: b"1" * 2**26, MOODLE: NOTEBOOK, fine: b"1" * 3 * 2**20})
    assert [one.problem for one in found] == [
        "hw.ipynb is larger than 3 MB: clear its outputs.",
        "",
        "",
    ]
    assert set(there(course)) == {"123456", "3"}
    assert sum(read) < 7 * 2**20


def count_reads(monkeypatch) -> list[int]:
    """The sizes of what is read from zips from now on."""
    sizes, read = [], zipfile.ZipExtFile.read

    def counting(self, n=-1):
        data = read(self, n)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counting)
    return sizes


@pytest.mark.parametrize("claim", [1, 2**31])
def test_a_header_that_lies(claim, tmp_path, course, monkeypatch):
    """A size that is too small costs this member; one that is too large changes nothing."""
    monkeypatch.setattr(module, "MEMBER", 2**20)
    path = pack(tmp_path / "a.zip", {MOODLE: b"1" * 2**24})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 2**24), struct.pack("<I", claim)))
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size == claim
    problem = only(collect(course, HW, path)).problem
    assert "damaged" in problem if claim == 1 else "larger than 1 MB" in problem
    assert not course.collected(HW).exists()


def test_the_limit_of_the_whole(take, course, monkeypatch):
    monkeypatch.setattr(module, "TOTAL", 5 * 2**20)
    monkeypatch.setattr(module, "CHUNK", 2**16)
    read = count_reads(monkeypatch)
    names = [MOODLE.replace("Anna Bell_123456", f"Bo_{i}") for i in range(9)]
    found = take({name: b"1" * 2**21 for name in names})
    assert [one.problem for one in found] == ["", ""] + [
        "The archive holds more than 5 MB: collect it in parts."
    ] * 7
    assert len(there(course)) == 2 and sum(read) < 6 * 2**20


def test_the_limits():
    assert (module.MEMBER, module.TOTAL) == (100 * 1024**2, 2 * 1024**3)


@pytest.mark.parametrize(
    "data", [b"", b"no zip", b"PK\x05\x06", pytest.param(None, id="missing"), "cut", "name"]
)
def test_broken_archives(data, tmp_path, course):
    path = tmp_path / "a.zip"
    if data == "cut":
        pack(path, {MOODLE: NOTEBOOK})
        path.write_bytes(path.read_bytes()[:-30])
    elif data == "name":  # it says UTF-8 and is not
        pack(path, {"é" * 9: NOTEBOOK})
        path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    elif data is not None:
        path.write_bytes(data)
    with pytest.raises(HomeworkError, match="There is no folder and no sound zip at .*a.zip"):
        collect(course, HW, path)
    assert not course.root.exists()


def test_empty_archives(tmp_path, course):
    (tmp_path / "in" / "folder").mkdir(parents=True)
    for archive in (pack(tmp_path / "a.zip", {}), tmp_path / "in"):
        with pytest.raises(HomeworkError, match="holds no file"):
            collect(course, HW, archive)
    assert not course.root.exists()


def test_a_damaged_member_costs_itself(tmp_path, course):
    bo = MOODLE.replace("Anna Bell_123456", "Bo_2")
    path = pack(tmp_path / "a.zip", {MOODLE: b"first", bo: b"other"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"first", b"FIRST"))
    anna, bo = collect(course, HW, path)
    assert anna.problem == "hw.ipynb is damaged in the archive: get it again."
    assert there(course) == {"2": b"other"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_escapes(tmp_path_factory, data):
    """Whatever happens to a zip's bytes: a record or one sentence, and no file elsewhere."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MOODLE, NOTEBOOK)
        archive.writestr("../evil.ipynb", NOTEBOOK)
    bytes_ = bytearray(raw.getvalue())
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(bytes_) - 1), st.integers(0, 255)), min_size=1)
    ):
        bytes_[place] = value
    root = tmp_path_factory.mktemp("damage")
    (root / "a.zip").write_bytes(bytes_)
    course = Course(root / "course")
    try:
        found = collect(course, HW, root / "a.zip")
    except HomeworkError as error:
        assert str(error).count(".\n") == 0
    else:
        assert all(one.problem or one.student for one in found)
    outside = {p.name for p in root.iterdir()} - {"a.zip", "course"}
    assert not outside
    assert all(p.parent == course.collected(HW) for p in course.root.rglob("*.*"))
