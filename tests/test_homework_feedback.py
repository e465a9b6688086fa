"""Feedback hides what must stay hidden; Moodle and Canvas can take the tables and zips back."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from homework_support import cell, example

pytest.importorskip("nbgrader")
from nbgrader.api import Gradebook

from nbhelpers.homework import HomeworkError, feedback, source, tables
from nbhelpers.homework.course import Course, read_json, write_bytes, write_json
from nbhelpers.homework.feedback import Grade, grades, page, table, write

ADA, BO, EVE, IDA, OLE = "101", "102", "103", "104", "105"
NAMES = {
    ADA: "Ada Lovelace",
    BO: 'Bo "Bobby" Ødegård, Jr.',
    EVE: "<script>alert('x')</script>",
    IDA: "Ida Broken",
    OLE: "Ole Later",
}
CANVAS = {student: f"somename_{student}_77{student}_example_homework-1.ipynb" for student in NAMES}


@pytest.fixture
def homework(tmp_path):
    return example(tmp_path / "book")


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """nbgrader's gradebook of the course below; to make one takes nbgrader seconds."""
    folder = tmp_path_factory.mktemp("gradebook")
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls the command alembic, which lies beside Python
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(Course(folder).database) as book:
            fill(book, example(folder))
    return folder / "gradebook.db"


@pytest.fixture
def course(tmp_path, homework, gradebook):
    """Ada has everything, Bo waits, Eve failed a test, Ida is unreadable, Ole is not graded."""
    course = Course(tmp_path / "course")
    for student, name in NAMES.items():
        folder, data = course.collected(homework.name), f"notebook of {student}".encode()
        write_bytes(folder / f"{student}.ipynb", data)
        about = {"student": student, "name": name, "lms": "canvas", "file": CANVAS[student]}
        write_json(folder / f"{student}.json", about | {"late": False, "notes": []})
        digest = hashlib.sha256(data).hexdigest()
        if student != OLE:
            result = outcome(homework, student, name) | {"submission": digest}
            write_json(course.results(homework.name) / f"{student}.json", result)
    shutil.copy(gradebook, course.root)
    return course


def outcome(homework, student, name):
    """A result as grading leaves it."""
    empty = {"student": student, "name": name, "homework": homework.name, "reason": "", "notes": []}
    if student == IDA:
        reason = "The file is no notebook: it holds no JSON."
        return empty | {"state": "unreadable", "reason": reason, "tests": [], "written": []}
    tests = [
        {
            "grade_id": source.meta(test)["grade_id"],
            "exercise": exercise.grade_id,
            "points": source.meta(test)["points"],
            "score": source.meta(test)["points"],
            "message": "",
        }
        for exercise in homework.exercises
        for test in exercise.tests
    ]
    if student == EVE:
        tests[0] |= {"score": 0, "message": "softmax <b>overflows</b>: subtract the largest score"}
    if student == BO:
        empty["notes"] = ["The test of softmax had been changed; the original was used."]
    written = [{"grade_id": "why-max", "points": 2, "answered": student != EVE}]
    return empty | {"state": "graded", "tests": tests, "written": written}


def fill(book, homework):
    """What nbgrader's autograder and a teacher in its formgrader leave in a gradebook."""
    name, notebook = homework.name, Path(homework.file).stem
    book.add_assignment(name)
    book.add_notebook(notebook, name)
    for one in homework.notebook.cells:
        m = source.meta(one)
        if m.get("grade"):
            options = {"max_score": m["points"], "cell_type": one.cell_type}
            book.add_grade_cell(m["grade_id"], notebook, name, **options)
        if m.get("solution"):
            book.add_solution_cell(m["grade_id"], notebook, name)
    for student in (ADA, BO, EVE):
        book.add_student(student)
        book.add_submission(name, student)
        for grade_id, points in {"test-softmax": 2, "test-linear-backward": 3}.items():
            auto = 0 if (student, grade_id) == (EVE, "test-softmax") else points
            change(book, homework, student, grade_id, auto_score=auto, needs_manual_grade=False)
    change(book, homework, ADA, "why-max", manual_score=1.5, needs_manual_grade=False)
    change(book, homework, EVE, "why-max", auto_score=0, needs_manual_grade=False)


