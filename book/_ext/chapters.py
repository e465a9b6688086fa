"""Role ``chapter`` and directive ``chapter-map``: links to the chapters that exist.

Both know, while the book builds, which chapters it has.  A chapter in the book is a link; one that
is not yet is drawn lighter, as planned.  So neither needs an edit when a chapter arrives.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import ReferenceRole, SphinxDirective

SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)


def in_book(env, name: str) -> bool:
    """Say whether a document is in the book; the page asking is read again if that changes."""
    env.note_dependency(str(Path(env.srcdir, "_toc.yml")))
    return name in env.found_docs


class Chapter(ReferenceRole):
    """``{chapter}`Perceptron <02_perceptron/perceptron_numpy>```: a link, or lighter text."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if not in_book(self.env, self.target):
            return [nodes.inline("", self.title, classes=["chapter", "planned"])], []
        link = addnodes.pending_xref(
            refdomain="std",
            reftype="doc",
            refdoc=self.env.docname,
            reftarget=f"/{self.target}",
            refexplicit=True,
            refwarn=True,
        )
        link += nodes.inline("", self.title, classes=["chapter"])
        return [link], []


class ChapterMap(SphinxDirective):
    """Insert an SVG; each group with a ``data-doc`` becomes a link, or gets the class planned."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        drawing, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(drawing)
        root = ET.parse(path).getroot()
        builder = self.env.app.builder
        for group in root.iter(f"{{{SVG}}}g"):
            name = group.get("data-doc")
            if name and not in_book(self.env, name):
                group.set("class", "chapter planned")
            elif name and builder.format == "html":
                group.tag = f"{{{SVG}}}a"
                group.set("href", builder.get_relative_uri(self.env.docname, name))
        return [nodes.raw("", ET.tostring(root, encoding="unicode"), format="html")]


def setup(app) -> dict:
    app.add_role("chapter", Chapter())
    app.add_directive("chapter-map", ChapterMap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
