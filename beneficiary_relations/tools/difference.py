"""What differs between two versions of a policy, as a pure function."""


def compare_sections(before, after):
    """Compare two lists of sections, row by row.

    Rows are matched by their key, so that a changed word is a change and not one
    line gone and another come. The order of rows does not count.

    :param list before: sections, dicts with ``key``, ``title`` and ``rows``; a row is
        a dict with ``key`` and ``cells``
    :param list after: the same
    :return: one dict a section that differs: ``title``, ``added`` and ``removed``
        (texts), ``changed`` (pairs of texts)
    :rtype: list[dict]
    """
    old = {section["key"]: section for section in before}
    new = {section["key"]: section for section in after}
    differences = []
    for key in dict.fromkeys([*new, *old]):
        rows_before = _texts(old.get(key))
        rows_after = _texts(new.get(key))
        difference = {
            "title": (new.get(key) or old[key])["title"],
            "added": [
                text for row, text in rows_after.items() if row not in rows_before
            ],
            "removed": [
                text for row, text in rows_before.items() if row not in rows_after
            ],
            "changed": [
                (rows_before[row], text)
                for row, text in rows_after.items()
                if row in rows_before and rows_before[row] != text
            ],
        }
        if difference["added"] or difference["removed"] or difference["changed"]:
            differences.append(difference)
    return differences


def _texts(section):
    if not section:
        return {}
    texts = {}
    for row in section["rows"]:
        key = row["key"]
        while key in texts:
            key = f"{key}+"
        texts[key] = " | ".join(row["cells"])
    return texts
