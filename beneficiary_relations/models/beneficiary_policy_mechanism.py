from odoo import fields, models


class BeneficiaryPolicy(models.Model):
    """The rules of verification a policy sets for category and service (BR-48)."""

    _inherit = "beneficiary.policy"

    mechanism_rule_ids = fields.One2many(
        comodel_name="beneficiary.mechanism.rule",
        inverse_name="policy_id",
        string="Rules of Verification",
        copy=True,
    )

    def _adopt_template_part(self, template):
        res = super()._adopt_template_part(template)
        self._adopt_mechanism_rules(
            self._get_template_proposals(template["code"])["mechanism_rules"]
        )
        return res

    def _adopt_mechanism_rules(self, rows):
        """Create the rules this policy does not have yet, by their code.

        :param list rows: dicts with ``code``, ``kind``, ``requirement``, ``clause``
        """
        Rule = self.env["beneficiary.mechanism.rule"].with_context(active_test=False)
        present = Rule.search([("policy_id", "=", self.id)]).mapped("template_code")
        by_kind = {mechanism.kind: mechanism for mechanism in self.mechanism_ids}
        Rule.create(
            [
                {
                    "policy_id": self.id,
                    "mechanism_id": by_kind[row["kind"]].id,
                    "requirement": row["requirement"],
                    "sequence": 10 * number,
                    "clause": row["clause"],
                    "to_confirm": True,
                    "template_code": row["code"],
                }
                for number, row in enumerate(rows, start=1)
                if row["code"] not in present and row["kind"] in by_kind
            ]
        )
