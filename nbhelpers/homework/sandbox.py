"""Run cells where they can do no harm: bubblewrap, resource limits, and a clock outside.

The sandbox has no network, no other processes, a read-only system, small private /tmp and
/dev/shm, and of the book only ``nbhelpers``.  Inside it, `runner` executes cells; out here a
`Session` sends them, keeps the time and buries what cannot be interrupted.

What no sandbox closes: code under test can read the test that calls it.
"""

import json
import os
import platform
import secrets
import selectors
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import HomeworkError

__all__ = ["Limits", "Session", "Stopped", "command", "require"]

PACKAGE = Path(__file__).parents[1]
LONGEST = 20_000_000  # bytes of a reply
START = 60.0  # seconds an empty runner may take to answer


@dataclass(frozen=True)
class Limits:
    """What a student's notebook may use; seconds, and bytes."""

    cell: float = 20.0
    notebook: float = 300.0
    grace: float = 5.0  # between the alarm inside, which can be ignored, and the end
    memory: int = 4 * 2**30
    disk: int = 128 * 2**20


class Stopped(Exception):
    """The runner is gone; the message says why, as in "it ended Python"."""


def no_new_processes() -> bytes:
    """A seccomp program that refuses new processes and allows threads.

    Classic BPF over ``struct seccomp_data``: the architecture at byte 4, the call's number at 0,
    the low half of its first argument at 16 (Linux, userspace-api/seccomp_filter.rst).
    ``clone3`` hides its flags behind a pointer, so it is declared missing: the C library then
    falls back to ``clone``, whose flags can be read.

    Raises
    ------
    HomeworkError
        On a processor whose call numbers are not known here.
    """
    machines = {  # audit architecture, (fork, vfork), clone, clone3
        "x86_64": (0xC000003E, (57, 58), 56, 435),
        "aarch64": (0xC00000B7, (), 220, 435),
    }
    if platform.machine() not in machines:
        known = " and ".join(machines)
        raise HomeworkError(f"The sandbox knows {known}, not {platform.machine()}: use --unsafe.")
    architecture, forks, clone, clone3 = machines[platform.machine()]
    load, equal, above, bits, give = 0x20, 0x15, 0x35, 0x45, 0x06
    refused, missing, allowed = 0x00050000 | 1, 0x00050000 | 38, 0x7FFF0000
    program = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, refused), (load, 0, 0, 0)]
    program += [(above, 0, 1, 0x40000000), (give, 0, 0, refused)]  # x86's other call table
    for number in forks:
        program += [(equal, 0, 1, number), (give, 0, 0, refused)]
    program += [(equal, 0, 1, clone3), (give, 0, 0, missing)]
    program += [(equal, 0, 3, clone), (load, 0, 0, 16), (bits, 1, 0, 0x00010000)]  # CLONE_THREAD
    program += [(give, 0, 0, refused), (give, 0, 0, allowed)]
    return b"".join(struct.pack("=HBBI", *step) for step in program)


