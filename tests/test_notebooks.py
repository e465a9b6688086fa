"""What holds for every notebook as it is committed, beside what nbval proves by running it."""

import ast
import re
import statistics
import sys

import nbformat
import pytest
from support import (
    BOOK,
    NOTEBOOKS,
    code_cells,
    math,
    name,
    outside_code,
    prose,
    read,
    statements,
    symbols,
    tags,
    toc_files,
)  # fmt: skip

import nbhelpers.check
import nbhelpers.data
import nbhelpers.explore
import nbhelpers.plot
import nbhelpers.run
import nbhelpers.train
from nbhelpers.homework.source import release

HELPERS = {m: getattr(nbhelpers, m) for m in ("check", "data", "explore", "plot", "run", "train")}
PACKAGES = {"numpy", "torch", "matplotlib", "nbhelpers", "IPython", "PIL", "ipywidgets"}
WIDTH = 84  # characters of code that fit beside both sidebars at 1280 px
BANNED = r"\b(simply|just|clearly|obviously|trivially|basically)\b|!(?=\s|$)"
HOT = ("np.add.at", "** 3", "**3", "np.where(x >")

CHAPTERS = [path for path in NOTEBOOKS if not path.stem.endswith("_homework")]

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=name)  # homework has its own gates


def parsed(path):
    """The syntax trees of a notebook's code cells."""
    return [ast.parse(cell.source) for cell in code_cells(read(path))]


def test_toc_lists_every_notebook_and_nothing_else():
    listed = toc_files()
    assert len(listed) == len(set(listed))
    assert {name(p) for p in NOTEBOOKS} <= set(listed), "left out of the book"
    for file in listed:
        assert any((BOOK / f"{file}{end}").is_file() for end in (".md", ".ipynb")), file


@every_notebook
def test_stored_run_is_clean_and_complete(path):
    nb = read(path)
    nbformat.validate(nb)
    assert nb.metadata.kernelspec.name == "python3"
    assert set(nb.metadata) <= {"kernelspec", "language_info"}, "save it with make run"
    cells = code_cells(nb)
    assert len(cells) == len([c for c in nb.cells if c.cell_type == "code"]), "an empty code cell"
    counts = [c.execution_count for c in cells]
    assert counts == list(range(1, len(cells) + 1)), "run top to bottom, then save: make run"
    for cell in cells:
        errors = [o for o in cell.outputs if o.output_type == "error"]
        assert bool(errors) == ("raises-exception" in tags(cell)), cell.source
        assert not [o for o in cell.outputs if o.get("name") == "stderr"], cell.source
        for output in cell.outputs:
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
    assert path.stat().st_size < 1_500_000


@every_notebook
def test_nothing_is_skipped_and_unstable_output_is_asserted(path):
    for cell in code_cells(read(path)):
        assert "nbval-skip" not in tags(cell)
        if "nbval-ignore-output" in tags(cell):
            assert re.search(r"\bassert\b|check\.bar", cell.source), cell.source


@every_notebook
def test_cells_are_small(path):
    lengths = []
    nb = read(path) if path in CHAPTERS else release(read(path))  # as its readers see it
    for cell in code_cells(nb):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert not cell.source.rstrip().endswith(";"), "nbval cannot see it: end with plt.show()"
        assert max(map(len, lines)) <= WIDTH, cell.source
        if "recap" not in tags(cell):
            lengths.append(len(lines))
    assert max(lengths) <= 25
    assert statistics.median(lengths) <= 8
    assert sum(lengths) <= (180 if path.stem.endswith("_torch") else 250)


