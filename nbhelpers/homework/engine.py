"""nbgrader, as this package uses it: one configuration, releasing, and recording a graded run."""

import io
import logging
import os
import shutil
import sys
import warnings
import zipfile
from pathlib import Path

import nbformat
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode
from traitlets.config import Config, PyFileConfigLoader

from . import HomeworkError
from .course import Course, write_bytes, write_text
from .source import Homework

__all__ = ["PutOutputs", "configure", "publish", "record"]

CONFIG = '''"""nbgrader's settings as the homework commands need them; add your own below."""

from pathlib import Path

from nbhelpers.homework.engine import configure

c = get_config()  # noqa: F821
configure(c, Path(__file__).parent)
'''


class PutOutputs(NbGraderPreprocessor):
    """Stands where nbgrader would execute a submission, and takes the outputs of the sandboxed run.

    So whatever asks nbgrader to autograde, formgrader's button included, no student's code runs
    outside the sandbox.
    """

    folder = Unicode(help="where the notebooks that were run are").tag(config=True)

    def preprocess(self, nb: nbformat.NotebookNode, resources: dict) -> tuple:
        about = resources["nbgrader"]
        path = Path(self.folder, about["assignment"], f"{about['student']}.ipynb")
        if not path.exists():
            name = about["assignment"]
            raise HomeworkError(f"Run first: python -m nbhelpers.homework grade {name}.")
        ran = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = ran[cell.id].outputs
                cell.execution_count = ran[cell.id].execution_count
        return nb, resources


def configure(c: Config, root: Path) -> None:
    """Fill nbgrader's configuration for the course in ``root``."""
    c.CourseDirectory.course_id = "course"
    c.CourseDirectory.root = str(root.resolve())
    c.CourseDirectory.db_url = Course(root).database
    c.PutOutputs.folder = str((root / "results").resolve())
    c.Autograde.autograde_preprocessors = [
        PutOutputs,
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]


def api(course: Course) -> NbGraderAPI:
    """nbgrader for this course, with the teacher's own settings where there are any."""
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="nbgrader|sqlalchemy|nbconvert")
    programs = str(Path(sys.executable).parent)  # nbgrader starts alembic by its name
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
    if (course.root / "nbgrader_config.py").exists():
        config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    else:
        config = Config()
        configure(config, course.root)
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def demand(result: dict, what: str) -> None:
    """Turn nbgrader's report of a failure into a sentence."""
    if not result["success"]:
        said = result.get("error", "") or result.get("log", "")
        lines = [line for line in said.splitlines() if line.strip()]
        last = lines[-1].strip() if lines else "no message"
        raise HomeworkError(f"nbgrader could not {what}: {last}")


def publish(course: Course, homework: Homework) -> Path:
    """Enter a homework into the course and make what students get.

    Returns
    -------
    The zip with the student's notebook, beside the folder that holds it.

    Raises
    ------
    HomeworkError
        If the course folder cannot be written, or nbgrader refuses (a graded cell that students
        have already handed in has gone from the source, say).
    """
    if not (course.root / "nbgrader_config.py").exists():
        write_text(course.root / "nbgrader_config.py", CONFIG)
    write_bytes(course.root / "source" / homework.name / homework.file, homework.path.read_bytes())
    result = api(course).generate_assignment(homework.name, force=True, create=True)
    demand(result, f"release {homework.name}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        entry = zipfile.ZipInfo(homework.file, date_time=(2000, 1, 1, 0, 0, 0))
        file.writestr(entry, (course.released(homework.name) / homework.file).read_bytes())
    path = course.root / "release" / f"{homework.name}.zip"
    write_bytes(path, packed.getvalue())
    return path


def record(course: Course, homework: Homework, student: str, name: str) -> None:
    """Enter a run into nbgrader's gradebook; grades that a teacher gave stay.

    Raises
    ------
    HomeworkError
        If nbgrader cannot read what is to be recorded.
    """
    from nbgrader.api import Gradebook

    first, _, last = name.rpartition(" ")
    nbgrader = api(course)
    with Gradebook(course.database) as gradebook:
        gradebook.update_or_create_student(student, first_name=first, last_name=last)
    shutil.rmtree(course.root / "autograded" / student / homework.name, ignore_errors=True)
    demand(nbgrader.autograde(homework.name, student, force=True), f"record {student}")
