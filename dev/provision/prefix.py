"""Odoo 19 from Debian's package, unpacked into ``.local/odoo``, never installed.

The package is in Debian unstable only, and installing it would replace the system's
Python. So apt gets a private configuration: same mirror, keyring, proxy and
credentials as the machine, but its own lists and cache and the suite ``sid``.
"""

import os
import re
import shutil
from pathlib import Path

from . import system
from .base import LOCAL, Stop, digest, empty_directory, read, run, say, step

APT = LOCAL / "apt"
PREFIX = LOCAL / "odoo"
DIST_PACKAGES = PREFIX / "usr/lib/python3/dist-packages"
UNSTABLE = "sid"
KEYRINGS = Path("/usr/share/keyrings")

FROM_UNSTABLE = (
    "odoo-19",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "fonts-glyphicons-halflings",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Version 4.7, whose file names Odoo's links use; unstable's version 6 has others.
FROM_STABLE = ("fonts-font-awesome",)

# The one link whose target moved within its package.
MOVED = {
    "usr/share/fonts/truetype/inconsolata/Inconsolata.otf": (
        "usr/share/fonts/opentype/inconsolata/Inconsolata-Regular.otf"
    ),
}
# Non-free, so not in the package, but listed in mail's assets: without the file the
# web client logs an error, which fails every browser test.
LEFT_OUT = ("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


def ensure_odoo():
    """Return the folder that makes ``odoo`` importable: ``ODOO=`` or the package's."""
    given = os.environ.get("ODOO")
    if given:
        return check_checkout(Path(given).expanduser().resolve())
    step(
        "odoo",
        digest(*FROM_UNSTABLE, *FROM_STABLE, *MOVED, *LEFT_OUT),
        build_prefix,
        "Odoo 19 from Debian's package (130 MB)",
        result=DIST_PACKAGES,
    )
    return DIST_PACKAGES


def check_checkout(folder):
    """Refuse a folder that is not Odoo 19."""
    release = folder / "odoo/release.py"
    if not release.exists():
        raise Stop(f"ODOO={folder} has no odoo/release.py: give a checkout of Odoo 19")
    version = re.search(
        r"^version_info\s*=\s*\((\d+), *(\d+)", release.read_text(), re.M
    )
    if not version or version.groups() != ("19", "0"):
        raise Stop(f"ODOO={folder} is not Odoo 19.0")
    return folder


def addons_paths(folder):
    """The folders with Odoo's own addons below the importable one."""
    candidates = (folder / "addons", folder / "odoo/addons")
    if folder == DIST_PACKAGES:  # the package has a second, partial copy in addons/
        candidates = candidates[1:]
    return [path for path in candidates if path.is_dir()]


def build_prefix():
    """Download, unpack, complete and check; only then move into place."""
    packages = download()
    part = empty_directory(LOCAL / "odoo.part")
    for package in packages:
        run(["dpkg", "-x", package, part], log="unpack.log")
    complete(part)
    check(part)
    if PREFIX.exists():
        shutil.rmtree(PREFIX)
    part.rename(PREFIX)
    shutil.rmtree(APT)


def download():
    """Fetch the packages through the private configuration; apt verifies them."""
    if not shutil.which("apt-get"):
        raise Stop("Odoo comes from Debian's package: give ODOO=/path/to/odoo instead")
    uri, release, signed_by = machine_mirror()
    configuration = configure(uri, release, signed_by)
    hint = "Check that this machine reaches its Debian mirror, then run it again."
    run(
        ["apt-get", "-c", configuration, "update"],
        log="apt-private-update.log",
        hint=hint,
    )
    wanted = [f"{name}/{UNSTABLE}" for name in FROM_UNSTABLE]
    wanted += [f"{name}/{release}" for name in FROM_STABLE]
    folder = APT / "packages"
    folder.mkdir(exist_ok=True)
    run(
        ["apt-get", "-c", configuration, "download", *wanted],
        log="apt-private-download.log",
        hint=hint,
        cwd=folder,
    )
    packages = sorted(folder.glob("*.deb"))
    if len(packages) != len(wanted):
        raise Stop(f"expected {len(wanted)} packages in {folder}: delete it and retry")
    return packages


def machine_mirror():
    """Return URI, release and keyring of the Debian archive the machine itself uses.

    apt reads all the forms its sources may have; ask it rather than parse them.
    """
    found = find_mirror()
    if not found:
        say("refreshing the machine's package lists")
        run(system.as_root(["apt-get", "update"]), log="apt-update.log")
        found = find_mirror()
    if not found:
        raise Stop("no Debian archive among apt's sources: give ODOO=/path/to/odoo")
    return found


def find_mirror():
    """Look for the main component of the machine's own Debian release."""
    codename = os_release().get("VERSION_CODENAME", UNSTABLE)
    suites = (codename, "stable", "oldstable", "testing", UNSTABLE, "unstable")
    fields = "$(CREATED_BY)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)|$(SIGNED_BY)"
    rows = {}
    for line in read(["apt-get", "indextargets", "--format", fields]).splitlines():
        created_by, component, release, uri, signed_by = line.split("|", 4)
        # security, updates and backports have names of their own
        if created_by == "Packages" and component == "main" and release in suites:
            rows.setdefault(release, (uri, release, signed_by))
    if os_release().get("ID") != "debian":
        return None
    return next((rows[suite] for suite in suites if suite in rows), None)


def os_release():
    """The machine's /etc/os-release as a dictionary."""
    path = Path("/etc/os-release")
    if not path.exists():
        return {}
    lines = (
        line.split("=", 1) for line in path.read_text().splitlines() if "=" in line
    )
    return {key: value.strip().strip('"') for key, value in lines}


def configure(uri, release, signed_by):
    """Write the private sources and apt configuration; return the latter's path."""
    for folder in ("lists/partial", "cache/archives/partial", "sources"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    source = [
        "Types: deb",
        f"URIs: {uri}",
        f"Suites: {UNSTABLE} {release}",
        "Components: main",
        *keyring_field(signed_by),
        "",
    ]
    (APT / "sources/private.sources").write_text("\n".join(source))
    configuration = APT / "apt.conf"
    configuration.write_text(
        f"""Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "{APT}/sources";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "{APT}/lists";
Dir::Cache "{APT}/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
"""
    )
    return configuration


def keyring_field(signed_by):
    """The Signed-By field: the machine's own choice, else Debian's keyring."""
    if signed_by and not signed_by.startswith("$("):
        return [f"Signed-By: {signed_by}"]
    found = sorted(KEYRINGS.glob("debian-archive-keyring.[gp]*"))
    return [f"Signed-By: {found[0]}"] if found else []


def complete(prefix):
    """Put what the packages leave out or have moved."""
    for link, target in MOVED.items():
        place = prefix / link
        if (prefix / target).exists() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.path.relpath(prefix / target, place.parent))
    for name in LEFT_OUT:
        place = prefix / DIST_PACKAGES.relative_to(PREFIX) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    for place in links(prefix):  # those that point to the system point into the prefix
        target = os.readlink(place)
        if target.startswith("/"):
            place.unlink()
            place.symlink_to(os.path.relpath(prefix / target[1:], place.parent))


def check(prefix):
    """Refuse a prefix with another Odoo or with links to nowhere."""
    check_checkout(prefix / DIST_PACKAGES.relative_to(PREFIX))
    dangling = [
        str(path.relative_to(prefix)) for path in links(prefix) if not path.exists()
    ]
    if dangling:
        names = ", ".join(dangling[:5])
        raise Stop(f"Odoo's package has {len(dangling)} links to nowhere: {names}")


def links(folder):
    """All symbolic links below a folder."""
    return [path for path in folder.rglob("*") if path.is_symlink()]
