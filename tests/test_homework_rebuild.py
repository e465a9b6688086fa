"""Whatever comes back, the rebuilt notebook is the release with the student's answers in it."""

import ast
import copy
import json
import random
import re
import time

import nbformat
import pytest
from homework_support import SOFTMAX, cell, data, example, mark, notebook, submission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from nbhelpers.homework import HomeworkError, source
from nbhelpers.homework import rebuild as module
from nbhelpers.homework.rebuild import Unreadable, rebuild

ANSWERS = ("softmax", "linear-backward", "why-max")
OWN = "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()"
OTHER = "def softmax(z):\n    return z  # at first"


@pytest.fixture(scope="module")
def homework(tmp_path_factory) -> source.Homework:
    return example(tmp_path_factory.mktemp("book"))


@pytest.fixture
def nb(homework) -> nbformat.NotebookNode:
    return submission(homework)


def at(nb, name: str) -> int:
    return nb.cells.index(cell(nb, name))


def rebuilt(homework, nb) -> tuple[nbformat.NotebookNode, list[str]]:
    """Rebuild, and check what must hold of every result."""
    raw = nb if isinstance(nb, bytes) else data(nb)
    result, notes = rebuild(homework, raw)
    assert rebuild(homework, raw) == (result, notes)  # the same bytes give the same notebook
    nbformat.validate(result)
    assert len({c.id for c in result.cells}) == len(result.cells)
    released = source.release(homework.notebook)
    kept = [c for c in result.cells if "student-extra" not in c.metadata.get("tags", [])]
    assert len(kept) == len(released.cells) and result.metadata == released.metadata
    for ours, theirs in zip(released.cells, kept, strict=True):
        if source.kind(ours) in ("answer", "written", "code"):
            ours.source = theirs.source
        assert ours == theirs
    assert all(note.endswith(".") and "\n" not in note for note in notes)
    return result, notes


def answers(result) -> list[str]:
    return [cell(result, name).source for name in ANSWERS]


def extras(result) -> list[tuple[str, str]]:
    """Students' own cells: the released cell each one follows, and its source."""
    found, last = [], None
    for c in result.cells:
        if "student-extra" in c.metadata.get("tags", []):
            assert c.metadata == {"tags": ["student-extra"]}
            found.append((last, c.source))
        else:
            last = c.id
    return found


def about(notes: list[str], name: str) -> str:
    """The one note about a cell."""
    found = [note for note in notes if note.startswith(f"{name}: ")]
    assert len(found) == 1, notes
    return found[0]


def strip(nb, metadata=True, ids=True) -> None:
    """What some editors leave of a notebook."""
    for number, c in enumerate(nb.cells):
        if metadata:
            c.metadata = nbformat.from_dict({})
        if ids:
            c.id = f"new-{number}"


# The normal case


def test_a_submission_as_it_should_be(homework, nb):
    result, notes = rebuilt(homework, nb)
    assert notes == [] and extras(result) == []
    assert answers(result) == answers(nb)
    assert all(not c.get("outputs") for c in result.cells)


def test_the_released_notebook_itself(homework):
    released = source.release(homework.notebook)
    result, notes = rebuilt(homework, released)
    assert result == released and notes == []


def test_hidden_tests_are_not_put_in(homework, nb):
    result, _ = rebuilt(homework, nb)
    assert not re.search("HIDDEN|overflows: subtract", nbformat.writes(result))


def test_the_homework_stays_as_it_is(homework, nb):
    before = copy.deepcopy(homework.notebook)
    rebuilt(homework, nb)
    assert homework.notebook == before


# Unreadable


