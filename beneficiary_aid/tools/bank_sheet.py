"""Sheets for and from a bank: writing and reading CSV and XLSX.

Everything here is a pure function: no record, no environment.
"""

import csv
import datetime
import io
import zipfile

import openpyxl
import xlsxwriter

# The signs with which a spreadsheet program begins a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# A sheet of 100,000 payees is far below; a file that grows above it is no sheet.
MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 200_000


def plain(value):
    """Return text that no spreadsheet program takes for a formula."""
    value = str(value or "")
    return f"'{value}" if value.startswith(_FORMULA) else value


def write_csv(rows, encoding="utf-8", separator=","):
    """Return the rows as the bytes of a CSV file.

    :param rows: lists of texts and numbers; texts are kept from being formulas
    :raise UnicodeEncodeError: when the encoding has no sign for a letter
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            [plain(value) if isinstance(value, str) else value for value in row]
        )
    return buffer.getvalue().encode(encoding)


def write_xlsx(rows, title="Sheet"):
    """Return the rows as the bytes of an Excel file, the same for the same rows."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    # The day it is written is no part of what it says.
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    sheet = book.add_worksheet(title)
    for number, row in enumerate(rows):
        for position, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, position, value)
            else:
                sheet.write_number(number, position, value)
    book.close()
    return buffer.getvalue()


def read(content, encoding="utf-8", separator=","):
    """Return the rows of a CSV or Excel file as lists of texts.

    :param bytes content: the file; an Excel file is known by its content
    :raise ValueError: ``too_large``, ``unreadable`` or ``encoding``
    """
    if len(content) > MAX_BYTES:
        raise ValueError("too_large")
    if content.startswith(b"PK"):
        return _read_xlsx(content)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise ValueError("encoding") from None
    if "\x00" in text:
        raise ValueError("unreadable")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise ValueError("unreadable") from None
    return _limited(rows)


def _read_xlsx(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise ValueError("too_large")
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        rows = [
            [_as_text(value) for value in row]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
    except ValueError as error:
        raise ValueError(
            "too_large" if str(error) == "too_large" else "unreadable"
        ) from None
    except (zipfile.BadZipFile, KeyError, OSError, IndexError, TypeError):
        raise ValueError("unreadable") from None
    return _limited(rows)


def _limited(rows):
    if len(rows) > MAX_ROWS:
        raise ValueError("too_large")
    return rows


def _as_text(value):
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def column_number(name, header):
    """Return the position of a column named by its header or its letter.

    :param str name: ``Reference``, or ``B``
    :param list header: texts of the first row; empty when the file has none
    :return: the position from 0, or ``None``
    """
    wanted = (name or "").strip().casefold()
    if not wanted:
        return None
    for position, label in enumerate(header):
        if label.strip().casefold() == wanted:
            return position
    if len(wanted) <= 2 and wanted.isascii() and wanted.isalpha():
        number = 0
        for letter in wanted:
            number = number * 26 + ord(letter) - ord("a") + 1
        return number - 1
    return None
