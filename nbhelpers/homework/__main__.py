"""The command line: ``python -m nbhelpers.homework check | release | collect | grade | return``."""

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from . import HomeworkError

DESCRIPTION = """Homework made once, released, collected, graded and returned.

HOMEWORK is a chapter's folder, such as 03_feedforward.  Exit codes: 0 all is well; 1 it is done,
but something in the output needs you; 2 it could not be done, and one sentence says why."""


def parser() -> argparse.ArgumentParser:
    """The options of all commands."""
    main = argparse.ArgumentParser(
        prog="python -m nbhelpers.homework",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        sub.set_defaults(run=run)
        sub.add_argument("homework", metavar="HOMEWORK", help="such as 03_feedforward")
        if name != "check":
            sub.add_argument(
                "--course", type=Path, default=Path("course"), help="the course's folder [course]"
            )
        return sub

    sub = add("check", check, "prove a homework's source: no leak, tests that catch what they must")
    sub.add_argument("--no-mutants", action="store_true", help="leave out the automatic mutants")
    add("release", release, "make what students get, and enter it into the course")
    sub = add("collect", collect, "take in the submissions that Moodle or Canvas gives you")
    sub.add_argument(
        "archive", type=Path, metavar="ARCHIVE", help="the zip, or a folder of notebooks"
    )
    sub.add_argument(
        "--lms",
        choices=["auto", "moodle", "canvas", "folder"],
        default="auto",
        help="where it comes from [auto]",
    )
    sub = add("grade", grade, "grade what was collected; goes on where it was stopped")
    sub.add_argument("--jobs", type=int, default=2, help="notebooks at a time [2]")
    sub.add_argument(
        "--again", action="store_true", help="also what was graded; confirm written answers anew"
    )
    sub.add_argument(
        "--cell-seconds", type=float, default=20, help="time of a cell; more on a slow machine [20]"
    )
    sub.add_argument("--notebook-seconds", type=float, default=300, help="of a notebook [300]")
    sub.add_argument("--memory", type=float, default=4, help="gigabytes a notebook may use [4]")
    sub.add_argument("--unsafe", action="store_true", help="run students' code without a sandbox")
    sub = add("return", give_back, "write feedback pages and a table of grades")
    sub.add_argument("--lms", choices=["moodle", "canvas"], required=True, help="where it goes")
    sub.add_argument("--table", type=Path, help="the table that the system exported, to fill in")
    sub.add_argument("--column", help="the title of the column of grades in that table")
    sub.add_argument("--scale", action="store_true", help="scale to the system's maximum")
    return main


def shown(path: Path) -> str:
    """A path as a teacher would type it here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def check(options: argparse.Namespace) -> int:
    """Print what every gate found."""
    from . import gates, source

    with tqdm(bar_format="{desc}", disable=not sys.stderr.isatty(), leave=False) as line:
        findings = gates.check(
            source.find(options.homework),
            mutants=not options.no_mutants,
            progress=line.set_description_str,
        )
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.gate:<10} {finding.message}")
        for line in finding.details:
            print(f"       {line}")
    return 0 if all(finding.ok for finding in findings) else 1


def release(options: argparse.Namespace) -> int:
    """Check what must never go wrong, then publish."""
    from . import engine, gates, source
    from .course import Course

    homework, course = source.find(options.homework), Course(options.course)
    bad = [f for f in gates.check(homework, mutants=False) if not f.ok]
    if bad:
        raise HomeworkError(
            f"Nothing was released, because {bad[0].gate} found: {bad[0].message} "
            f"(see: python -m nbhelpers.homework check {homework.name})"
        )
    packed = engine.publish(course, homework)
    print(f"For students  {shown(course.released(homework.name) / homework.file)}")
    print(f"To upload     {shown(packed)}")
    written = sum(c.metadata.nbgrader.points for c in homework.written)
    print(f"{homework.points:g} points, {written:g} of them for written answers")
    return 0


def collect(options: argparse.Namespace) -> int:
    """Take submissions in and list what could not be."""
    from .collect import collect as take
    from .course import Course
    from .grade import released

    course = Course(options.course)
    name = released(course, options.homework).name
    found = take(course, name, options.archive, options.lms)
    problems = [one for one in found if one.problem]
    for one in found:
        for note in one.notes:
            print(f"note     {one.name}: {note}")
    for one in problems:
        print(f"PROBLEM  {one.name}: {one.problem}")
    print(f"{len(found) - len(problems)} collected, {len(problems)} not")
    return 1 if problems else 0


def grade(options: argparse.Namespace) -> int:
    """Grade, then print a line for every student."""
    from . import sandbox
    from .course import Course
    from .grade import grade as run

    if options.unsafe:
        print("Without a sandbox: students' code can read, change and send what you can.")
    else:
        sandbox.require()
    limits = sandbox.Limits(
        cell=options.cell_seconds,
        notebook=options.notebook_seconds,
        memory=int(options.memory * 2**30),
    )
    results = run(
        Course(options.course),
        options.homework,
        jobs=options.jobs,
        limits=limits,
        unsafe=options.unsafe,
        again=options.again,
        progress=sys.stderr.isatty(),
    )
    width = max(len(result["name"]) for result in results)
    print(f"{'Student':<{width}}  {'Points':>11}  Waiting  Seconds  Notes")
    for result in results:
        print(row(result, width))
    bad = [result for result in results if result["state"] != "graded"]
    for result in bad:
        print(f"NOT GRADED  {result['name']}: {result['reason']}")
    print(f"{len(results) - len(bad)} graded, {len(bad)} not")
    return 1 if bad else 0


def row(result: dict, width: int) -> str:
    """A student's line in the table of grades."""
    if result["state"] != "graded":
        return f"{result['name']:<{width}}  {result['state']:>11}"
    points = sum(test["score"] for test in result["tests"])
    best = sum(test["points"] for test in result["tests"])
    waiting = sum(one["points"] for one in result["written"] if one["answered"])
    notes = f"{len(result['notes'])} on the page" if result["notes"] else ""
    return (
        f"{result['name']:<{width}}  {points:>5g} / {best:<3g}  {waiting or '':>7}  "
        f"{result['seconds']:>7.1f}  {notes}"
    ).rstrip()


def give_back(options: argparse.Namespace) -> int:
    """Write pages and table, and name those without a grade."""
    from .course import Course
    from .feedback import write
    from .grade import released

    course = Course(options.course)
    homework = released(course, options.homework)
    done = write(course, homework, options.lms, options.table, options.column, scale=options.scale)
    print(f"Pages  {shown(done.pages)}")
    print(f"Zip    {shown(done.zip)}")
    print(f"Table  {shown(done.table)}")
    for note in done.notes:
        print(f"note   {note}")
    for name, reason in done.without:
        print(f"NO GRADE  {name}: {reason}")
    print(f"{done.graded} with a grade, {len(done.without)} without")
    return 1 if done.without else 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what a teacher can mend becomes one sentence and the exit code 2."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except HomeworkError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        if error.name in ("fcntl", "resource"):
            print("Grading needs Linux or macOS; on Windows, use WSL.", file=sys.stderr)
        else:
            print(
                f"{error.name} is missing: pip install -r requirements-teach.txt", file=sys.stderr
            )
    except KeyboardInterrupt:
        print("Stopped.  What was done is kept: run the same command again.", file=sys.stderr)
        sys.stderr.flush()
        os._exit(130)  # the notebooks that are running are not waited for
    return 2


if __name__ == "__main__":
    sys.exit(main())
