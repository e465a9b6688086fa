"""Run cells in forked processes: a crash or an endless loop ends one answer and nothing else.

Only Linux and macOS can fork; it is worth that, for what a set-up imports is imported once.  This
contains accidents: these answers are the author's own, students' answers run in the sandbox.
"""

import ast
import json
import os
import resource
import secrets
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from . import HomeworkError

__all__ = ["Play", "Result", "failure", "run", "session"]

SECONDS = 60.0  # for one answer and its tests
SETUP_SECONDS = 120  # for all set-up cells before it
SESSION_SECONDS = 3600.0
MEMORY = 4 << 30  # bytes of one process
MESSAGE = 300  # characters of an error that are kept
LINE = 1 << 20  # bytes of a line in a pipe that are kept

Result = tuple[str | None, float]  # a cell's error or None, and its seconds of computing
Play = Callable[..., list[Result]]  # play(cells, timeout=SECONDS, go_on=False)


class Stopped(Exception):
    """A forked process did not come to its end."""


def failure(results: Iterable[Result]) -> str | None:
    """The first error among the results."""
    return next((message for message, _ in results if message), None)


def run(setup: list[str], answer: str, tests: list[str], timeout: float = SECONDS) -> str | None:
    """Run an answer and its tests; return None if all pass, else one line that says what failed.

    Raises
    ------
    HomeworkError
        If the set-up fails.
    """
    (results,) = session(setup, lambda play: [play([answer, *tests], timeout)])
    return failure(results)


def session(setup: list[str], work: Callable[[Play], Iterable[Any]]) -> Iterator[Any]:
    """Run the set-up once in a forked process, then ``work(play)`` there; yield what it yields.

    ``play(cells, timeout=60.0, go_on=False)`` runs cells in one namespace, in a fork of the
    process that ran the set-up, and returns an error (or None) and the seconds of computing for
    each: up to the first that fails, unless told to go on.  A cell that ends the process or is
    running when the time is up is the last.

    Raises
    ------
    HomeworkError
        If the set-up fails.
    """
    _load(setup)
    items = _forked(lambda: _prepared(setup, work), SESSION_SECONDS)
    try:
        if message := next(items):
            raise HomeworkError(f"A set-up cell fails where no answer is given: {message}")
        yield from items
    except Stopped as stopped:
        reason = f"{stopped} (a set-up may take {SETUP_SECONDS} seconds)"
        raise HomeworkError(f"The process that runs the set-up was lost: {reason}.") from None
    finally:
        items.close()


def _load(cells: list[str]) -> None:
    """Import here what the cells import, so that no fork has to."""
    with suppress(Exception):  # a cell that is wrong is told of where it runs
        for node in (node for cell in cells for node in ast.parse(cell).body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                exec(compile(ast.Module([node], []), "<import>", "exec"), {})


def _prepared(setup: list[str], work: Callable[[Play], Iterable[Any]]) -> Iterator[Any]:
    """Run the set-up; yield its error or None, and then what ``work`` yields."""
    os.environ |= {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}  # for what is imported from now on
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use("agg")  # no windows
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # more do not survive a fork
    space: dict[str, Any] = {"__name__": "__main__"}
    left = signal.alarm(SETUP_SECONDS)
    message = failure(_cells(space, setup, go_on=False))
    signal.alarm(left)

    def play(cells: list[str], timeout: float = SECONDS, go_on: bool = False) -> list[Result]:
        results: list[Result] = []
        try:
            for result in _forked(lambda: _cells(space, cells, go_on), timeout):
                results.append(result)
        except Stopped as stopped:
            results.append((str(stopped), timeout))
        return results

    yield message
    if not message:
        yield from work(play)


def _cells(space: dict[str, Any], cells: list[str], go_on: bool) -> Iterator[Result]:
    """Execute cells in one namespace."""
    for cell in cells:
        start, message = time.process_time(), None
        try:
            exec(compile(cell, "<cell>", "exec"), space)
        except BaseException as error:
            message = _sentence(error)
        yield message, time.process_time() - start
        if message and not go_on:
            return


def _sentence(error: BaseException) -> str:
    """An error on one line."""
    try:
        text = " ".join(str(error)[: 10 * MESSAGE].split())
    except BaseException:
        text = ""
    return f"{type(error).__name__}: {text}"[:MESSAGE].removesuffix(": ")


def _forked(work: Callable[[], Iterable[Any]], timeout: float) -> Iterator[Any]:
    """Yield what ``work()`` yields in a forked process, or raise Stopped."""
    key = secrets.token_hex(16).encode()  # what an answer writes into the pipe lacks it
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(work, into, key, timeout)
    os.close(into)
    try:
        yield from _items(out, key, timeout)
    finally:
        os.close(out)
        for end in (os.killpg, os.kill):  # it and all that it has started
            with suppress(ProcessLookupError, PermissionError):
                end(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _child(work: Callable[[], Iterable[Any]], pipe: int, key: bytes, timeout: float) -> NoReturn:
    """Be the forked process: silent, limited, and gone at the end whatever happens."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(timeout) + 2)  # should the parent be gone by then
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        sys.stdin, sys.stdout, sys.stderr = open(os.devnull), *(open(os.devnull, "w"),) * 2
        with suppress(ValueError, OSError):  # where the system allows it
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        for item in work():
            os.write(pipe, key + json.dumps(item).encode() + b"\n")
        os.write(pipe, key + b"\n")
    finally:
        os._exit(0)


def _items(pipe: int, key: bytes, timeout: float) -> Iterator[Any]:
    """Read what `_child` writes."""
    end, rest = time.monotonic() + timeout, b""
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise Stopped(f"TimeoutError: not finished after {timeout:g} seconds")
        chunk = os.read(pipe, 65536)
        if not chunk:
            raise Stopped("SystemExit: it ended Python")
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[-LINE:]
        for line in lines:
            _, ours, text = line.rpartition(key)
            if ours and not text:
                return
            if ours:
                yield json.loads(text)
