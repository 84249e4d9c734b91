from odoo import models
from odoo.exceptions import UserError

from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """An appeal takes nothing away: whoever was granted something and asks for more
    keeps at least what was granted (C02, committee.md)."""

    _inherit = "beneficiary.agenda.item"

    def _grant_before(self):
        """Return, as superuser, the approval an appeal is filed against, or none."""
        self.ensure_one()
        request = self.request_id.sudo()
        before = request.decision_id
        if self.kind != "appeal" or request.correcting_id or not before._is_approval():
            return before.browse()
        return before

    def _check_motion(self):
        """Refuse a motion that gives less than was granted.

        To decline the appeal is none: then the first decision stands.

        :raise UserError: naming what was granted
        """
        result = super()._check_motion()
        before = self._grant_before()
        less = self.currency_id.compare_amounts(self.amount, before.amount) < 0
        if before and (self.outcome == "refer" or (self.outcome in APPROVALS and less)):
            raise UserError(
                self.env._(
                    "%(request)s: an appeal takes nothing away. Approve %(amount)s or "
                    "more, or decline the appeal: then decision %(number)s stands.",
                    request=self.display_name,
                    amount=self.currency_id.format(before.amount),
                    number=before.name,
                )
            )
        return result

    def _prepare_decision_values(self, count, votes, passed):
        values = super()._prepare_decision_values(count, votes, passed)
        return self._let_grant_stand(values) if passed else values

    def _let_grant_stand(self, values):
        """Let an appeal that is declined leave the first approval as it is.

        The reason and the words for the applicant are those of the answer.

        :param dict values: of the new decision
        :rtype: dict
        """
        before = self._grant_before()
        if not before or values["outcome"] != "decline":
            return values
        # The words a person reads are in his language; nothing else of it is used.
        lang = self.beneficiary_id.sudo().partner_id.lang
        words = self.with_context(lang=lang or self.env.lang)
        return {
            **values,
            "is_final": True,
            "outcome": before.outcome,
            "amount": before.amount,
            "fund_id": before.fund_id.id,
            "condition": before.condition,
            "public_text": self.public_text
            or words.env._(
                "We looked at your request again. The first decision stands."
            ),
        }


class BeneficiaryAidRequest(models.Model):
    _inherit = "beneficiary.aid.request"

    def _prepare_person_decision(self, motion, power):
        values = super()._prepare_person_decision(motion, power)
        item = self.env["beneficiary.agenda.item"].new(
            {
                "request_id": self.id,
                "company_id": self.company_id.id,
                "public_text": motion.get("public_text"),
            }
        )
        return item._let_grant_stand(values)
