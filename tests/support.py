"""What several tests need to know about the book: its pages, its notebooks, their definitions."""

import ast
import re
import shutil
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
SITE = ROOT / "_build" / "html"
NOTEBOOKS = sorted(p for p in BOOK.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def name(path: Path) -> str:
    """``01_neuron/neuron_numpy`` for a notebook of the book."""
    return path.relative_to(BOOK).with_suffix("").as_posix()


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(nb: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [c for c in nb.cells if c.cell_type == "code" and c.source.strip()]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def prose(nb: nbformat.NotebookNode) -> str:
    return "\n\n".join(c.source for c in nb.cells if c.cell_type == "markdown")


def toc_files(node: object = None) -> list[str]:
    """Every file named in ``_toc.yml``, in reading order."""
    if node is None:
        node = yaml.safe_load((BOOK / "_toc.yml").read_text())
    if isinstance(node, list):
        return [f for item in node for f in toc_files(item)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("root", "file") if key in node]
    return own + [f for v in node.values() if isinstance(v, list) for f in toc_files(v)]


def statements(nb: nbformat.NotebookNode, recaps: bool) -> dict[str, ast.stmt]:
    """Functions, classes and constants (NAMES_LIKE_THIS) that cells define, by name.

    ``recaps`` chooses between the cells tagged ``recap`` and all the others.
    """
    found: dict[str, ast.stmt] = {}
    for cell in code_cells(nb):
        if ("recap" in tags(cell)) != recaps:
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if re.fullmatch(r"[A-Z][A-Z_]+", node.targets[0].id):
                    found[node.targets[0].id] = node
    return found


def definitions(notebook: str) -> dict[str, object]:
    """Run a notebook's imports, constants, functions and classes, and nothing else of it.

    A constant made from something else that the notebook computes is left out.
    """
    nb = read(BOOK / f"{notebook}.ipynb")
    imports = [
        node
        for cell in code_cells(nb)
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    space: dict[str, object] = {"__name__": notebook}
    for node in imports + list((statements(nb, True) | statements(nb, False)).values()):
        try:
            exec(compile(ast.Module([node], []), notebook, "exec"), space)
        except NameError:
            if not isinstance(node, ast.Assign):
                raise
    return space


GREEK = {
    "alpha", "beta", "gamma", "Gamma", "delta", "Delta", "epsilon", "varepsilon", "zeta", "eta",
    "theta", "Theta", "kappa", "lambda", "Lambda", "mu", "nu", "xi", "Xi", "pi", "Pi", "rho",
    "sigma", "Sigma", "tau", "phi", "varphi", "Phi", "chi", "psi", "Psi", "omega", "Omega", "ell",
}  # fmt: skip
FENCE = re.compile(r"^(`{3,}|:{3,})(?P<info>[^`\n]*)$")
MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\$)([^$\n]+?)\$", re.S)


def outside_code(text: str) -> str:
    """A Markdown text without its code; what directives such as figures hold is text and stays.

    The content of a ``math`` directive is put between dollar signs.
    """
    kept, inside = [], []  # the directives that are open, each as (fence, kind)
    for line in text.splitlines():
        fence = FENCE.match(line.strip())
        if fence and inside and fence[1] == inside[-1][0] and not fence["info"].strip():
            kept.append("$$" if inside.pop()[1] == "math" else "")
        elif inside and inside[-1][1] == "code":
            continue
        elif fence:
            info = fence["info"].strip()
            kind = "math" if info.startswith("{math}") else "text" if info[:1] == "{" else "code"
            inside.append((fence[1], kind))
            kept.append("$$" if kind == "math" else "")
        else:
            kept.append(line)
    return re.sub(r"`[^`\n]+`", "", "\n".join(kept))


def math(text: str) -> list[str]:
    """The formulas of a Markdown text, outside code."""
    return ["".join(m).strip() for m in MATH.findall(outside_code(text))]


MARKED = re.compile(
    r"\\(hat|bar|tilde|mathbb|mathcal|mathbf|boldsymbol)\s*\{?\s*(\\[A-Za-z]+|[A-Za-z])\s*\}?"
)
WORDS = re.compile(
    r"\\(text\w*|mathrm|operatorname\*?|begin|end|label|tag)\s*\{[^{}]*\}|^:\w+:.*$", re.M
)


def symbols(formula: str) -> set[str]:
    """The letters of a formula, ``x``, ``\\eta``, ``\\hat y``; words and commands left out."""
    formula = WORDS.sub(" ", formula)
    found = {f"\\{mark} {letter}" for mark, letter in MARKED.findall(formula)}
    formula = MARKED.sub(" ", formula)
    found |= {f"\\{word}" for word in re.findall(r"\\([A-Za-z]+)", formula) if word in GREEK}
    return found | set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", formula)))
