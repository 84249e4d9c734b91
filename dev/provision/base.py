"""Paths, progress lines, commands and stamps: what every step uses."""

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "log"
STAMPS = LOCAL / "stamps"
DEV = ROOT / "dev"

ADDONS = ("beneficiary_relations", "beneficiary_aid", "beneficiary_survey")


class Stop(Exception):
    """Something the person at the keyboard has to know: one clear line."""


def say(text):
    """A progress line; on standard error, so that output can still be piped."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def main(function):
    """Run a script's entry point; failures end in one line, never in a traceback."""
    try:
        sys.exit(function())
    except Stop as stop:
        print(f"error: {stop}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on from here", file=sys.stderr)
        sys.exit(130)


def run(command, *, log=None, hint="", **options):
    """Run a command quietly; when it fails, show its last lines and stop.

    :param log: name of a file under ``.local/log`` that keeps the whole output
    :param hint: what to do about a failure, for the error line
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log_path = LOGS / (log or f"{Path(str(command[0])).name}.log")
    with open(log_path, "w", encoding="utf-8") as output:
        options.setdefault("stdin", subprocess.DEVNULL)
        code = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        ).returncode
    if code:
        tail = log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        print("\n".join(tail), file=sys.stderr)
        what = shlex.join(str(part) for part in command[:4])
        raise Stop(f"`{what} …` failed ({code}), see {log_path}. {hint}".rstrip())


def read(command, **options):
    """Return what a command prints."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        raise Stop(f"`{shlex.join(str(part) for part in command)}` failed")
    return done.stdout


def digest(*parts):
    """A short hash of texts and of the content of files."""
    result = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        result.update(len(content).to_bytes(8, "big") + content)
    return result.hexdigest()[:12]


def step(name, key, function, title, result=ROOT):
    """Do a step unless its result is there, made from the same inputs (``key``)."""
    stamp = STAMPS / name
    if result.exists() and stamp.exists() and stamp.read_text() == key:
        return
    say(title)
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    function()
    write_atomically(stamp, key)
    say(f"{title}: done in {time.monotonic() - started:.0f} s")


def write_atomically(path, text, mode=0o644):
    """Write a file so that it is either the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.chmod(mode)
    part.replace(path)


def empty_directory(path):
    """Return the directory, new and empty."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


@contextlib.contextmanager
def lock(name):
    """Let only one process at a time do a thing in this checkout."""
    LOCAL.mkdir(exist_ok=True)
    with open(LOCAL / f"{name}.lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run ({name})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
