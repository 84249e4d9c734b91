import ast
import re
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import BaseCase, tagged

# What the addons below must not know: no score may reach a decision.
SURVEY_WORD = re.compile(r"beneficiary[._]survey|survey[._]user_input|survey\.survey")
ADDONS = ("beneficiary_relations", "beneficiary_aid")


@tagged("-at_install", "post_install")
class TestSurveyIndependence(BaseCase):
    """Eligibility and decisions do not know that surveys exist."""

    def test_code_never_mentions_surveys(self):
        for addon in ADDONS:
            for path in self._files(addon, "*.py"):
                tree = ast.parse(path.read_text())
                for node in ast.walk(tree):
                    for text in self._texts(node):
                        self.assertIsNone(
                            SURVEY_WORD.search(text), f"{path}:{node.lineno}"
                        )

    def test_data_and_views_never_mention_surveys(self):
        for addon in ADDONS:
            for pattern in ("*.xml", "*.csv"):
                for path in self._files(addon, pattern):
                    self.assertIsNone(SURVEY_WORD.search(path.read_text()), str(path))

    def _files(self, addon, pattern):
        root = Path(get_module_path(addon))
        return (path for path in root.rglob(pattern) if "tests" not in path.parts)

    def _texts(self, node):
        if isinstance(node, ast.ImportFrom):
            return [node.module or "", *(alias.name for alias in node.names)]
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.Attribute):
            return [node.attr]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Sentences (docstrings, comments in SQL) may name the word; names not.
            return [] if " " in node.value.strip() else [node.value]
        return []