@pytest.mark.parametrize(
    "raw, says",
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"%PDF-1.7", "not JSON"),
        (b'{"cells": [{"cell_type": "code", "sou', "not JSON"),
        (b"[" * 10**6, "not JSON"),
        (b"1" * 10**4, "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[1, 2]", "no cells"),
        (b'"cells"', "no cells"),
        (b"null", "no cells"),
        (b"{}", "no cells"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": 3, "worksheets": {"cells": 3}}', "no cells"),
        (b'{"cells": [1, "x", null]}', "no cells"),
        (b'{"cells": [{}]}', "another notebook"),
        (b'{"cells": [{"cell_type": "code", "source": "1 + 1"}]}', "another notebook"),
    ],
)
def test_unreadable(raw, says, homework):
    with pytest.raises(Unreadable, match=says) as error:
        rebuild(homework, raw)
    text = str(error.value)
    assert isinstance(error.value, HomeworkError) and text.endswith(".") and "\n" not in text


def test_too_large(homework, nb, monkeypatch):
    assert module.LARGEST == 100 * 1024**2
    monkeypatch.setattr(module, "LARGEST", len(data(nb)))
    rebuilt(homework, nb)
    monkeypatch.setattr(module, "LARGEST", len(data(nb)) - 1)
    with pytest.raises(Unreadable, match="larger than 100 MB"):
        rebuild(homework, data(nb))


def test_another_homework_with_the_same_set_up(homework):
    """Two homeworks may share the title's id and the imports; the exercises tell them apart."""
    other = notebook()
    other.cells = [c for c in other.cells if c.id in ("title", "set-up")]
    other.cells.append(new_code_cell("def relu(z): ...", metadata=mark("relu", solution=True)))
    with pytest.raises(Unreadable, match="another notebook"):
        rebuild(homework, data(other))


# Formats and damage


def as_v3(nb) -> bytes:
    return nbformat.writes(nbformat.convert(copy.deepcopy(nb), 3), version=3).encode()


def changed(**top):
    return lambda nb: json.dumps(json.loads(data(nb)) | top).encode()


def each(change):
    """Change each cell of the JSON."""

    def run(nb) -> bytes:
        content = json.loads(data(nb))
        for one in content["cells"]:
            change(one)
        return json.dumps(content).encode()

    return run


