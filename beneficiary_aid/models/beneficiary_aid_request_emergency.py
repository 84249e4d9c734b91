from odoo import fields, models


class BeneficiaryAidRequest(models.Model):
    """A request of an emergency: approved by urgent power, confirmed afterwards."""

    _inherit = "beneficiary.aid.request"

    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    emergency_household_id = fields.Many2one(
        comodel_name="beneficiary.emergency.household",
        string="As Seen on the Spot",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    confirm_state = fields.Selection(
        selection=[
            ("to_confirm", "To be confirmed"),
            ("confirmed", "Confirmed"),
            ("not_confirmed", "Not confirmed"),
        ],
        string="Committee's Confirmation",
        readonly=True,
        copy=False,
        tracking=True,
        help="What was approved urgently is confirmed by the committee afterwards.",
    )
    confirm_due = fields.Date(string="To Confirm by", readonly=True, copy=False)
    confirm_item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        string="Confirmed under",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    confirm_decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        string="Decision on the Confirmation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _emergency_uniq = models.UniqueIndex(
        "(emergency_id, beneficiary_id, aid_type_id)"
        " WHERE emergency_id IS NOT NULL AND status <> 'cancelled'",
        "This household has a request of this kind in this emergency already.",
    )
    _confirm_idx = models.Index(
        "(company_id, confirm_due) WHERE confirm_state = 'to_confirm'"
    )

    def _grant_urgently(self, decision, confirm_due):
        """Let one urgent decision take effect on many requests (C42, C44).

        As superuser; the power and the requests were checked.

        :param decision: the new ``beneficiary.decision``
        :param date confirm_due: until when the committee confirms
        """
        fund = decision.fund_id
        if fund:
            # One promise for all; each request keeps its part of it.
            fund._commit(decision.amount)
        Stage = self.env["beneficiary.aid.stage"]
        groups = self.grouped(
            lambda one: (
                one.company_id,
                one.policy_id,
                one.amount_recommended or one.amount_requested,
            )
        )
        for (company, policy, amount), requests in groups.items():
            requests.write(
                {
                    "decision_id": decision.id,
                    "stage_id": Stage._of_status("approved", company, policy).id,
                    "amount_approved": amount,
                    "fund_id": fund.id,
                    "amount_committed": amount if fund else 0.0,
                    "confirm_state": "to_confirm",
                    "confirm_due": confirm_due,
                    "confirm_item_id": False,
                }
            )
        # The positive decision completes the registration of whoever is known by an
        # identity; the others are completed afterwards.
        self.beneficiary_id.filtered("identity_number")._activate()
        self._on_decided(decision)

    def _registration_gaps(self):
        """Let help after an emergency not wait for the file to be complete."""
        gaps = super()._registration_gaps()
        if not self.confirm_state:
            return gaps
        return [gap for gap in gaps if gap != self.env._("an active file")]

    def _lacks_papers(self):
        """Tell whether papers, signature or the registration are still missing."""
        self.ensure_one()
        return bool(
            self.missing_document_type_ids
            or not self.is_declared
            or self.beneficiary_id.state in ("draft", "verification")
        )
