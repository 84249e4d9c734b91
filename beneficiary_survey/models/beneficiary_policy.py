import functools
import json

from odoo import fields, models
from odoo.tools import file_open

PROPOSALS = "beneficiary_survey/data/survey_rule_proposals.json"


@functools.cache
def _load(path):
    """Return the content of a JSON file of this addon, read once a process."""
    with file_open(path, "r") as file:
        return json.load(file)


class BeneficiaryPolicy(models.Model):
    """The policy says when people are asked for their opinion (C14)."""

    _inherit = "beneficiary.policy"

    survey_rule_ids = fields.One2many(
        comodel_name="beneficiary.survey.rule",
        inverse_name="policy_id",
        string="Survey Rules",
        copy=True,
    )

    def _adopt_template_part(self, template):
        """Add the survey rules a policy misses, one an event; none is overwritten."""
        res = super()._adopt_template_part(template)
        self._adopt_survey_rules()
        return res

    def _adopt_survey_rules(self):
        survey = self.env.ref(
            "beneficiary_survey.survey_satisfaction", raise_if_not_found=False
        )
        if not survey:
            return
        Rule = self.env["beneficiary.survey.rule"].with_context(
            lang=None, active_test=False
        )
        events = set(Rule.search([("policy_id", "=", self.id)]).mapped("event"))
        rows = [row for row in _load(PROPOSALS) if row["event"] not in events]
        rules = Rule.create(
            [
                {
                    "name": row["en"],
                    "policy_id": self.id,
                    "event": row["event"],
                    "survey_id": survey.id,
                    "sequence": 10 * (1 + index),
                    "delay_days": row["delay_days"],
                }
                for index, row in enumerate(rows)
            ]
        )
        self._translate_template_rows(rules, rows)

    def _prepare_document_sections(self):
        """Add when people are asked for their opinion."""
        return [
            *super()._prepare_document_sections(),
            self._document_section(
                "surveys",
                190,
                self.env._("Measuring satisfaction"),
                "bullets",
                [(rule.event, [rule.name]) for rule in self.survey_rule_ids],
            ),
        ]
