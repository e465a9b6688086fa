"""The teacher's page: its commands are run here, and must print what the page says.

``NBHELPERS_WRITE=1 pytest tests/test_teaching.py`` writes what they print into the page.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
from homework_support import needs_sandbox
from support import BOOK, ROOT

from nbhelpers.homework import answers, source

PAGE = BOOK / "teaching.md"
BLOCK = re.compile(r"```console\n\$ (.+?)\n(.*?)```", re.S)
NAME = "01_neuron"
WORDS = """Each fold runs through the whole interval twice, so one more fold doubles the pieces.
A flat network needs a unit for every kink.
The random networks had about 11 kinks at every depth, so they do not fold."""


def with_answers(released, homework, chosen):
    """The released notebook with the reference's answers, except those chosen."""
    nb = nbformat.from_dict(json.loads(nbformat.writes(released)))
    for cell, ours in zip(nb.cells, homework.notebook.cells, strict=True):
        if source.meta(ours).get("solution"):
            grade_id = source.meta(ours)["grade_id"]
            lines = [line for line in ours.source.splitlines() if "### " not in line]
            own = WORDS if source.kind(ours) == "written" else "\n".join(lines)
            cell.source = chosen.get(grade_id, own)
    return nb


def submissions(homework, path):
    """A zip in Moodle's layout with the five students of the page."""
    released = source.release(homework.notebook)
    first, second = (e.grade_id for e in homework.exercises[:2])
    wrong = next(
        a for a in answers.known(homework) if a.grade_id == first and a.expected == "hidden"
    )
    solved = with_answers(released, homework, {})
    mistaken = with_answers(
        released, homework, {first: wrong.source, second: "while True:\n    pass"}
    )
    changed = with_answers(released, homework, {})
    changed.cells = [c for c in changed.cells if source.kind(c) != "test"]
    work = {
        "Ada Moreno_1041": nbformat.writes(solved),
        "Ben Okafor_1042": nbformat.writes(mistaken),
        "Chen Wei_1043": nbformat.writes(changed),
        "Dana Fox_1044": nbformat.writes(released),
        "Eli Novák_1045": nbformat.writes(solved)[:4000],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in work.items():
            file.writestr(f"{name}_assignsubmission_file_/{homework.file}", text)


def read_written_answers(root, homework):
    """Give every written answer all points but one, as formgrader would enter them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(homework.name):
            for grade in submission.notebooks[0].grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = grade.max_score - 1, False
        gradebook.db.commit()


def settled(text):
    """The text without what differs from run to run: seconds."""
    return re.sub(r" +\d+\.\d(?=  |$)", "  N.N", text, flags=re.M).strip()


def test_the_page_shows_what_the_commands_print(tmp_path):
    needs_sandbox()
    homework = source.find(NAME)
    submissions(homework, tmp_path / "submissions.zip")
    page, printed = PAGE.read_text(), []
    for command, _ in BLOCK.findall(page):
        words = command.split()
        assert words[:3] == ["python", "-m", "nbhelpers.homework"], command
        if words[3] == "return":
            read_written_answers(tmp_path / "course", homework)
        run = subprocess.run(
            [sys.executable, *words[1:]], cwd=tmp_path, capture_output=True, text=True
        )
        assert run.returncode in (0, 1), run.stderr
        printed.append((command, run.stdout))
    if os.environ.get("NBHELPERS_WRITE"):
        new = iter(printed)
        page = BLOCK.sub(lambda _: "```console\n$ {}\n{}```".format(*next(new)), page)
        PAGE.write_text(page)
    assert [(c, settled(out)) for c, out in BLOCK.findall(page)] == [
        (c, settled(out)) for c, out in printed
    ]
    assert len(printed) == 5


def test_every_option_and_file_the_page_names_exists():
    page = PAGE.read_text()
    known = "".join(p.read_text() for p in (ROOT / "nbhelpers/homework").glob("*.py"))
    for option in set(re.findall(r"`(--[a-z-]+)", page)):
        assert f'"{option}"' in known, option
    for file in set(re.findall(r"pip install -r (\S+)", page)):
        assert (ROOT / file).exists()
    assert Path(BOOK / "img/formgrader.webp").exists()