FORMATS = {
    "nbformat 3": as_v3,
    "later minor version": changed(nbformat_minor=99, new={"x": 1}),
    "later major version": changed(nbformat=5),
    "no versions": changed(nbformat=None, nbformat_minor="x", metadata=7),
    "byte order mark": lambda nb: b"\xef\xbb\xbf" + data(nb),
    "utf-16": lambda nb: data(nb).decode().encode("utf-16"),
    "a byte that is no UTF-8": lambda nb: data(nb).replace(b"ran 1", b"ran \xff"),
    "windows line ends": lambda nb: data(nb).replace(b"\\n", b"\\r\\n").replace(b"\n", b"\r\n"),
    "old mac line ends": lambda nb: data(nb).replace(b"\\n", b"\\r"),
    "sources as strings": each(lambda c: c.update(source="".join(c["source"]))),
    "sources as lines": each(lambda c: c.update(source="".join(c["source"]).splitlines(True))),
    "no ids": each(lambda c: c.pop("id")),
    "wrong ids": each(lambda c: c.update(id=["x", 1])),
    "no metadata": each(lambda c: c.pop("metadata")),
    "wrong metadata": each(lambda c: c.update(metadata="x")),
    "wrong nbgrader metadata": each(lambda c: c.update(metadata={"nbgrader": [{}]})),
    "wrong grade ids": each(lambda c: c.update(metadata={"nbgrader": {"grade_id": [{}]}})),
    "ids in the metadata": each(lambda c: c.update(metadata={"id": c.pop("id")})),
    "no outputs": each(lambda c: c.pop("outputs", 0)),
    "wrong outputs": each(lambda c: c.update(outputs={"x": 1}, attachments=3)),
    "all spaces doubled at line ends": lambda nb: data(nb).replace(b"\\n", b"  \\n"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name, homework, nb):
    result, notes = rebuilt(homework, FORMATS[name](nb))
    assert [source.normal(a) for a in answers(result)] == answers(nb)
    assert extras(result) == [] and notes == []


def test_cells_that_are_none(homework, nb):
    content = json.loads(data(nb))
    odd = [3, None, {}, {"cell_type": "code"}, {"cell_type": 5, "source": 7}, {"source": [1, {}]}]
    content["cells"] = odd + content["cells"] + odd
    result, notes = rebuilt(homework, json.dumps(content).encode())
    assert answers(result) == answers(nb) and extras(result) == [] and notes == []


def test_an_answer_without_a_source(homework, nb):
    content = json.loads(data(nb))
    del content["cells"][at(nb, "softmax")]["source"]
    result, notes = rebuilt(homework, json.dumps(content).encode())
    assert cell(result, "softmax").source == "" and notes == []


def test_control_characters(homework, nb):
    cell(nb, "softmax").source = "def softmax(z):\x00\r\n\treturn z\x1b[0m  # \x0c\u00e9 \ud800"
    raw = json.dumps(nb).encode()
    result, notes = rebuilt(homework, raw)
    assert cell(result, "softmax").source == "def softmax(z):\n\treturn z[0m  # é ?"
    assert notes == ["Characters that cannot be typed were taken out of the notebook."]
    nbformat.writes(result).encode()


def test_much_output_is_fast(homework, nb):
    cell(nb, "softmax").outputs = [new_output("stream", text="0.123456789 " * 80)] * 50_000
    cell(nb, "why-max")["attachments"] = {"a.png": {"image/png": "x" * 10**6}}
    raw = data(nb)
    assert len(raw) > 48e6
    start = time.process_time()
    result, _ = rebuild(homework, raw)
    assert time.process_time() - start < 5
    assert answers(result) == answers(nb) and len(nbformat.writes(result)) < 20_000
    assert "attachments" not in cell(result, "why-max")


@pytest.mark.parametrize(
    "text",
    ["(" * 10**5, "-" * 10**5 + "1", "a" + ".b" * 10**5, "x = 1\n" * 10**5, "[" * 90 + "]" * 90],
    ids=["open", "minus", "dots", "long", "nested"],
)
def test_sources_that_are_hard_to_parse(text, homework, nb):
    nb.cells.append(new_code_cell(text))
    cell(nb, "softmax").source = OWN + "\n" + text
    start = time.process_time()
    result, _ = rebuilt(homework, nb)
    assert time.process_time() - start < 10
    assert cell(result, "softmax").source == OWN + "\n" + text


def test_nothing_is_run(homework, nb, tmp_path):
    bad = f"open({str(tmp_path / 'ran')!r}, 'w')\ndef softmax(z): ..."
    cell(nb, "softmax").source = bad
    nb.cells.insert(0, new_code_cell("raise SystemExit"))
    rebuilt(homework, nb)
    assert not list(tmp_path.iterdir())


# How an answer is found


@pytest.mark.parametrize(
    "how", ["grade_id", "id", "names", "everything lost"], ids=lambda how: how.replace(" ", "-")
)
def test_ways_to_find(how, homework, nb):
    strip(nb, metadata=how != "grade_id", ids=how != "id")
    if how == "names":
        nb.cells = [c for c in nb.cells if c.cell_type == "code"][::-1]
    result, notes = rebuilt(homework, nb)
    assert answers(result)[:2] == answers_of(homework)[:2]
    told = [note.partition(": ")[0] for note in notes if "was found" in note]
    expected = {"names": ["softmax", "linear-backward"], "everything lost": list(ANSWERS)}
    assert told == expected.get(how, [])
    if how != "names":
        assert answers(result)[2] == answers_of(homework)[2] and len(notes) == len(told)


def answers_of(homework) -> list[str]:
    return answers(submission(homework))


def test_the_grade_id_goes_before_the_id(homework, nb):
    """The ids of two cells were swapped; the grade_id says what they are."""
    one, two = cell(nb, "softmax"), cell(nb, "linear-backward")
    one.id, two.id = two.id, one.id
    assert answers(rebuilt(homework, nb)[0]) == answers_of(homework)


def test_the_id_goes_before_the_names(homework, nb):
    strip(nb, ids=False)
    nb.cells[3].source = "def f(): ...  # was softmax"
    result, notes = rebuilt(homework, nb)
    assert cell(result, "softmax").source == "def f(): ...  # was softmax" and notes == []


def test_a_renamed_answer_is_found_by_its_place(homework, nb):
    strip(nb)
    nb.cells[3].source = nb.cells[3].source.replace("softmax", "my_softmax")
    nb.cells.insert(3, new_code_cell("scratch = 1"))
    nb.cells.insert(5, new_code_cell("def helper(): ..."))
    result, notes = rebuilt(homework, nb)
    assert cell(result, "softmax").source == nb.cells[4].source
    assert extras(result) == [("about-softmax", "scratch = 1"), ("softmax", "def helper(): ...")]
    assert about(notes, "softmax") == "softmax: the answer was found in cell 5 by its place."


def test_two_renamed_answers_with_nothing_between(homework):
    """The tests and texts around them are gone, too."""
    nb = submission(homework, softmax="def f(): ...", linear_backward="def g(): ...")
    nb.cells = [nb.cells[i] for i in (1, 3, 6, 7, 8, 9)]
    strip(nb)
    result, notes = rebuilt(homework, nb)
    assert answers(result)[:2] == ["def f(): ...", "def g(): ..."]
    assert "place" in about(notes, "softmax") and "place" in about(notes, "linear-backward")


def test_no_place_in_a_shuffled_notebook(homework, nb):
    strip(nb)
    nb.cells[3].source = "def f(): ..."
    nb.cells = nb.cells[::-1]
    result, notes = rebuilt(homework, nb)
    assert "there is no cell with an answer" in about(notes, "softmax")
    assert "def f(): ..." in [text for _, text in extras(result)]


@pytest.mark.parametrize(
    "text",
    [
        "%timeit 3\n" + OWN,
        OWN + "\n    return (",
        "import numpy as np\n\nclass softmax:\n    pass",
        "softmax = lambda z: z",
        "@np.vectorize\ndef softmax(z):\n    return z",
    ],
)
def test_names_of_sources_that_do_and_do_not_parse(text, homework, nb):
    strip(nb)
    nb.cells[3].source = text
    nb.cells.append(nb.cells.pop(3))
    result, notes = rebuilt(homework, nb)
    assert cell(result, "softmax").source == text
    assert "by the names it defines" in about(notes, "softmax")


def test_a_method_or_a_use_of_the_name_is_no_definition(homework, nb):
    strip(nb)
    del nb.cells[3]
    nb.cells.append(new_code_cell("class A:\n    def softmax(self): ...\nprint(softmax == 3)"))
    nb.cells.append(new_code_cell("def g():\n    softmax = 1\n    def softmax(): ..."))
    nb.cells.append(new_markdown_cell("softmax = e / s"))
    nb.cells.append(new_markdown_cell("I used\n\ndef softmax(z):\n    return z\n\nat first."))
    result, notes = rebuilt(homework, nb)
    assert about(notes, "softmax") == "softmax: there is no cell with an answer."
    assert cell(result, "softmax").source == cell(release(homework), "softmax").source


def release(homework) -> nbformat.NotebookNode:
    return source.release(homework.notebook)


def test_an_answer_made_of_assignments(tmp_path):
    """An experiment's stub defines nothing: what the solution assigns tells it."""
    nb = notebook()
    solved = "### BEGIN SOLUTION\ncaught, crossing = 3, 4\n### END SOLUTION"
    cell(nb, "softmax").source = solved
    homework = example(tmp_path)
    homework = source.Homework(homework.path, nb)
    theirs = submission(homework, softmax="crossing = 5\ncaught: int = 6")
    strip(theirs)
    theirs.cells.append(theirs.cells.pop(3))
    theirs.cells.append(new_code_cell("crossing = 7"))
    result, notes = rebuilt(homework, theirs)
    assert cell(result, "softmax").source == "crossing = 5\ncaught: int = 6"
    assert "by the names" in about(notes, "softmax")


# Copies, parts and experiments


def test_two_answers(homework, nb):
    """The last one that differs from the stub counts; the other stays where it was."""
    original = cell(nb, "softmax")
    again, stub = copy.deepcopy(original), copy.deepcopy(cell(release(homework), "softmax"))
    original.source, again.source, again.id, stub.id = OTHER, OWN, "new-1", "new-2"
    nb.cells[4:4] = [again, stub]
    result, notes = rebuilt(homework, nb)
    assert cell(result, "softmax").source == OWN
    assert extras(result) == [("about-softmax", OTHER)]
    assert about(notes, "softmax") == "softmax: more than one cell answers it: cell 5 counts."


def test_an_answer_below_the_untouched_stub(homework, nb):
    cell(nb, "softmax").source = cell(release(homework), "softmax").source
    nb.cells.insert(4, new_code_cell(OWN))
    result, notes = rebuilt(homework, nb)
    assert cell(result, "softmax").source == OWN and extras(result) == []
    assert "found in cell 5 by the names" in about(notes, "softmax")


def test_a_copy_of_the_same_answer(homework, nb):
    again = copy.deepcopy(cell(nb, "softmax"))
    again.id = "new"
    nb.cells.append(again)
    result, notes = rebuilt(homework, nb)
    assert answers(result) == answers(nb) and extras(result) == [] and notes == []


def test_an_experiment_below_the_test_is_no_answer(homework, nb):
    """Who plays with a broken version after the test keeps the points."""
    nb.cells.insert(at(nb, "test-softmax") + 1, new_code_cell(OTHER))
    for lost in (False, True):
        if lost:
            strip(nb)
        result, _ = rebuilt(homework, nb)
        assert cell(result, "softmax").source == answers_of(homework)[0]
        assert extras(result) == [("test-softmax", OTHER)]


@pytest.mark.parametrize("copied", [True, False])
def test_a_split_answer(copied, homework, nb):
    """Editors give the second part the metadata of the first, or none."""
    helper = "def shifted(z):\n    return z - z.max(1, keepdims=True)"
    for parts in ((helper, OWN), (OWN, "softmax(np.zeros((1, 2)))")):
        nb = submission(homework, softmax=parts[0])
        nb.cells.insert(4, copy.deepcopy(nb.cells[3]) if copied else new_code_cell())
        nb.cells[4].source, nb.cells[4].id = parts[1], "new"
        result, notes = rebuilt(homework, nb)
        assert cell(result, "softmax").source == OWN
        where = "about-softmax" if parts[1] == OWN else "softmax"
        assert extras(result) == [(where, next(part for part in parts if part != OWN))]
        if copied or parts[1] == OWN:
            assert [note for note in notes if "more than one cell" in note]


def test_two_exercises_in_one_cell(homework, nb):
    both = "\n".join(answers(nb)[:2])
    cell(nb, "softmax").source = both
    del nb.cells[at(nb, "linear-backward")]
    result, notes = rebuilt(homework, nb)
    assert answers(result)[:2] == [both, both] and extras(result) == []
    assert "found in cell 4 by the names" in about(notes, "linear-backward")


def test_the_set_up_is_nobodys_answer(tmp_path):
    """A locked cell may define what an exercise asks for; it must not count as the answer."""
    nb = notebook()
    cell(nb, "set-up").source += "\n\n\ndef softmax(z):\n    return z"
    homework = source.Homework(example(tmp_path).path, nb)
    theirs = submission(homework)
    del theirs.cells[3]
    result, notes = rebuilt(homework, theirs)
    assert "NotImplementedError" in cell(result, "softmax").source
    assert about(notes, "softmax") == "softmax: there is no cell with an answer."


def test_a_remark_in_place_of_code_is_no_answer(homework, nb):
    strip(nb)
    nb.cells[3] = new_markdown_cell("I could not do this one.")
    result, notes = rebuilt(homework, nb)
    assert about(notes, "softmax") == "softmax: there is no cell with an answer."
    assert extras(result) == [("about-softmax", "I could not do this one.")]


def test_two_written_answers_with_the_same_stub(homework):
    nb = copy.deepcopy(homework.notebook)
    nb.cells.append(new_markdown_cell("## And why not the mean?", id="about-why-mean"))
    why = mark("why-mean", 2, grade=True, solution=True)
    nb.cells.append(new_markdown_cell("Rubric", id="why-mean", metadata=why))
    homework = source.Homework(homework.path, nb)
    for texts in (
        ("First", "Second"),
        ("YOUR ANSWER HERE", "Second"),
        ("First", "YOUR ANSWER HERE"),
    ):
        theirs = submission(homework, why_max=texts[0], why_mean=texts[1])
        strip(theirs)
        result, notes = rebuilt(homework, theirs)
        assert (cell(result, "why-max").source, cell(result, "why-mean").source) == texts
        assert extras(result) == []
        assert "by its place" in about(notes, "why-max") + about(notes, "why-mean")


def test_missing_answers(homework, nb):
    nb.cells = [c for c in nb.cells if c.id not in ANSWERS]
    result, notes = rebuilt(homework, nb)
    assert answers(result) == answers(release(homework))
    assert notes == [f"{name}: there is no cell with an answer." for name in ANSWERS]


# Types


def test_an_answer_turned_into_text(homework, nb):
    for kept in (True, False):
        if not kept:
            strip(nb)
        nb.cells[3] = new_markdown_cell(OWN, metadata=nb.cells[3].metadata)
        result, notes = rebuilt(homework, nb)
        assert (cell(result, "softmax").cell_type, cell(result, "softmax").source) == ("code", OWN)
        assert any("a code cell had become a markdown cell" in note for note in notes)


@pytest.mark.parametrize("lost", [False, True])
def test_code_in_place_of_the_written_answer(lost, homework, nb):
    nb.cells[9] = new_code_cell("# it cannot overflow", metadata=nb.cells[9].metadata)
    if lost:
        strip(nb)
    result, notes = rebuilt(homework, nb)
    assert cell(result, "why-max").source == "# it cannot overflow"
    assert cell(result, "why-max").cell_type == "markdown"
    assert any("a markdown cell had become a code cell" in note for note in notes)


def test_a_written_answer_below_the_stub(homework, nb):
    """Many leave the cell as it is and write into a new one."""
    nb.cells[9].source = "YOUR ANSWER HERE"
    nb.cells += [
        new_code_cell("1 + 1"),
        new_markdown_cell("No overflow."),
        new_markdown_cell("Bye"),
    ]
    result, notes = rebuilt(homework, nb)
    assert cell(result, "why-max").source == "No overflow."
    assert extras(result) == [("about-why-max", "1 + 1"), ("why-max", "Bye")]
    assert "found in cell 12 by its place" in about(notes, "why-max")


def test_a_written_answer_that_is_there_stays(homework, nb):
    nb.cells.append(new_markdown_cell("One more remark"))
    result, notes = rebuilt(homework, nb)
    assert answers(result) == answers_of(homework) and notes == []
    assert extras(result) == [("why-max", "One more remark")]


# Locked cells


def test_a_deleted_test_and_set_up(homework, nb):
    nb.cells = [c for c in nb.cells if c.id not in ("test-softmax", "set-up", "about-softmax")]
    _, notes = rebuilt(homework, nb)
    assert notes == [
        f"{name}: the cell was missing, and was put back." for name in ("set-up", "test-softmax")
    ]


def test_changed_locked_cells(homework, nb):
    cell(nb, "set-up").source = "import numpy as np\nnp.testing = None"
    cell(nb, "test-softmax").source = "assert True"
    cell(nb, "test-linear-backward").source += "  "
    result, notes = rebuilt(homework, nb)
    assert notes == [
        f"{name}: the cell was changed, and was put back as it was released."
        for name in ("set-up", "test-softmax")
    ]
    assert extras(result) == []


@pytest.mark.parametrize("name", ["test-softmax", "why-max"])
def test_changed_points(name, homework, nb):
    cell(nb, name).metadata.nbgrader.points = 100
    result, notes = rebuilt(homework, nb)
    assert notes == [f"{name}: its points were changed, and were put back."]
    assert cell(result, name).metadata.nbgrader.points == 2


def test_changed_metadata(homework, nb):
    """Nothing of it comes through, whatever it claims."""
    cell(nb, "softmax").metadata.nbgrader |= {"locked": True, "solution": False, "grade": True}
    cell(nb, "test-softmax").metadata.nbgrader |= {"locked": False, "solution": True}
    nb.metadata.kernelspec.name = "bash"
    nb.cells.append(new_code_cell("1", metadata=mark("bonus", 99, grade=True) | {"tags": ["x"]}))
    result, _ = rebuilt(homework, nb)
    assert extras(result) == [("why-max", "1")]


# Cells that students may change, and their own


def with_experiment(homework) -> source.Homework:
    """The homework with a cell to run that is neither locked nor graded."""
    nb = copy.deepcopy(homework.notebook)
    nb.cells.insert(5, new_code_cell("z = np.zeros((1, 3))\nsoftmax(z)", id="try"))
    return source.Homework(homework.path, nb)


def test_an_open_code_cell_is_the_students(homework):
    homework = with_experiment(homework)
    nb = submission(homework)
    cell(nb, "try").source = "softmax(np.ones((1, 3)))"
    result, notes = rebuilt(homework, nb)
    assert cell(result, "try").source == "softmax(np.ones((1, 3)))"
    assert extras(result) == [] and notes == []
    del nb.cells[5]
    result, notes = rebuilt(homework, nb)
    assert cell(result, "try").source.startswith("z = np.zeros") and notes == []


def test_text_written_into_a_question_is_kept(homework, nb):
    cell(nb, "about-why-max").source += "\n\nBecause of the overflow."
    result, notes = rebuilt(homework, nb)
    assert extras(result) == [("about-why-max", cell(nb, "about-why-max").source)]
    assert notes == []


def test_a_locked_text_is_put_back(homework):
    nb = copy.deepcopy(homework.notebook)
    nb.cells[8].metadata = nbformat.from_dict(mark("question"))
    homework = source.Homework(homework.path, nb)
    theirs = submission(homework)
    theirs.cells[8].source = "An easier question"
    result, notes = rebuilt(homework, theirs)
    assert extras(result) == []
    assert notes == ["question: the cell was changed, and was put back as it was released."]


def test_own_cells_keep_their_place(homework, nb):
    own = [new_code_cell(f"own = {i}") for i in range(5)]
    nb.cells[10:10] = [own[4]]
    nb.cells[5:5] = [own[2], new_markdown_cell("My note"), own[3]]
    nb.cells[0:0] = [own[0], new_raw_cell("raw"), new_code_cell(" \n"), own[1]]
    result, notes = rebuilt(homework, nb)
    assert extras(result) == [
        ("set-up", "own = 0"),
        ("set-up", "raw"),
        ("set-up", "own = 1"),
        ("test-softmax", "own = 2"),
        ("test-softmax", "My note"),
        ("test-softmax", "own = 3"),
        ("why-max", "own = 4"),
    ]
    assert notes == []
    types = [c.cell_type for c in result.cells if "student-extra" in c.metadata.get("tags", [])]
    assert types == ["code", "raw", "code", "code", "markdown", "code", "code"]


def test_own_cells_follow_the_first_copy_of_a_cell(homework, nb):
    """A copy of the imports at the end is no reason to move what follows it to the top."""
    nb.cells += [copy.deepcopy(cell(nb, "set-up")), new_code_cell("softmax(np.eye(2))")]
    nb.cells[-2].id = "new"
    result, notes = rebuilt(homework, nb)
    assert extras(result) == [("why-max", "softmax(np.eye(2))")] and notes == []


def test_own_ids_do_not_clash(homework):
    nb = copy.deepcopy(homework.notebook)
    nb.cells[2].id = "student-extra-1"
    homework = source.Homework(homework.path, nb)
    theirs = submission(homework)
    theirs.cells += [new_code_cell("1", id="softmax-2"), new_code_cell("2")]
    result, _ = rebuilt(homework, theirs)
    assert [c.id for c in result.cells[-2:]] == ["student-extra-2", "student-extra-3"]


# Any mixture


def variants(homework):
    """Correct submissions, shuffled, with copies and own cells, that kept some of their labels."""

    @st.composite
    def draw(draw):
        nb = submission(homework)
        keeps = draw(st.sampled_from(["all", "grade_id", "id"]))
        strip(nb, metadata=keeps == "id", ids=keeps == "grade_id")
        for i in draw(st.lists(st.integers(0, len(nb.cells) - 1), max_size=6)):
            nb.cells.append(copy.deepcopy(nb.cells[i]))
            if keeps == "grade_id":
                nb.cells[-1].id = f"copy-{len(nb.cells)}"
        for i in range(draw(st.integers(0, 3))):
            nb.cells.append(new_code_cell(f"own_{i} = 1"))
        if draw(st.booleans()):
            random.Random(draw(st.integers())).shuffle(nb.cells)
        return nb

    return draw()


QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=60, **QUIET)
@given(st.data())
def test_any_correct_submission_gives_the_same_answers(homework, data):
    nb = data.draw(variants(homework))
    result, notes = rebuilt(homework, nb)
    assert answers(result) == answers_of(homework)
    assert [text for _, text in extras(result)] == [
        c.source for c in nb.cells if c.source.startswith("own_")
    ] or sorted(text for _, text in extras(result)) == sorted(
        c.source for c in nb.cells if c.source.startswith("own_")
    )
    assert notes == []


