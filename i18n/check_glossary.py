"""Check that the addons' Arabic follows the glossary.

A text which is a glossary term (whatever its capitals) must be translated by the
glossary's word. Alternatives are separated by `` / ``; a remark in brackets is not
part of the term; the Arabic article and vowel marks make no difference.

    python3 i18n/check_glossary.py [path/to/ar.po …]

Prints each violation as ``file:line: …`` and exits with 1 when there is one.
"""

import ast
import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BRACKETS = re.compile(r"\s*\([^()]*\)")
MARKS = re.compile("[\u064b-\u0652\u0670\u0640]")


def variants(text):
    """The alternatives of a glossary cell, with and without what is in brackets."""
    for part in text.split(" / "):
        yield part.strip()
        yield BRACKETS.sub("", part).strip()
        yield from re.findall(r"\(([^()]*)\)", part)


def english_key(text):
    """One spelling for texts that differ by capitals or spaces only."""
    return " ".join(text.lower().split())


def arabic_words(text):
    """The words of an Arabic text without vowel marks and brackets."""
    return tuple(MARKS.sub("", BRACKETS.sub("", text)).split())


def same(words, others):
    """Whether two Arabic texts differ at most by the article of their words."""
    return len(words) == len(others) and all(
        one in (two, "ال" + two) or two == "ال" + one
        for one, two in zip(words, others, strict=True)
    )


def read_glossary(path):
    """Return {English key: (allowed Arabic words, the Arabic cell)}."""
    glossary = {}
    with open(path, encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            allowed = {arabic_words(text) for text in variants(row["term_ar"])}
            for term in row["term_en"].split(" / "):
                for key in {english_key(term), english_key(BRACKETS.sub("", term))}:
                    known = glossary.setdefault(key, (set(), row["term_ar"]))
                    known[0].update(allowed)
    return glossary


def read_po(path):
    """Yield (line number, msgid, msgstr) of a PO file."""
    entry = {"msgid": "", "msgstr": ""}
    field, line_number = None, 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        keyword, _space, rest = line.partition(" ")
        if keyword == "msgid":
            if entry["msgid"]:
                yield line_number, entry["msgid"], entry["msgstr"]
            entry, line_number = {"msgid": "", "msgstr": ""}, number
        if keyword in entry:
            field, line = keyword, rest
        if field and line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif not line or line.startswith("#"):
            field = None
    if entry["msgid"]:
        yield line_number, entry["msgid"], entry["msgstr"]


def check(paths, glossary):
    """Yield a line for each text that does not follow the glossary."""
    for path in paths:
        for number, msgid, msgstr in read_po(path):
            allowed, cell = glossary.get(english_key(msgid), (None, None))
            words = arabic_words(msgstr)
            if allowed and words and not any(same(words, term) for term in allowed):
                yield f"{path}:{number}: {msgid!r} is {msgstr!r}, glossary: {cell!r}"


def main(arguments):
    """Check the given files, or every addon's."""
    paths = [Path(name) for name in arguments]
    paths = paths or sorted(HERE.parent.glob("*/i18n/ar.po"))
    violations = list(check(paths, read_glossary(HERE / "glossary.csv")))
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