def command(limits: Limits, filter_fd: int) -> list[str]:
    """The bubblewrap command that starts Python with nothing but what the book's code needs."""
    arguments = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment().items():
        arguments += ["--setenv", name, value]
    for name in ("bin", "sbin", "lib", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), str(path)]
        else:
            arguments += ["--ro-bind-try", str(path), str(path)]
    for name in ("ld.so.cache", "alternatives", "fonts", "localtime"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/dev/shm", "/tmp"):
        arguments += ["--size", str(limits.disk), "--tmpfs", path]
    prefixes = {"/usr": None, sys.base_prefix: None, sys.prefix: None, str(PACKAGE): None}
    for path in prefixes:  # after /tmp, in which they may lie
        arguments += ["--ro-bind", path, path]
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    return [*arguments, "--seccomp", str(filter_fd)]


def environment() -> dict[str, str]:
    """The variables students' code sees."""
    return {
        "HOME": "/tmp",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": "/tmp/ipython",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NBHELPERS_SIZE": "quick",
    }


def require() -> None:
    """Make sure that a sandbox can be started.

    Raises
    ------
    HomeworkError
        If bubblewrap is missing or the system does not let it work.
    """
    if not shutil.which("bwrap"):
        raise HomeworkError(
            "Grading runs students' code in a sandbox, and bubblewrap is not installed here: "
            "install it (apt-get install bubblewrap), or name --unsafe to run without a sandbox."
        )
    session = Session(Limits())
    try:
        session.run("1", "code")
    except Stopped:
        raise HomeworkError(
            "bubblewrap is installed but cannot start a sandbox here "
            f"({session.last_words() or 'no message'}): allow user namespaces, or name --unsafe."
        ) from None
    finally:
        session.close()


class Session:
    """A runner and the clock that watches it; started when the first cell comes."""

    def __init__(self, limits: Limits, unsafe: bool = False) -> None:
        self.limits, self.unsafe = limits, unsafe
        self.process: subprocess.Popen | None = None
        self.errors = tempfile.TemporaryFile()

    def start(self) -> None:
        """Start the runner."""
        python = [sys.executable, "-Xfrozen_modules=off", "-m", "nbhelpers.homework.runner"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        if self.unsafe:
            folder = self.folder = tempfile.mkdtemp(prefix="homework-")
            self.process = subprocess.Popen(
                python,
                cwd=folder,
                env=environment() | {"HOME": folder},
                start_new_session=True,
                **pipes,
            )
        else:
            with tempfile.TemporaryFile() as program:
                program.write(no_new_processes())
                program.seek(0)
                self.process = subprocess.Popen(
                    [*command(self.limits, program.fileno()), *python],
                    pass_fds=[program.fileno()],
                    **pipes,
                )
        seconds = int(self.limits.notebook) + 1
        limits = {"DATA": self.limits.memory, "FSIZE": self.limits.disk, "CORE": 0, "CPU": seconds}
        self.send(limits)

    def send(self, value: dict) -> None:
        """Write one line to the runner."""
        try:
            self.process.stdin.write(json.dumps(value).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it is gone, which the reader will see

    def run(self, source: str, kind: str, defines: tuple[str, ...] = ()) -> dict:
        """Run one cell and return what the runner says of it.

        Raises
        ------
        Stopped
            If the cell ended the runner or had to be stopped; the next cell starts a new one.
        """
        fresh = self.process is None
        if fresh:
            self.start()
        key, seconds = secrets.token_hex(8), self.limits.cell
        self.send(
            {"key": key, "source": source, "kind": kind, "defines": defines, "seconds": seconds}
        )
        try:
            reply = json.loads(self.read_line(seconds + self.limits.grace + fresh * START))
            if reply.pop("key") != key:
                raise ValueError
        except (ValueError, KeyError, AttributeError):
            self.close()
            raise Stopped("it wrote into the grader's own channel") from None
        except Stopped:
            self.close()
            raise
        return reply

    def read_line(self, seconds: float) -> bytes:
        """One line of the runner, waited for no longer than this."""
        end, data, pipe = time.monotonic() + seconds, b"", self.process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while not data.endswith(b"\n"):
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise Stopped(f"it could not be interrupted after {self.limits.cell:g} seconds")
                chunk = os.read(pipe.fileno(), 65536)
                if not chunk:
                    raise Stopped(self.ending())
                data += chunk
                if len(data) > LONGEST:
                    raise Stopped("it wrote into the grader's own channel")
        return data

    def ending(self) -> str:
        """Why the runner is gone, as far as its exit code says."""
        try:
            code = self.process.wait(self.limits.grace)
        except subprocess.TimeoutExpired:
            code = 0
        if code < 0 or code > 128:  # a signal, which bubblewrap reports as 128 and its number
            return "it crashed Python, by its use of memory or a fault in compiled code"
        return "it ended Python"

    def last_words(self) -> str:
        """What the runner or bubblewrap said on its way out."""
        self.errors.seek(0)
        return self.errors.read()[-300:].decode(errors="replace").strip()

    def close(self) -> None:
        """End the runner and everything it started."""
        if self.process is None:
            return
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except OSError:
                pass
        self.process.wait()
        if self.unsafe:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.process = None
