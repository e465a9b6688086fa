"""Directive ``benchmarks``: the table of timings, made from ``benchmarks/results.json``.

The file is read while the book builds, so the page can show nothing that was not measured, and a
case that is added or measured again changes the page with it.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"
HEAD = "| Step | Threads | NumPy, ms | PyTorch, ms | Ratio | Share of peak |"


def table(content: dict) -> list[str]:
    """Return the lines of a Markdown page: the machine in one sentence, then the table."""
    m = content["machine"]
    rounds = min(row["rounds"] for row in content["results"])
    lines = [
        f"Measured on {m['date']} on {m['cores']} cores of an {m['processor']} with NumPy "
        f"{m['numpy']} ({m['blas']}, kernel {m['blas kernel']}) and PyTorch {m['torch']}, under "
        f"Python {m['python']}; median of {rounds} rounds, lowest and highest in brackets.",
        "",
        HEAD,
        "|---|---|---|---|---|---|",
    ]
    for row in content["results"]:
        ratio = f"**{row['ratio']:.2f}** ({row['ratio_low']:.2f}–{row['ratio_high']:.2f})"
        share = f"{row['numpy_share_of_peak']:.0%} of {row['peak_gflops']:.0f} GF/s"
        cells = f"{row['numpy_ms']:.2f} | {row['torch_ms']:.2f} | {ratio} | {share}"
        lines.append(f"| {row['case']} | {row['threads']} | {cells} |")
    return lines


class Benchmarks(SphinxDirective):
    """Insert the table."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RESULTS))
        box = nodes.container(classes=["benchmarks"])
        lines = table(json.loads(RESULTS.read_text(encoding="utf-8")))
        self.state.nested_parse(StringList(lines, str(RESULTS)), 0, box)
        return [box]


def setup(app) -> dict:
    app.add_directive("benchmarks", Benchmarks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