def change(book, homework, student, grade_id, **values):
    grade = book.find_grade(grade_id, Path(homework.file).stem, homework.name, student)
    for key, value in values.items():
        setattr(grade, key, value)
    book.db.commit()


def say(book, homework, student, cell_id, text):
    comment = book.find_comment(cell_id, Path(homework.file).stem, homework.name, student)
    comment.manual_comment = text
    book.db.commit()


def of(course, homework, student):
    return next(grade for grade in grades(course, homework) if grade.student == student)


class Strict(HTMLParser):
    """Fails where a tag is left open or closed twice, and gathers what is asked about below."""

    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words, self.attributes = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


# Grades


def test_scores_are_what_the_gradebook_says(course, homework):
    found = {grade.student: grade for grade in grades(course, homework)}
    assert [found[s].score for s in NAMES] == [6.5, None, 3, None, None]
    assert found[BO].scores["why-max"] is None and found[BO].so_far == 5
    assert found[BO].why == "waits for a person: why-max"
    assert found[IDA].why == "The file is no notebook: it holds no JSON."
    assert found[OLE].why == "not graded yet"
    assert {grade.maximum for grade in found.values()} == {7}
    assert [grade.name for grade in grades(course, homework)] == sorted(NAMES.values())


def test_a_teacher_overrides_adds_and_comments(course, homework):
    with Gradebook(course.database) as book:
        change(book, homework, EVE, "test-softmax", manual_score=1.25, extra_credit=0.5)
        say(book, homework, EVE, "softmax", "Good idea.\n\nThe <axis> is wrong.")
        say(book, homework, EVE, "why-max", "  ")
    grade = of(course, homework, EVE)
    assert grade.score == 4.75
    assert grade.comments == {"softmax": "Good idea.\n\nThe <axis> is wrong."}
    text = Strict(page(homework, grade)).text
    assert "Your teacher changed the points. 1.75 of 2" in text
    assert "Your teacher writes: Good idea. The <axis> is wrong." in text


def test_what_nbgrader_wants_looked_at_again_waits(course, homework):
    with Gradebook(course.database) as book:
        change(book, homework, ADA, "test-softmax", manual_score=2, needs_manual_grade=True)
    grade = of(course, homework, ADA)
    assert grade.score is None and grade.waiting == ["test-softmax"]
    assert "Waits for your teacher." in Strict(page(homework, grade)).text


def test_what_nbgrader_takes_off_for_lateness_is_taken_off_and_said(course, homework):
    with Gradebook(course.database) as book:
        name = Path(homework.file).stem
        entry = book.find_submission_notebook(name, homework.name, ADA)
        entry.late_submission_penalty = 1
        book.db.commit()
    grade = of(course, homework, ADA)
    assert grade.score == 5.5
    assert "1 point was taken off because it came late." in Strict(page(homework, grade)).text


def test_a_newer_submission_has_no_grade_yet(course, homework):
    write_bytes(course.collected(homework.name) / f"{ADA}.ipynb", b"another")
    grade = of(course, homework, ADA)
    assert grade.score is None and grade.why == "a newer submission is not graded yet"


def test_a_result_that_the_gradebook_does_not_have_is_no_zero(course, homework):
    with Gradebook(course.database) as book:
        book.remove_submission(homework.name, ADA)
    grade = of(course, homework, ADA)
    assert grade.score is None and "gradebook" in grade.why


def test_a_missing_or_damaged_gradebook_is_one_sentence(course, homework):
    path = course.root / "gradebook.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(HomeworkError, match=r"cannot be read"):
        grades(course, homework)
    path.unlink()
    with pytest.raises(HomeworkError, match=r"There is no gradebook .* grade 03_example first\.$"):
        grades(course, homework)
    assert not path.exists()


# Pages


