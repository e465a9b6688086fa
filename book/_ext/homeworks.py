"""Homework pages: readers see and download what students get, never the source with its solutions.

While Sphinx reads a ``*_homework`` notebook it is given the release view: stubs in place of
answers, visible tests alone, no outputs.  The copy of the source that Sphinx offers for download is
replaced by the student's notebook, the same that ``python -m nbhelpers.homework release`` makes.
The directive ``homeworks`` lists them all.
"""

from pathlib import Path

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from nbformat.v4 import new_markdown_cell
from sphinx.util.docutils import SphinxDirective

from nbhelpers.homework import source

FOLD = {"code_prompt_show": "Show the tests you can see", "code_prompt_hide": "Hide the tests"}
DOWNLOAD = """```{{admonition}} Take this homework
:class: tip
<a href="{address}" download>Download the notebook</a>, open it in JupyterLab beside the book's
environment ({{doc}}`/setup`), and hand in the file you saved.  The tests on this page come with it;
your teacher's grader has more.
```"""


def is_homework(docname: str) -> bool:
    """Whether a page is a homework."""
    return docname.endswith("_homework")


def student_file(docname: str) -> str:
    """Where the site keeps the student's notebook: in the place of the page's own source."""
    return f"_sources/{docname}.ipynb"


def page(notebook: nbformat.NotebookNode, docname: str) -> nbformat.NotebookNode:
    """The release as a page of the book: tests folded, a download on top."""
    notebook = source.release(notebook)
    up = "../" * docname.count("/")
    for cell in notebook.cells:
        if source.kind(cell) == "test":
            cell.metadata["tags"] = ["hide-input"]
            cell.metadata["mystnb"] = FOLD
    link = DOWNLOAD.format(address=up + student_file(docname))
    notebook.cells.insert(1, new_markdown_cell(link, id="download"))
    return notebook


class Homeworks(SphinxDirective):
    """A table of the book's homeworks, read from their sources."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(Path(self.env.srcdir, "_toc.yml")))
        lines = ["| Homework | Exercises graded by tests | Written answers |", "|---|---|---|"]
        for docname in sorted(filter(is_homework, self.env.found_docs)):
            path = self.env.doc2path(docname)
            self.env.note_dependency(path)
            homework = source.read(path)
            written = sum(source.meta(cell)["points"] for cell in homework.written)
            tests = f"{len(homework.exercises)}, {homework.points - written:g} points"
            answers = f"{len(homework.written)}, {written:g} points"
            lines.append(f"| {{doc}}`/{docname}` | {tests} | {answers} |")
        box = nodes.container()
        self.state.nested_parse(StringList(lines, "homeworks"), 0, box)
        return [box]


def _read(app, docname, content):
    if is_homework(docname):
        notebook = nbformat.reads(content[0], as_version=4)
        content[0] = nbformat.writes(page(notebook, docname))


def _finish(app, exception):
    if exception is None and app.builder.format == "html":
        for docname in filter(is_homework, app.env.found_docs):
            notebook = nbformat.read(app.env.doc2path(docname), as_version=4)
            target = Path(app.outdir, student_file(docname))
            nbformat.write(source.release(notebook), target)


def setup(app) -> dict:
    app.add_directive("homeworks", Homeworks)
    app.connect("source-read", _read)
    app.connect("build-finished", _finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
