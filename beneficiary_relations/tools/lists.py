"""Things one after another, in the marks of the reader's language."""


def join_phrases(phrases, lang):
    """Return phrases that hold commas of their own as one line.

    The mark is no term of its own: Odoo takes no translation of a mark alone.

    :param list phrases: translated strings
    :param str lang: language code; Arabic, or else any other
    :rtype: str
    """
    mark = "؛ " if (lang or "").startswith("ar") else "; "
    return mark.join(phrases)
