from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising


class BeneficiaryOutreachLine(models.Model):
    """One person of an outreach: why he qualifies or is left out, and his request."""

    _name = "beneficiary.outreach.line"
    _description = "Person of an Outreach"
    _inherit = "beneficiary.results.mixin"
    _check_company_auto = True
    _order = "outreach_id desc, result, id"
    _rec_name = "beneficiary_id"

    outreach_id = fields.Many2one(
        comodel_name="beneficiary.outreach",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="outreach_id.company_id", store=True, precompute=True, index=True
    )
    outreach_state = fields.Selection(
        related="outreach_id.state", string="State of the Outreach"
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch", readonly=True, index="btree_not_null"
    )
    result = fields.Selection(
        selection=[("in", "Qualifies"), ("out", "Left Out")],
        required=True,
        readonly=True,
        default="in",
    )
    reason = fields.Text(readonly=True, help="Each condition, with the value seen.")
    leave_out = fields.Char(
        string="Leave Out Because",
        help="Leaves the person out by hand. Empty: the list decides.",
    )
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _person_uniq = models.UniqueIndex(
        "(outreach_id, beneficiary_id)", "This person is on the list already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("People come on the list by its conditions."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.su or is_anonymising(self.env):
            return super().write(vals)
        self._check_results(vals)
        for outreach in self.outreach_id:
            outreach._check_draft()
        return super().write(vals)

    def _results_words(self, results):
        return self.env._("Results of a list are not typed in: make the list again.")

    def _is_chosen(self):
        self.ensure_one()
        return self.result == "in" and not self.leave_out and not self.request_id

    def _open_requests(self):
        """Open the requests in one batch and invite the people, in neutral words."""
        outreach = self.outreach_id
        # Where a request comes from is not typed in; whoever opens was checked.
        requests = (
            self.env["beneficiary.aid.request"]
            .sudo()
            .create(
                [
                    {
                        "beneficiary_id": line.beneficiary_id.id,
                        "aid_type_id": outreach.aid_type_id.id,
                        "company_id": outreach.company_id.id,
                        "reason": outreach.need,
                        "origin": "outreach",
                        "outreach_id": outreach.id,
                        "user_id": self.env.uid,
                    }
                    for line in self
                ]
            )
        )
        for line, request in zip(self, requests, strict=True):
            line.request_id = request
        self.env["beneficiary.message"]._send_many(
            [
                (line.beneficiary_id.partner_id, line._invitation(), line.request_id)
                for line in self
                if line.beneficiary_id.partner_id.phone
            ]
        )
        return requests

    def _invitation(self):
        self.ensure_one()
        partner = self.beneficiary_id.partner_id
        words = self.with_context(lang=partner.lang or self.env.lang)
        return words.env._(
            "%(association)s: we opened request %(number)s for you. Look at your page, "
            "call us or come to us to complete and sign it, if you wish.",
            association=self.company_id.name,
            number=self.request_id.name,
        )
