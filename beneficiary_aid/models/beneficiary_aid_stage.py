from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

STATUSES = [
    ("received", "Received"),
    ("verification", "Verification"),
    ("study", "Study"),
    ("decision", "Decision"),
    ("approved", "Approved"),
    ("delivery", "Delivery"),
    ("follow_up", "Follow-up"),
    ("closed", "Closed"),
    ("rejected", "Rejected"),
    ("cancelled", "Cancelled"),
]
ENDED = ("closed", "rejected", "cancelled")


class BeneficiaryAidStage(models.Model):
    """A column of the board of requests.

    Its name is free text of the association; its status is what the program goes by.
    """

    _name = "beneficiary.aid.stage"
    _description = "Request Stage"
    _check_company_auto = True
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short name used by imports.")
    sequence = fields.Integer(default=10)
    status = fields.Selection(
        selection=STATUSES,
        required=True,
        help="What the program does at this stage. Rules hang on it, never on the "
        "name.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    policy_ids = fields.Many2many(
        comodel_name="beneficiary.policy",
        string="Policies",
        check_company=True,
        help="The policies that use this stage. Empty: every policy.",
    )
    fold = fields.Boolean(string="Folded", help="Shown closed on the board.")
    public_text = fields.Text(
        string="Words for the Applicant",
        translate=True,
        help="What the person reads about the request at this stage, in plain words.",
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "This stage code is taken already. Choose another code.",
    )
    _board_idx = models.Index("(company_id, sequence, id) WHERE active IS TRUE")

    def write(self, vals):
        """Keep the meaning of a stage that holds requests."""
        if "status" in vals or "company_id" in vals:
            changed = self.filtered(
                lambda stage: (
                    vals.get("status", stage.status) != stage.status
                    or vals.get("company_id", stage.company_id.id)
                    != stage.company_id.id
                )
            )
            changed._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self):
        # Requests of any branch count, also those the user may not see.
        used = (
            self.env["beneficiary.aid.request"]
            .sudo()
            .with_context(active_test=False)
            .search([("stage_id", "in", self.ids)], limit=1)
            .stage_id
        )
        if used:
            raise UserError(
                self.env._(
                    "The stage %(name)s holds requests and keeps its status. Archive "
                    "it and make a new one.",
                    name=used.name,
                )
            )

    @api.model
    def _of_status(self, status, company, policy=None):
        """Return the first stage of a status, as the association has ordered them.

        :param str status: see :data:`STATUSES`
        :param company: ``res.company``
        :param policy: prefer the stages this policy uses
        :raise UserError: when the association has none
        """
        # Which stages there are is no secret to whoever may move a request.
        Stage = self.sudo()
        domain = [("company_id", "=", company.id), ("status", "=", status)]
        stages = Stage
        if policy:
            stages = Stage.search_fetch(
                [*domain, ("policy_ids", "in", policy.ids)], limit=1
            )
        stages = (
            stages
            or Stage.search_fetch([*domain, ("policy_ids", "=", False)], limit=1)
            or Stage.search(domain, limit=1)
        )
        if not stages:
            raise UserError(
                self.env._(
                    "%(company)s has no stage with the status %(status)s. Adopt a "
                    "policy, or add the stage under Configuration, Stages.",
                    company=company.name,
                    status=dict(
                        self._fields["status"]._description_selection(self.env)
                    )[status],
                )
            )
        return stages.sudo(self.env.su)

    def _names_of(self, statuses, company, policy):
        """Return what the stages of some statuses are called on the board, in order.

        :param set statuses: see :data:`STATUSES`
        :param company: ``res.company``
        :param policy: whose stages are on the board, and those of no policy
        :rtype: list[str]
        """
        used = Domain("policy_ids", "=", False) | Domain("policy_ids", "in", policy.ids)
        # As above.
        return (
            self.sudo()
            .search(
                Domain("company_id", "=", company.id)
                & Domain("status", "in", list(statuses))
                & used
            )
            .mapped("name")
        )
