"""Cleaning of names, numbers and free text on the way in.

Everything here is a pure function: no record, no environment.
"""

import re
import unicodedata

# Arabic-Indic and Eastern Arabic-Indic digits become Latin ones.
_DIGITS = {
    ord(digit): str(value)
    for family in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
    for value, digit in enumerate(family)
}
# The zero-width non-joiner is kept: Persian and Urdu names need it.
_KEPT_FORMAT_CHARACTERS = {"\u200c"}
_LETTER_FORMS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ـ": None,
        "ء": None,
        "\u200c": None,
    }
)
_NON_WORD = re.compile(r"[^\w]+", re.UNICODE)
_FILIATION = {"بن", "ابن", "بنت", "bin", "ibn", "bint", "ben"}
# "Abd" and "al" are written apart or joined: both spellings give one key.
_ABD = re.compile(r"\b(عبد|abd|abdul|abdel)\s+(ال|al\s|el\s)?", re.IGNORECASE)
_AL_APART = re.compile(r"\b(ال|al|el)[\s-]+(?=\w)", re.IGNORECASE)


# Marks that turn the direction of writing, and control characters: with them a text
# reads otherwise than it is stored. Line breaks and tabs do no harm.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def has_hidden_characters(value):
    """Tell whether a text holds control or direction-override characters.

    Invisible marks that only separate letters are none of them: :func:`clean_text`
    removes them without a word.
    """
    return bool(_HIDDEN.search(value))


def to_latin_digits(value):
    """Return ``value`` with Arabic-Indic digits written as Latin ones."""
    return value.translate(_DIGITS) if value else value


def clean_text(value, max_length=None, multiline=False):
    """Return text without control, direction-override and invisible characters.

    :param str value: what a person typed; falsy values are returned as they are
    :param int max_length: longest accepted text, in characters
    :param bool multiline: keep line breaks and tabs
    :return: the text in normal form C, outer spaces removed
    :raise ValueError: ``too_long`` when the text is longer than ``max_length``
    """
    if not value:
        return value
    kept = _KEPT_FORMAT_CHARACTERS | ({"\n", "\t"} if multiline else set())
    if multiline:
        value = value.replace("\r\n", "\n")
    else:
        # A name broken over two lines of a cell is two words, not one.
        value = re.sub(r"[\r\n\t]+", " ", value)
    cleaned = "".join(
        character
        for character in unicodedata.normalize("NFC", value)
        if character in kept or unicodedata.category(character)[0] != "C"
    ).strip()
    if not multiline:
        cleaned = re.sub(r"\s+", " ", cleaned)
    if max_length and len(cleaned) > max_length:
        raise ValueError("too_long")
    return cleaned


def normalise_arabic(value):
    """Return the search key of a name.

    Forms of alef, hamza, yeh and teh marbuta fall together; tatweel and vowel
    marks go; "bin" between names goes; "abd al-" and "al-" are joined to the
    word that follows, so that «عبد الله بن أحمد آل علي» and «عبدالله احمد ال علي»
    meet.

    :param str value: a name in Arabic or Latin letters
    :return: lower-case words separated by single spaces, ``""`` for no value
    """
    if not value:
        return ""
    text = to_latin_digits(unicodedata.normalize("NFKC", value))
    text = "".join(
        character
        for character in text
        if unicodedata.category(character) not in ("Mn", "Cf", "Cc")
        or character == "\u200c"
    )
    text = text.translate(_LETTER_FORMS).lower()
    text = _NON_WORD.sub(" ", text)
    words = [word for word in text.split() if word not in _FILIATION]
    text = " ".join(words)
    text = _ABD.sub(lambda match: match[1] + (match[2] or "").strip(), text)
    return _AL_APART.sub(lambda match: match[1], text).strip()


def normalise_identity(value):
    """Return an identity number as upper-case Latin letters and digits only."""
    if not value:
        return value
    cleaned = to_latin_digits(unicodedata.normalize("NFKC", value))
    return "".join(c for c in cleaned if c.isascii() and c.isalnum()).upper()
