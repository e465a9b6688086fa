"""The project holds together: three lists of packages, a small helper package, honest commands."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from support import NOTEBOOKS, ROOT

HELPERS = sorted((ROOT / "nbhelpers").glob("*.py"))
HOMEWORK = sorted((ROOT / "nbhelpers/homework").glob("*.py"))


def requirements():
    files = ("requirements.txt", "requirements-teach.txt")
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


def ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [r for extra in project["optional-dependencies"].values() for r in extra]
    return [Requirement(r) for r in project["dependencies"] + extras]


def test_requirements_pin_one_version_each():
    assert all(re.fullmatch(r"==[\w.+]+", str(r.specifier)) for r in requirements())
    names = [r.name for r in requirements()]
    assert len(names) == len(set(names))


def test_every_tested_version_is_in_the_range_of_pyproject():
    tested = {r.name: str(r.specifier).removeprefix("==") for r in requirements()}
    allowed = {r.name: r.specifier for r in ranges()}
    assert tested.keys() == allowed.keys()
    assert [n for n in tested if not allowed[n].contains(tested[n])] == []


def test_conda_environment_is_the_tested_set():
    packages = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = [p["pip"] for p in packages if isinstance(p, dict)]
    assert "-r requirements.txt" in pip and "-e ." in pip


def test_what_the_user_fixed():
    names = {r.name for r in requirements()}
    fixed = "jupyterlab numpy torch matplotlib ipywidgets nbval jupyter-book"
    assert set(fixed.split()) <= names


def lines_of_code(path):
    """Lines of a module without docstrings, comments and blank lines."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        for field in ("body",):
            body = getattr(node, field, None)
            if isinstance(body, list):
                keep = [n for n in body if not _is_text(n)]
                setattr(node, field, keep or [ast.Pass()])
    return len([line for line in ast.unparse(tree).splitlines() if line.strip()])


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_helpers_stay_small():
    sizes = {p.name: lines_of_code(p) for p in HELPERS}
    assert sum(sizes.values()) < 700, sizes
    assert max(map(lines_of_code, HOMEWORK)) < 250, "a module of homework outgrows its purpose"
    for path in HELPERS + HOMEWORK:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                code = ast.unparse(node.body[1:] if ast.get_docstring(node) else node.body)
                assert len(code.splitlines()) <= 45, f"{path.name}: {node.name} outgrows a screen"


def test_public_names_are_documented_and_typed():
    for path in HELPERS + HOMEWORK:
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree), path.name
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = node.args.args + node.args.kwonlyargs
                assert all(a.annotation for a in arguments), f"{path.name}: {node.name}"
                assert node.returns is not None, f"{path.name}: {node.name}"


def test_torch_is_not_imported_until_needed():
    code = (
        "import sys; from nbhelpers import check, data, explore, plot, run, train;"
        "check.same('x', [1.0], [1.0]); run.rng(0); print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split()[-1] == "False"


@pytest.mark.parametrize("page", ["README.md", "book/setup.md"])
def test_every_make_command_that_a_page_names_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", (ROOT / page).read_text()))
    assert named and named - targets - {"sure"} == set()


def test_readme_links_every_notebook():
    text = (ROOT / "README.md").read_text()
    links = set(re.findall(r"\]\(([^)#:]+)\)", text))
    assert {str(path.relative_to(ROOT)) for path in NOTEBOOKS} <= links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_map_names_every_chapter():
    drawn = (ROOT / "book/img/map.svg").read_text()
    chapters = {path.parent.name for path in NOTEBOOKS}
    assert [c for c in chapters if f'data-doc="{c}/{c[3:]}' not in drawn] == []


def test_every_chapter_prints_its_receipt():
    for path in NOTEBOOKS:
        if path.stem == f"{path.parent.name[3:]}_torch":
            assert "the two are the same network" in path.read_text(), path.name
