"""What Odoo's log may say: no error, and only the warnings known here."""

import re

from .base import Stop

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>WARNING|ERROR|CRITICAL) (?P<text>.*)"
)

# (pattern, why it is no defect of ours and cannot be avoided)
ALLOWED = (
    (
        r"py\.warnings: .*/(site|dist)-packages/\S+: \w*Warning",
        "Odoo's or a library's own use of a library, not a line of this repository",
    ),
    (
        r"ir_actions_report: wkhtmltopdf: (The switch --(header|footer)-html, is not "
        r"support using unpatched qt, and will be ignored\.)+",
        "Debian's wkhtmltopdf prints no headers, which our papers do without",
    ),
)


def complaints(path, errors_only=False):
    """The log's errors, and its warnings that are not known."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = LINE.match(line)
        if not match or (errors_only and match["level"] == "WARNING"):
            continue
        if not is_allowed(match):
            found.append(line)
    return found


def is_allowed(match):
    """Tell whether a log line is a known warning."""
    if match["level"] != "WARNING":
        return False
    return any(re.search(pattern, match["text"]) for pattern, _reason in ALLOWED)


def require_clean(path, errors_only=False):
    """Stop when a log has complaints, showing the first ones."""
    found = complaints(path, errors_only)
    if found:
        first = "\n".join(f"    {line[:400]}" for line in found[:15])
        raise Stop(f"{len(found)} complaints in {path}, the first of them:\n{first}")