@pytest.mark.parametrize("student", [ADA, BO, EVE, IDA])
def test_a_page_is_whole_and_stands_alone(course, homework, student):
    html = page(homework, of(course, homework, student))
    seen = Strict(html)
    assert html.startswith("<!DOCTYPE html>") and ("lang", "en") in seen.attributes
    assert {"main", "h1", "title"} <= set(seen.tags)
    assert not {"script", "link", "img", "iframe", "svg"} & set(seen.tags)
    assert not re.search(r"url\(|@import|https?:|\bon\w+=", html)
    assert "prefers-color-scheme: dark" in html and "@media print" in html
    assert "Homework: a softmax and a linear layer" in seen.text
    assert "!" not in seen.text


def test_a_page_shows_points_headings_and_one_message_a_failed_test(course, homework):
    text = Strict(page(homework, of(course, homework, EVE))).text
    assert "3 of 7 points" in text and "so far" not in text
    assert "Softmax 0 of 2 points" in text
    assert "rows are probabilities, at any size of z Not passed." in text
    assert "Not passed. softmax <b>overflows</b>: subtract the largest score 0 of 2" in text
    assert "the three gradients Passed. 3 of 3" in text
    assert "You left this answer empty." in text and "Waits" not in text


def test_a_page_says_what_waits_and_what_was_mended(course, homework):
    text = Strict(page(homework, of(course, homework, BO))).text
    assert "5 of 7 points so far" in text
    assert "Why the largest up to 2 points Waits for your teacher." in text
    assert "The test of softmax had been changed; the original was used." in text


def test_a_page_for_an_unreadable_file_says_why_and_what_to_do(course, homework):
    text = Strict(page(homework, of(course, homework, IDA))).text
    assert "No grade yet" in text and "holds no JSON." in text and "not a zero" in text
    assert "hand in the file that ends in .ipynb once more" in text
    assert "0 of" not in text


def test_hostile_names_and_messages_are_text(course, homework):
    html = page(homework, of(course, homework, EVE))
    assert "<script" not in html and "<b>" not in html
    assert NAMES[EVE] in Strict(html).text


def test_what_cannot_be_printed_is_left_out(course, homework):
    grade = of(course, homework, EVE)
    message = "\x1b[31mred\x1b[0m \u202etxt\ud800\x00 end"
    tests = [grade.result["tests"][0] | {"message": message}, *grade.result["tests"][1:]]
    odd = Grade(EVE, EVE, grade.result | {"tests": tests}, 7, grade.scores)
    html = page(homework, odd)
    html.encode()
    assert "red txt end" in html


def test_no_line_of_a_hidden_test_is_on_a_page(course, homework):
    test = cell(homework.notebook, "test-softmax")
    seen = source.visible(test.source).splitlines()
    hidden = [line for line in test.source.splitlines() if line not in seen]
    assert len(hidden) == 8
    grade = of(course, homework, EVE)
    for leak in (
        "\n".join(hidden),
        f"AssertionError. The line was: {hidden[4]}",
        "the sum is wrong\nTraceback (most recent call last):\n" + "\n".join(hidden),
        "\n".join(f"----> {n} {line}" for n, line in enumerate(hidden)),
    ):
        tests = [grade.result["tests"][0] | {"message": leak}, *grade.result["tests"][1:]]
        html = page(homework, Grade(EVE, "Eve", grade.result | {"tests": tests}, 7, grade.scores))
        text = Strict(html).text
        assert not [line for line in hidden if len(line) > 7 and line.strip() in text]
        assert "np." not in text and "Traceback" not in text
        assert ("the sum is wrong" in text) == ("the sum" in leak)


