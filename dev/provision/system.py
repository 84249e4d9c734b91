"""Packages of the machine itself: only what is missing, only from its own sources."""

import os
import shutil
from pathlib import Path

from .base import Stop, read, run, say


def as_root(command):
    """Return the command as root runs it."""
    return list(command) if os.geteuid() == 0 else ["sudo", *command]


def install(packages, why):
    """Install Debian packages from the machine's own configured sources."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Stop(f"{why} is missing and there is no apt-get: install it yourself")
    if os.geteuid() and not shutil.which("sudo"):
        raise Stop(f"{why} is missing: run `apt-get install {names}` as root")
    say(f"installing {names}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get", "install", "-y", "--no-install-recommends"]
    command += ["-o", "DPkg::Lock::Timeout=300", *packages]
    hint = f"Try `apt-get install {names}` by hand."
    try:
        run(as_root(command), log="apt-install.log", env=environment)
    except Stop:
        say("refreshing the package lists")
        run(as_root(["apt-get", "update"]), log="apt-update.log", hint=hint)
        run(as_root(command), log="apt-install.log", env=environment, hint=hint)


def has_arabic_font():
    """Tell whether fontconfig finds a font made for Arabic text (DejaVu is not)."""
    if not shutil.which("fc-list"):
        return False
    families = read(["fc-list", ":lang=ar", "family"]).splitlines()
    return any(family and "DejaVu" not in family for family in families)


def has_library(name):
    """Tell whether a shared library is known to the dynamic linker."""
    return any(
        any(Path(folder).glob(f"{name}*"))
        for folder in ("/usr/lib", "/lib", *Path("/usr/lib").glob("*-linux-gnu"))
    )


def ensure_tools():
    """Chromium, wkhtmltopdf, an Arabic font and small libraries, when missing."""
    missing = []
    if not shutil.which("chromium") and not shutil.which("google-chrome"):
        missing.append("chromium")
    if not has_library("libmagic.so.1"):
        missing.append("libmagic1")
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        missing.append("ca-certificates")
    if not has_arabic_font():
        missing += ["fontconfig", "fonts-noto-core", "fonts-hosny-amiri"]
    if missing:
        install(missing, "a tool")
    if not shutil.which("wkhtmltopdf"):
        ensure_wkhtmltopdf()


def ensure_wkhtmltopdf():
    """Install wkhtmltopdf; newer Debian has none, where reports print as HTML."""
    if shutil.which("apt-cache"):
        policy = read(["apt-cache", "policy", "wkhtmltopdf"])
        if not policy or "Candidate: (none)" in policy:
            return
    install(["wkhtmltopdf"], "wkhtmltopdf")
