"""Directive ``receipts``: every receipt stored in the book's notebooks, on one page.

A receipt is the table that ``nbhelpers.check.receipt`` prints.  It is read from the notebooks'
stored outputs while the book builds: the page shows what the notebooks printed, and a receipt
that leaves a notebook leaves the page with it.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

RECEIPT = re.compile(r"^Receipt: .*?^\d+ of \d+ rows agree.*?$", re.MULTILINE | re.DOTALL)
NONE_YET = "This build has no receipt to show: no notebook in it has printed one yet."


def receipts_in(notebook: Path) -> list[str]:
    """Return the text of each receipt in a notebook's stored outputs, in order."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    streams = [
        [out["text"] for out in cell.get("outputs", []) if out["output_type"] == "stream"]
        for cell in cells
    ]
    texts = ["".join("".join(text) for text in cell) for cell in streams]  # text: str or lines
    return [found for text in texts for found in RECEIPT.findall(text)]


class Receipts(SphinxDirective):
    """Insert all receipts, each under the linked title of its notebook."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(Path(self.env.srcdir, "_toc.yml")))  # a notebook comes or goes
        lines = []
        for name in sorted(self.env.found_docs):  # 01_neuron/..., 02_perceptron/...: in order
            path = Path(self.env.doc2path(name))
            if path.suffix != ".ipynb":
                continue
            self.env.note_dependency(str(path))
            for number, receipt in enumerate(receipts_in(path)):
                lines += [] if number else [f"{{doc}}`/{name}`", ""]
                lines += ["```text", *receipt.splitlines(), "```", ""]
        box = nodes.container(classes=["receipts"])
        self.state.nested_parse(StringList(lines or [NONE_YET], "receipts"), 0, box)
        return [box]


def setup(app) -> dict:
    app.add_directive("receipts", Receipts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
