"""Every homework of the book: its gates, and the way of a full and of an empty submission."""

import json
import re

import nbformat
import pytest
from homework_support import data, needs_sandbox
from support import BOOK, ROOT, SITE

from nbhelpers.homework import gates, source
from nbhelpers.homework.collect import collect
from nbhelpers.homework.course import Course
from nbhelpers.homework.engine import publish
from nbhelpers.homework.grade import grade

HOMEWORKS = [source.read(path) for path in sorted(BOOK.glob("*/*_homework.ipynb"))]
every_homework = pytest.mark.parametrize("homework", HOMEWORKS, ids=lambda h: h.name)


@every_homework
def test_gates(homework):
    findings = gates.check(homework)
    bad = [f for f in findings if not f.ok]
    assert not bad, "\n".join(f"{f.gate}: {f.message} {f.details}" for f in bad)
    assert {"form", "release", "stub", "reference", "answers", "mutants"} <= {
        f.gate for f in findings
    }


@every_homework
def test_reference_gets_all_points_and_the_stub_none(homework, tmp_path):
    needs_sandbox()
    course = Course(tmp_path / "course")
    publish(course, homework)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "solved.ipynb").write_bytes(data(homework.notebook))
    released = course.released(homework.name) / homework.file
    (inbox / "stub.ipynb").write_bytes(released.read_bytes())
    collect(course, homework.name, inbox)
    results = {r["student"]: r for r in grade(course, homework.name, progress=False)}
    full, none = results["solved"], results["stub"]
    assert [t for t in full["tests"] if t["score"] != t["points"]] == []
    assert [t for t in none["tests"] if t["score"] or "not been answered" not in t["message"]] == []
    assert all(w["answered"] for w in full["written"]) and not any(
        w["answered"] for w in none["written"]
    )
    made = nbformat.read(released, as_version=4)
    ours = source.release(homework.notebook)
    assert [c.source for c in made.cells] == [c.source for c in ours.cells]


@every_homework
def test_twenty_points_and_a_bug_hunt(homework):
    assert homework.points == 20
    text = "\n".join(c.source for c in homework.notebook.cells if c.cell_type == "markdown")
    assert re.search(r"bug hunt", text, re.I)


@pytest.mark.site
@every_homework
def test_site_holds_no_solution(homework):
    secret = {
        line.strip()
        for cell in homework.notebook.cells
        for region in re.findall(
            r"### BEGIN (?:SOLUTION|HIDDEN TESTS)(.*?)### END", cell.source, re.S
        )
        for line in region.splitlines()
        if len(line.strip()) > 25
    }
    shown = "\n".join(c.source for c in source.release(homework.notebook).cells)
    secret = {line for line in secret if line not in shown}
    assert len(secret) > 10
    page = (SITE / homework.name / homework.path.with_suffix(".html").name).read_text()
    text = (
        re.sub(r"<[^>]+>", "", page).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    )
    file = SITE / "_sources" / homework.name / homework.file
    offered = "\n".join("".join(c["source"]) for c in json.loads(file.read_text())["cells"])
    for line in secret:
        assert line not in text and line not in offered, line
    assert (
        "raise NotImplementedError" in text and f"_sources/{homework.name}/{homework.file}" in page
    )
    everything = [
        p for p in SITE.rglob("*") if p.suffix in (".ipynb", ".html", ".js", ".txt", ".json")
    ]
    leaks = [p for p in everything if "### BEGIN SOLUTION" in p.read_text(errors="ignore")]
    assert [p.relative_to(ROOT) for p in leaks] == []