@pytest.mark.parametrize(
    "markdown, plain",
    [
        ("2. **Bold** and *slanted* `code_it`", "2. Bold and slanted code_it"),
        ("The gradient of $z = xW$", "The gradient of z = xW"),
        ("See [the chapter](../a.md) and {ref}`the page <label>`", "See the chapter and the page"),
        ("snake_case_name * 2", "snake_case_name * 2"),
        ("{math}`a_i`: softmax", "a_i: softmax"),
        ("Four mistakes (2.5 points, written)", "Four mistakes"),
        ("One (of many)", "One (of many)"),
    ],
)
def test_headings_lose_their_markup_and_points(homework, markdown, plain):
    cell(homework.notebook, "about-softmax").source = f"Text.\n\n## {markdown}\nMore."
    assert feedback._headings(homework) == {
        "softmax": plain,
        "linear-backward": "Backward",
        "why-max": "Why the largest",
    }


def test_an_exercise_without_a_heading_has_its_own_name(homework):
    cell(homework.notebook, "about-linear-backward").source = "No heading."
    assert list(feedback._headings(homework).values())[1] == "linear-backward"


# Tables that the systems exported

MOODLE = [
    ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
     "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
     "Feedback comments"],
    ["Participant 101", "Ada Lovelace", "ada@x.org", "Submitted", "", "7.00", "Yes", "a", "-", ""],
    ["Participant 102", 'Bo "Bobby" Ødegård, Jr.', "bo@x.org", "Submitted", "4.00", "7.00", "Yes",
     "Monday, 2 March; 10:00", "-", "<p>Fine,\nthough</p>"],
    ["Participant 103", "=Eve", "eve@x.org", "Submitted", "", "7.00", "Yes", "a", "-", ""],
    ["Participant 104", "Ida Broken", "", "Submitted", "", "7.00", "Yes", "a", "-", ""],
    ["Participant 105", "Ole Later", "", "Submitted", "", "7.00", "Yes", "a", "-", ""],
    ["Participant 999", "Not Ours", "", "No submission", "2.00", "7.00", "Yes", "-", "-", ""],
]  # fmt: skip

CANVAS_EXPORT = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz 3 (11)", "Homework 3 (12)",
     "Homework 13 (13)", "Current Score", "Final Score (2026)"],
    ["", "", "", "", "", "", "Manual Posting", "", "", ""],
    ["    Points Possible", "", "", "", "", "5", "7.00", "7", "(read only)", "(read only)"],
    ["Lovelace, Ada", "101", "s1", "ada", "A and B", "1", "", "", "50", "50"],
    ['Ødegård, Bo "Bobby", Jr.', "102", "s2", "bo", "A", "", "3", "", "", ""],
    ["=Eve", "103", "s3", "eve", "A", "", "", "", "", ""],
    ["Broken, Ida", "104", "s4", "ida", "A", "", "", "", "", ""],
    ["Later, Ole", "105", "s5", "ole", "A", "", "", "", "", ""],
    ["Student, Test", "900", "", "t", "A", "", "", "", "", ""],
]  # fmt: skip


