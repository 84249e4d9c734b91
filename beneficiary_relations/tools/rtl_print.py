"""Arabic that the PDF program measures rightly.

The ``wkhtmltopdf`` of Debian measures a text of Arabic words and punctuation or digits
as shorter than it draws it: lines run off the page and do not wrap. Each word, number
and mark in an element of its own is measured, wrapped and ordered as it should be.
"""

import re

from lxml import html
from lxml.html import builder
from markupsafe import Markup

# An Arabic word, a number or Latin word with its dots, slashes and hyphens, or a mark.
_PIECES = re.compile(
    r"\s+|[\u0621-\u065f\u0670-\u06d3]+|[A-Za-z0-9][A-Za-z0-9./,:@-]*[A-Za-z0-9]|."
)
_KEPT = ("style", "script")


def split_words(markup):
    """Return a piece of HTML with every word in an element of its own.

    :param str markup: HTML with one root element
    :rtype: Markup
    """
    root = html.fragment_fromstring(str(markup))
    for element in list(root.iter("*")):
        if element.tag in _KEPT:
            continue
        for child in list(element):
            _split(child.tail, element, element.index(child) + 1)
            child.tail = None
        _split(element.text, element, 0)
        element.text = None if element.text and element.text.strip() else element.text
    return Markup(html.tostring(root, encoding="unicode"))


def render_paper(env, template, values):
    """Return a template in the language of an environment, ready for the PDF.

    :param env: with the language of whoever reads it
    :param str template: of the document; it may use ``lang`` and ``direction``
    :param dict values: what else it uses
    :rtype: Markup
    """
    lang = env.lang or "en_US"
    direction = env["res.lang"]._get_data(code=lang).direction
    paper = (
        env["ir.qweb"]
        .with_context(lang=lang)
        ._render(template, {**values, "lang": lang, "direction": direction})
    )
    return split_words(paper) if direction == "rtl" else paper


def _split(text, parent, position):
    """Put the pieces of a text into a parent, from a position on."""
    if not text or not text.strip():
        if text and position:
            # Space between two elements keeps its place.
            spacer = builder.SPAN(text)
            parent.insert(position, spacer)
        return
    for piece in _PIECES.findall(text):
        parent.insert(position, builder.SPAN(piece))
        position += 1
