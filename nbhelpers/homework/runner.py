"""Runs a notebook's cells, one request a line, inside the sandbox.

It is started by `sandbox.Session`, reads requests on its standard input and answers on its
standard output, both as JSON lines.  Everything it runs may be hostile: nothing here is trusted to
keep a secret, only to keep accidents and plain tricks from changing a grade.
"""

import base64
import io
import json
import linecache
import os
import re
import resource
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import FrameType, ModuleType
from typing import Any

import numpy as np
import numpy.testing  # loaded now, so that it is guarded from the first cell on
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from nbhelpers import check

GUARDED = re.compile(r"(builtins|math|numpy|nbhelpers|torch\.(nn|testing))(\.|$)|torch$")
PRINTED = 10_000  # characters of what a cell prints that are kept
SHOWN = 2_000_000  # characters of figures and other displays that are kept
CANARIES = (  # checks that must fail; where one passes, the checks have been switched off
    "assert False",
    "np.testing.assert_allclose(1.0, 2.0)",
    "np.testing.assert_array_equal(1, 2)",
    "assert np.allclose(1, 2) or np.array_equal(1, 2) or np.isclose(1, 2)",
    "check.same('canary', 1.0, 2.0)",
    "check.shape('canary', np.zeros(2), (3,))",
)


class TimeIsUp(KeyboardInterrupt):
    """Raised in a cell that has used its time; not an Exception, so few `except` catch it."""


class Cut(io.TextIOBase):
    """A text stream that keeps the first characters and counts the rest."""

    def __init__(self) -> None:
        self.text, self.lost = "", 0

    def write(self, text: str) -> int:
        kept = str(text)[: max(0, PRINTED - len(self.text))]
        self.text += kept
        self.lost += len(text) - len(kept)
        return len(text)

    def writable(self) -> bool:
        return True

    def __str__(self) -> str:
        return self.text + (f"\n… {self.lost} more characters\n" if self.lost else "")


def inner(value: Any) -> Any:
    """The Python function inside NumPy's wrapper, or the value itself."""
    return getattr(value, "_implementation", value)


def code_of(value: Any) -> Any:
    """The code that a function runs, or None."""
    return getattr(inner(value), "__code__", None)


class Guard:
    """Puts back what students' code must not change: set-up names and the checks' own functions."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}  # bound by set-up cells
        self.members: dict[tuple[str, str], tuple[ModuleType, Any, Any]] = {}

    def remember(self) -> None:
        """Note every callable of the guarded modules, with its code."""
        for name, module in list(sys.modules.items()):
            if isinstance(module, ModuleType) and GUARDED.match(name):
                for key, value in list(vars(module).items()):
                    if callable(value):
                        self.members.setdefault((name, key), (module, value, code_of(value)))

    def mend(self) -> list[str]:
        """Put back what was replaced and name it."""
        changed = []
        for (name, key), (module, value, code) in self.members.items():
            if vars(module).get(key) is not value:
                setattr(module, key, value)
                changed.append(f"{name}.{key}")
            if code is not None and code_of(value) is not code:
                inner(value).__code__ = code
                changed.append(f"{name}.{key}")
        return changed

    def alive(self) -> bool:
        """Whether every check that must fail still fails."""
        for canary in CANARIES:
            try:
                exec(canary, {"np": np, "check": check})
            except AssertionError:
                continue
            return False
        return True


class Runner:
    """An IPython shell that runs cells and says what became of them."""

    def __init__(self) -> None:
        self.shell = InteractiveShell.instance(cache_size=0)
        self.shell.history_manager.enabled = False
        self.shell.ask_exit = sys.exit
        for method in ("showtraceback", "showsyntaxerror", "showindentationerror"):
            setattr(self.shell, method, lambda *args, **kwargs: None)
        self.guard = Guard()
        self.kinds: dict[int, str] = {}  # the cell each execution count ran

    def run(self, source: str, kind: str, defines: Iterable[str], seconds: float) -> dict:
        """Run one cell; ``defines`` are the names that its exercise is to bind."""
        space, guard = self.shell.user_ns, self.guard
        note = ""
        if kind == "test":
            space.update(guard.names)
            if changed := guard.mend():
                names = ", ".join(changed[:6])
                note = f"This notebook replaced {names}; the originals were put back."
        elif kind != "setup":
            guard.remember()
        for name in defines:
            guard.names.pop(name, None)
        before = dict(space)
        reply = self.execute(source, kind, seconds)
        if kind == "setup":
            own = {k: v for k, v in space.items() if not k.startswith("_")}
            guard.names |= {k: v for k, v in own.items() if before.get(k) is not v}
        if kind == "test" and (guard.mend() or not guard.alive()):
            reason = "this notebook switched off the checks"
            reply["error"] = {"kind": "Tampered", "message": reason, "line": ""}
        return reply | {"note": note}

    def execute(self, source: str, kind: str, seconds: float) -> dict:
        """Run the source in the shell under a time limit."""
        out = Cut()
        streams, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), out, out
        self.kinds[self.shell.execution_count] = kind
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        try:
            with capture_output(stdout=False, stderr=False) as shown:
                result = self.shell.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as stray:  # the alarm rang outside the cell's own code
            error, shown = stray, None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.stdout, sys.stderr = streams
        return {
            "printed": str(out),
            "shown": list(small(shown.outputs)) if shown and kind != "test" else [],
            "error": self.describe(error, seconds) if error else None,
        }

    def describe(self, error: BaseException, seconds: float) -> dict:
        """What went wrong, in one or two sentences, and the student's line where it did."""
        name, text = type(error).__name__, squeeze(str(error))
        if isinstance(error, TimeIsUp):
            text = f"it took longer than {seconds:g} seconds"
        elif isinstance(error, MemoryError):
            text = "it used more memory than is allowed"
        line = ""
        for frame, number in traceback.walk_tb(error.__traceback__):
            found = re.match(r"<ipython-input-(\d+)-", frame.f_code.co_filename)
            if found and self.kinds.get(int(found[1])) in ("answer", "code"):
                line = linecache.getline(frame.f_code.co_filename, number).strip()
        return {"kind": name, "message": text, "line": line[:120]}


def squeeze(text: str, size: int = 400) -> str:
    """The first lines of a message that say something, on one line."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]
    joined = " ".join([line for line in lines if line][:4])
    return joined if len(joined) <= size else joined[: size - 1] + "…"


def small(outputs: list) -> Iterator[dict]:
    """The displays that fit, as JSON can hold them."""
    left = SHOWN
    for output in outputs:
        data = {kind: value for kind, value in output.data.items() if isinstance(value, str)}
        if isinstance(png := output.data.get("image/png"), bytes):
            data["image/png"] = base64.b64encode(png).decode()
        left -= sum(len(str(value)) for value in data.values())
        if left < 0:
            return
        yield data


def restrict(limits: dict[str, int]) -> None:
    """Set resource limits such as ``{"DATA": bytes}``, never above the present ones."""
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def ring(signum: int, frame: FrameType | None) -> None:
    """The alarm's handler."""
    raise TimeIsUp


def main() -> None:
    """Answer requests until the input ends."""
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    sys.stdin = io.StringIO()
    restrict(json.loads(requests.readline()))
    signal.signal(signal.SIGALRM, ring)
    runner = Runner()
    for line in requests:
        request = json.loads(line)
        key = request.pop("key")
        reply = runner.run(**request)
        replies.write(json.dumps({"key": key} | reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