@every_notebook
def test_imports(path):
    used = set()
    for tree in parsed(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert all(alias.name != "*" for alias in node.names), "from x import *"
                used.add(node.module.split(".")[0])
    assert used <= PACKAGES | set(sys.stdlib_module_names), used
    if path.stem.endswith("_numpy"):
        assert "torch" not in used, "a NumPy notebook runs where torch cannot"
    assert "warnings" not in used, "mend the cause instead of filtering the warning"


@every_notebook
def test_helpers_exist(path):
    for tree in parsed(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in HELPERS:
                    assert node.attr in HELPERS[node.value.id].__all__, ast.unparse(node)


@every_notebook
def test_no_slow_idiom_in_functions(path):
    for definition in statements(read(path), recaps=False).values():
        source = ast.unparse(definition)
        assert not [idiom for idiom in HOT if idiom in source], source


@every_notebook
def test_every_figure_has_caption_label_and_alt_text(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" not in data and "<img" not in data.get("text/html", ""):
                continue
            about = cell.metadata.get("mystnb", {})
            assert about.get("figure", {}).get("name", "").startswith("fig-"), cell.source
            assert len(about["figure"].get("caption", "")) > 20, cell.source
            if "image/png" in data:
                assert len(about.get("image", {}).get("alt", "")) > 20, cell.source
    for block in re.findall(r"```\{figure\}(.*?)```", prose(read(path)), re.S):
        assert ":alt:" in block and ":name: fig-" in block, block


@every_chapter
def test_figures_are_referred_to_and_labels_unique(path):
    nb = read(path)
    labels = re.findall(r":name: (fig-\S+)", prose(nb))
    labels += [c.metadata.mystnb.figure.name for c in code_cells(nb) if "mystnb" in c.metadata]
    assert len(labels) == len(set(labels))
    text = prose(nb)
    assert [label for label in labels if f"`{label}`" not in text] == [], "numref every figure"


@every_notebook
def test_recaps_are_their_home(path):
    nb = read(path)
    for cell in code_cells(nb):
        assert ("hide-input" in tags(cell)) == ("recap" in tags(cell)), "only recaps are folded"
        if "recap" not in tags(cell):
            continue
        home = re.match(r"# Recap from (\S+?):?\s", cell.source)
        assert home, "the first line of a recap names its home: # Recap from 01_neuron/neuron_numpy"
        original = statements(read(BOOK / f"{home[1]}.ipynb"), recaps=False)
        copies = {
            n.name if hasattr(n, "name") else n.targets[0].id: n
            for n in ast.parse(cell.source).body
        }
        for key, copy in copies.items():
            assert key in original, f"{key} is not defined in {home[1]}"
            assert ast.dump(copy) == ast.dump(original[key]), f"{key} differs from {home[1]}"


@every_notebook
def test_every_symbol_is_in_the_notation(path):
    declared = {s for formula in math((BOOK / "notation.md").read_text()) for s in symbols(formula)}
    used = {s: f for f in math(prose(read(path))) for s in symbols(f)}
    assert {s: used[s] for s in used if s not in declared} == {}


@every_notebook
def test_prose(path):
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", outside_code(prose(read(path))), flags=re.S)
    assert re.findall(BANNED, text) == []
    assert not re.search("[\U0001f300-\U0001faff\u2705\u274c]", text), "an emoji"


@every_chapter
def test_exercises_have_solutions(path):
    text = prose(read(path))
    asked = set(re.findall(r"\{exercise(?:-start)?\}.*?:label: (\S+)", text, re.S))
    solved = set(re.findall(r"\{solution(?:-start)?\} (\S+)", text))
    assert asked == solved
    if path.stem == f"{path.parent.name[3:]}_numpy":
        assert 4 <= len(asked) <= 6
        assert all(star in text for star in ("★ ", "★★ ", "★★★ "))
    assert len(asked) >= 2


def test_the_symbol_reader():
    assert symbols(r"\hat{y} = \sigma(x W + b)_{\text{out}}") == {
        r"\hat y", r"\sigma", "x", "W", "b",
    }  # fmt: skip
    assert math("a $x$ and $$y\n= 1$$ not `$z$`") == ["x", "y\n= 1"]
    blocks = """
```{math}
:label: eq
u
```
```python
$hidden$
```
````{note}
```{figure} img/a.svg
:alt: text

Caption with $v$.
```
After $w$.
````
"""
    assert math(blocks) == [":label: eq\nu", "v", "w"]
    assert symbols(math(blocks)[0]) == {"u"}