def saved(folder, rows, delimiter=",", mark="", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    path = folder / "exported.csv"
    path.write_bytes((mark + out.getvalue()).encode())
    return path


def with_scores(rows, column, scores):
    """The rows with these scores in a column, by the student's number."""
    rows = [list(row) for row in rows]
    for row in rows:
        number = (row[0] + " " + row[1]).split()
        for student, score in scores.items():
            if student in number:
                row[column] = score
    return rows


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("lms, rows, column", [("moodle", MOODLE, 4), ("canvas", CANVAS_EXPORT, 6)])
def test_an_exported_table_changes_in_the_grades_alone(
    course, homework, tmp_path, mark, delimiter, quoting, lms, rows, column
):
    form = {"delimiter": delimiter, "mark": mark, "quoting": quoting}
    path = saved(tmp_path, rows, **form)
    text = table(grades(course, homework), homework, lms, path)
    wanted = saved(tmp_path, with_scores(rows, column, {ADA: "6.5", EVE: "3"}), **form)
    assert text.encode() == wanted.read_bytes()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_a_missing_last_one_and_short_rows_stay(course, homework, tmp_path, end):
    path = saved(tmp_path, MOODLE, end=end)
    path.write_bytes(path.read_bytes().removesuffix(end.encode()) + end.encode() + b"x")
    text = table(grades(course, homework), homework, "moodle", path)
    assert text.endswith(f"{end}x") and f"Submitted,6.5,7.00,Yes,a,-,{end}" in text


def test_a_worksheet_in_another_language(course, homework, tmp_path):
    head = ["ID", "Name", "E-Mail", "Status", "Bewertung", "Bestwertung", "Änderbar", "a", "b", "c"]
    rows = [head] + [
        [row[0].replace("Participant", "Teilnehmer/in"), *row[1:5], "7,00", *row[6:]]
        for row in MOODLE[1:]
    ]
    path = saved(tmp_path, rows, delimiter=";")
    given = grades(course, homework)
    with pytest.raises(HomeworkError, match="no column 'Grade': .* Bewertung, Bestwertung"):
        table(given, homework, "moodle", path)
    text = table(given, homework, "moodle", path, column="Bewertung")
    assert "Teilnehmer/in 101;Ada Lovelace;ada@x.org;Submitted;6.5;7,00;" in text


@pytest.mark.parametrize(
    "lms, rows, place", [("moodle", MOODLE, None), ("canvas", CANVAS_EXPORT, (2, 6))]
)
def test_another_maximum_is_refused_or_scaled(course, homework, tmp_path, lms, rows, place):
    rows = [[cell.replace("7.00", "10,5") for cell in row] for row in rows]
    path = saved(tmp_path, rows)
    given = grades(course, homework)
    with pytest.raises(HomeworkError, match=r"counts 7 points and \w+ 10.5: .* --scale\.$"):
        table(given, homework, lms, path)
    text = table(given, homework, lms, path, scale=True)
    assert ",9.75," in text and ",4.5," in text
    path = saved(tmp_path, [[cell.replace("10,5", "") for cell in row] for row in rows])
    with pytest.raises(HomeworkError, match="has no maximum"):
        table(given, homework, lms, path)


@pytest.mark.parametrize(
    "title, fits",
    [
        ("Homework 3", True),
        ("HW 03: Example", True),
        ("03_example", True),
        ("A softmax and a linear layer", True),
        ("Week 5: 03_example (due Friday)", True),
        ("Homework 13", False),
        ("Homework", False),
        ("Quiz 3", False),
        ("Softmax quiz", False),
    ],
)
def test_canvas_columns_that_can_mean_a_homework(homework, title, fits):
    assert tables._resembles(title, homework) == fits


def test_canvas_column_is_asked_for_when_there_are_two_or_none(course, homework, tmp_path):
    given = grades(course, homework)
    rows = [list(row) for row in CANVAS_EXPORT]
    rows[0][7], rows[2][7] = "HW3 Example (13)", "7"
    path = saved(tmp_path, rows)
    with pytest.raises(HomeworkError, match=r"'Homework 3 \(12\)', 'HW3 Example \(13\)'\.$"):
        table(given, homework, "canvas", path)
    for column in ("HW3 Example (13)", "HW3 Example"):
        text = table(given, homework, "canvas", path, column=column)
        assert (
            text.encode()
            == saved(tmp_path, with_scores(rows, 7, {ADA: "6.5", EVE: "3"})).read_bytes()
        )
        saved(tmp_path, rows)
    rows[0][6] = rows[0][7] = "Essay (14)"
    path = saved(tmp_path, rows)
    with pytest.raises(HomeworkError, match=r"'Quiz 3 \(11\)', 'Essay \(14\)', 'Essay"):
        table(given, homework, "canvas", path)


def test_excused_students_stay_excused(course, homework, tmp_path):
    rows = with_scores(CANVAS_EXPORT, 6, {ADA: "EX", EVE: "N/A"})
    path = saved(tmp_path, rows)
    done = write(course, homework, "canvas", path)
    assert done.table.read_bytes() == path.read_bytes()
    assert done.notes == [
        "<script>alert('x')</script> (103) has N/A in Canvas, which was kept.",
        "Ada Lovelace (101) has EX in Canvas, which was kept.",
    ]


def test_students_that_a_table_lacks_are_named(course, homework, tmp_path):
    done = write(course, homework, "moodle", saved(tmp_path, MOODLE[:2] + MOODLE[3:]))
    assert done.notes == ['Bo "Bobby" Ødegård, Jr. (102) is not in exported.csv.']
    with pytest.raises(HomeworkError, match="none of the students"):
        write(course, homework, "moodle", saved(tmp_path, [MOODLE[0], MOODLE[-1]]))


def test_more_than_the_maximum_is_named_for_moodle(course, homework, tmp_path):
    with Gradebook(course.database) as book:
        change(book, homework, ADA, "why-max", extra_credit=3)
    done = write(course, homework, "moodle", saved(tmp_path, MOODLE))
    assert done.notes == [
        "Ada Lovelace (101) has more than the maximum, which Moodle does not take."
    ]


@pytest.mark.parametrize(
    "data, said",
    [
        ("Zoë;1".encode("cp1252"), "not the file that was downloaded"),
        (b"one column\nonly", "is no table"),
        (b"", "is no table"),
        (b"Student,Name\r\n", "no gradebook exported from Canvas"),
    ],
)
def test_what_is_no_exported_table_is_refused(course, homework, tmp_path, data, said):
    path = tmp_path / "wrong.csv"
    with pytest.raises(HomeworkError, match="cannot be read"):
        write(course, homework, "canvas", path)
    path.write_bytes(data)
    with pytest.raises(HomeworkError, match=said):
        write(course, homework, "canvas", path)
    assert not course.returned(homework.name).exists()


def test_quotes_that_never_close_take_no_time():
    text = '"a' * 50_000
    assert len(tables._cut(text, ",")[0]) == 1


def test_another_system_is_refused(course, homework):
    for call in (lambda: table([], homework, "blackboard"), lambda: write(course, homework, "x")):
        with pytest.raises(HomeworkError, match="choose moodle or canvas"):
            call()


@pytest.mark.parametrize("score, text", [(7, "7"), (0, "0"), (2.5, "2.5"), (10 / 3, "3.33")])
def test_scores_have_at_most_two_decimals(score, text):
    assert tables.number(score) == text


# Tables from scratch


def test_a_table_for_moodle_from_scratch(course, homework):
    rows = list(csv.reader(io.StringIO(table(grades(course, homework), homework, "moodle"))))
    assert rows[0] == ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)"]
    by_id = {row[0]: row[1:] for row in rows[1:]}
    assert by_id["Participant 101"] == ["Ada Lovelace", "6.5", "7", "-"]
    assert by_id["Participant 102"] == [NAMES[BO], "", "7", "-"]
    assert by_id["Participant 104"][1] == by_id["Participant 105"][1] == ""


