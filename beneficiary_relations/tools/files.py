"""What kind of file a person handed in, told by its content and never its name."""

import re

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
_EXTENSIONS = {
    "application/pdf": {"pdf"},
    "image/jpeg": {"jpg", "jpeg"},
    "image/png": {"png"},
    "image/heic": {"heic", "heif"},
}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}
# A PDF that runs programs, opens others or carries files is not a paper.
_ACTIVE_PDF = (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile")
# In the names of a PDF any sign may be written as its number: /J#61vaScript.
_PDF_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Programs of Windows, Linux and macOS, and scripts.
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")


def _detect(content):
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "image/heic"
    return None


def _is_active(content):
    plain = _PDF_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), content)
    return any(mark in plain for mark in _ACTIVE_PDF)


def is_disguised(content, filename):
    """Tell whether a file is a program, or no paper though its name says so.

    Other kinds of files, a letter written on a computer say, may have any name.
    """
    extension = (filename or "").rpartition(".")[2].lower()
    claimed = next(
        (kind for kind, names in _EXTENSIONS.items() if extension in names), None
    )
    return content.startswith(_PROGRAMS) or bool(
        claimed and _detect(content) != claimed
    )


def check_upload(content, filename="", max_bytes=MAX_BYTES):
    """Return the media type of an accepted file.

    :param bytes content: the file
    :param str filename: the name it came with, only used to refuse a name that
        contradicts the content
    :param int max_bytes: the largest accepted file
    :return: ``application/pdf``, ``image/jpeg``, ``image/png`` or ``image/heic``
    :rtype: str
    :raise ValueError: with the code ``empty``, ``too_large``, ``type``,
        ``extension`` or ``active_content``
    """
    if not content:
        raise ValueError("empty")
    if len(content) > max_bytes:
        raise ValueError("too_large")
    mimetype = _detect(content)
    if not mimetype:
        raise ValueError("type")
    extension = filename.rpartition(".")[2].lower() if "." in (filename or "") else ""
    if extension and extension not in _EXTENSIONS[mimetype]:
        raise ValueError("extension")
    if mimetype == "application/pdf" and _is_active(content):
        raise ValueError("active_content")
    return mimetype