@settings(max_examples=60, **QUIET)
@given(st.permutations(range(10)), st.lists(st.integers(0, 9), max_size=5))
def test_code_answers_survive_the_loss_of_everything_else(homework, order, copies):
    nb = submission(homework)
    nb.cells = [copy.deepcopy(nb.cells[i]) for i in [*order, *copies]]
    strip(nb)
    result, _ = rebuilt(homework, nb)
    assert answers(result)[:2] == answers_of(homework)[:2]


@settings(max_examples=60, **QUIET)
@given(st.lists(st.integers(0, 9), max_size=5), st.booleans())
def test_all_answers_survive_the_loss_of_metadata_in_order(homework, deleted, copies):
    """Every cell but the answers may be gone, or be there twice."""
    nb = submission(homework)
    cells = [c for i, c in enumerate(nb.cells) if i not in deleted or c.id in ANSWERS]
    nb.cells = [copy.deepcopy(c) for c in cells for _ in range(1 + copies)]
    strip(nb)
    result, _ = rebuilt(homework, nb)
    assert answers(result) == answers_of(homework)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, **QUIET)
@given(st.data())
def test_any_damage_to_the_json_is_survived(homework, data):
    """Values replaced at random: a valid notebook comes out, or one sentence."""
    content = json.loads(json.dumps(submission(homework)))
    for _ in range(data.draw(st.integers(1, 8))):
        place = content
        while True:
            keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if (
                not isinstance(place[key], dict | list)
                or not place[key]
                or data.draw(st.booleans())
            ):
                break
            place = place[key]
        place[key] = data.draw(JSON)
        if not content:
            break
    try:
        rebuilt(homework, json.dumps(content).encode())
    except Unreadable as error:
        assert str(error).endswith(".")


@settings(max_examples=150, **QUIET)
@given(st.binary(max_size=60), st.integers(0, 3000), st.integers(0, 200))
def test_any_damage_to_the_bytes_is_survived(homework, new, start, size):
    raw = json.dumps(submission(homework)).encode()
    try:
        rebuilt(homework, raw[:start] + new + raw[start + size :])
    except Unreadable as error:
        assert str(error).endswith(".")


def test_the_example_is_right(homework, nb):
    """The solved source passes its tests, and a submission is what a student would hand in."""
    space: dict = {}
    for c in homework.notebook.cells:
        if c.cell_type == "code":
            exec(c.source, space)
    assert homework.points == 7 and [e.points for e in homework.exercises] == [2, 3]
    assert ast.dump(ast.parse(SOFTMAX)) == ast.dump(ast.parse(cell(nb, "softmax").source))
    assert "###" not in nbformat.writes(nb)
