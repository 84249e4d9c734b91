import ast
import functools

from odoo.tools import file_path


@functools.cache
def _tests_in(path):
    """Return the tests a Python file defines, as ``Class::test``.

    :param str path: path from an addons folder, for example
        ``beneficiary_relations/tests/test_policy.py``
    :return: an empty set when there is no such file
    :rtype: frozenset[str]
    """
    try:
        source = file_path(path, filter_ext=(".py",))
    except (FileNotFoundError, ValueError):
        return frozenset()
    with open(source, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    return frozenset(
        f"{cls.name}::{method.name}"
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
        for method in cls.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("test_")
    )


def test_exists(reference):
    """Tell whether a test stands where a reference says, without running it.

    :param str reference: ``addon/tests/test_x.py::Class::test_name``
    :rtype: bool
    """
    path, _separator, name = reference.partition("::")
    return name in _tests_in(path)
