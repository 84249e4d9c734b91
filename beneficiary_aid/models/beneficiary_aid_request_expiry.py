from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class BeneficiaryAidRequest(models.Model):
    """A promise nobody uses ends: its money is free for other people."""

    _inherit = "beneficiary.aid.request"

    @api.model
    def _cron_expire_commitments(self):
        """Give promises back that were not used in the days the association sets.

        Each association has its own number of days; without one promises stay.
        """
        now = fields.Datetime.now()
        for company in self.env["res.company"].search(
            [("beneficiary_commitment_days", ">", 0)]
        ):
            limit = now - timedelta(days=company.beneficiary_commitment_days)
            more = self.env["ir.cron"]._in_slices(
                self,
                Domain("company_id", "=", company.id)
                & Domain("amount_committed", ">", 0)
                & Domain("decision_id.decided_on", "<", limit)
                # A payment is on its way.
                & ~Domain("disbursement_ids", "any", [("state", "=", "draft")])
                # Something may be bought with it, or a shop is owed it.
                & ~Domain("voucher_ids", "any", [("amount_reserved", ">", 0)]),
                "_expire_commitment",
            )
            if not more:
                return

    def _expire_commitment(self):
        """Give the promises of requests back and say so to whoever is responsible."""
        amounts = {request: request.amount_committed for request in self}
        self._release_commitment()
        for request, amount in amounts.items():
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=request.user_id.id or self.env.uid,
                summary=self.env._("Approved amount not used in time"),
                note=self.env._(
                    "%(amount)s was approved and not used in time. The fund has it "
                    "back; pay from what the fund has free, or close the request.",
                    amount=request.currency_id.format(amount),
                ),
            )