def test_a_table_for_canvas_from_scratch(course, homework):
    given = grades(course, homework)
    rows = list(csv.reader(io.StringIO(table(given, homework, "canvas"))))
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows[0] == [*head, "Homework: a softmax and a linear layer"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "7"]
    assert ["Ada Lovelace", "101", "", "", "", "6.5"] in rows
    assert ["Ole Later", "105", "", "", "", ""] in rows
    rows = list(csv.reader(io.StringIO(table(given, homework, "canvas", column="HW 3"))))
    assert rows[0] == [*head, "HW 3"]


@pytest.mark.parametrize("lms", tables.SYSTEMS)
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@A1", "\t=1", "=HYPERLINK(\n1)"])
def test_names_are_no_formulas(homework, lms, name):
    text = table([Grade("101", name, {"reason": "x"}, 7)], homework, lms)
    row = list(csv.reader(io.StringIO(text)))[-1]
    assert ("'" + " ".join(name.split())) in row and "101" in " ".join(row)


# What is written


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_moodle_gets_pages_in_its_folders(course, homework):
    done = write(course, homework, "moodle")
    assert done.graded == 2 and done.notes == []
    assert dict(done.without) == {
        'Bo "Bobby" Ødegård, Jr. (102)': "waits for a person: why-max",
        "Ida Broken (104)": "The file is no notebook: it holds no JSON.",
        "Ole Later (105)": "not graded yet",
    }
    with zipfile.ZipFile(done.zip) as pack:
        names, first = pack.namelist(), pack.read(pack.namelist()[0])
    page_name = "example_homework_feedback.html"
    assert names == [
        f"Ada Lovelace_101_assignfeedback_file_/{page_name}",
        f"Bo Bobby Ødegård Jr_102_assignfeedback_file_/{page_name}",
        f"Ida Broken_104_assignfeedback_file_/{page_name}",
        f"script alert 'x' script_103_assignfeedback_file_/{page_name}",
    ]
    assert first == (done.pages / "101.html").read_bytes()
    assert sorted(p.name for p in done.pages.iterdir()) == [f"10{n}.html" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("name", ["a_1_b", "../../etc", ".hidden", "~x", "/", "\u202eabc", "_"])
def test_moodle_finds_the_student_whatever_the_name(course, homework, name):
    path = tables.moodle_file(Grade("101", feedback._clean(name), {}, 7), homework)
    folder, file = path.split("/")
    assert folder.split("_")[1:] == ["101", "assignfeedback", "file", ""]
    assert folder.strip(" .~") and "." not in folder and file == "example_homework_feedback.html"


def test_canvas_gets_notebooks_under_the_names_that_were_handed_in(course, homework):
    about = course.collected(homework.name) / f"{IDA}.json"
    write_json(about, read_json(about) | {"file": "broken_104_88_homework.pdf"})
    done = write(course, homework, "canvas")
    assert done.notes == ["Ida Broken is unknown to Canvas: send pages/104.html by hand."]
    with zipfile.ZipFile(done.zip) as pack:
        assert pack.namelist() == [CANVAS[s] for s in (ADA, BO, EVE)]
        notebook = nbformat.reads(pack.read(CANVAS[EVE]).decode(), as_version=4)
    nbformat.validate(notebook)
    (only,) = notebook.cells
    assert only.cell_type == "markdown" and "\n\n" not in only.source
    assert only.source.startswith("<main>") and only.source.endswith("</main>")
    assert "<script" not in only.source
    assert Strict(only.source).text in Strict((done.pages / "103.html").read_text()).text


def test_canvas_names_with_folders_and_lateness(homework):
    grade = Grade("42", "Ada", {}, 7)
    for name in ("ada_LATE_42_9_hw.ipynb", "x/ada_42_9_hw (1).ipynb", "x\\ada_42_9_a_b.ipynb"):
        assert tables.canvas_file(grade, name) == re.split(r"[/\\]", name)[-1]
    for name in ("ada.ipynb", "ada_43_9_hw.ipynb", "ada_42_hw.ipynb", ""):
        assert tables.canvas_file(grade, name) is None


def test_students_without_a_moodle_number_get_their_page_by_hand(course, homework):
    for folder in (course.collected(homework.name), course.results(homework.name)):
        value = json.loads((folder / f"{ADA}.json").read_text()) | {"student": "ada"}
        write_json(folder / "ada.json", value)
    done = write(course, homework, "moodle")
    assert ("Ada Lovelace (ada)", "it is not in the gradebook: grade it again") in done.without
    result = read_json(course.results(homework.name) / f"{IDA}.json") | {"student": "ida"}
    write_json(course.results(homework.name) / "ida.json", result)
    done = write(course, homework, "moodle")
    assert done.notes == ["Ida Broken is unknown to Moodle: send pages/ida.html by hand."]


@pytest.mark.parametrize("lms, rows", [("moodle", MOODLE), ("canvas", CANVAS_EXPORT)])
def test_twice_the_same_bytes_and_no_stale_page(course, homework, tmp_path, lms, rows):
    path = saved(tmp_path, rows)
    done = write(course, homework, lms, path)
    first = everything(course.root / "returned")
    (done.pages / "999.html").write_text("of a student who has left")
    assert write(course, homework, lms, path) == done
    assert everything(course.root / "returned") == first
    text = table(grades(course, homework), homework, lms, path)
    assert done.table.read_bytes() == text.encode()
