from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.touch import touch

SLICE = 200


class BeneficiarySponsorshipRun(models.Model):
    """The instalments due until a day, made once and put into one batch.

    Slice by slice, each saved: a run that was ended in the middle goes on after the
    last saved slice. One run works at a time in an association.
    """

    _name = "beneficiary.sponsorship.run"
    _description = "Run of Sponsorships"
    _inherit = ["beneficiary.finance.paper.mixin", "beneficiary.sliced.mixin"]
    _check_company_auto = True
    _order = "date desc, id desc"
    _rec_name = "date"

    _working_steps = ("working",)
    _work_cron = "beneficiary_aid.ir_cron_sponsorship_run"
    _never_typed = frozenset({"step", "batch_id", "problem", "user_id"})

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        string="Due Until", required=True, default=fields.Date.context_today
    )
    step = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("working", "Being Made"),
            ("done", "Done"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Made by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    batch_id = fields.Many2one(
        comodel_name="beneficiary.disbursement.batch",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    waiting_count = fields.Integer(string="Due", compute="_compute_counts")
    problem_count = fields.Integer(string="Held up", compute="_compute_counts")

    _one_working = models.UniqueIndex(
        "(company_id) WHERE step = 'working'",
        "Another run of sponsorships is being made. Wait until it is done.",
    )

    # === Computes === #

    @api.depends("company_id", "date", "step")
    def _compute_counts(self):
        sponsorship = self.env["beneficiary.sponsorship"]
        for run in self:
            run.waiting_count = sponsorship.search_count(run._due_domain())
            run.problem_count = sponsorship.search_count(run._problem_domain())

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if vals.keys() & {"date", "company_id"}:
            for run in self:
                run._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for run in self:
            run._check_draft()

    def _check_typed(self, vals):
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(
                self.env._("What becomes of a run is not typed in. Use its buttons.")
            )

    # === Actions === #

    def action_run(self):
        """Make the instalments; a large run goes on in the background.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: when nothing is due
        """
        self.ensure_one()
        self._check_clerk()
        touch(self)
        self._check_draft()
        count = self.env["beneficiary.sponsorship"].search_count(self._due_domain())
        if not count:
            raise UserError(
                self.env._("No instalment of a sponsorship is due until this day.")
            )
        self.flush_model(["step"])
        batch = self.env["beneficiary.disbursement.batch"].create(
            {"company_id": self.company_id.id, "date": self.date}
        )
        # The steps are not typed in; the role is checked above.
        self.sudo().write(
            {"step": "working", "user_id": self.env.uid, "batch_id": batch.id}
        )
        # The second of two runs is refused here, before it makes anything.
        self.flush_recordset()
        self._work_or_schedule(count)

    def action_continue(self):
        """Go on with a run that stopped."""
        self.ensure_one()
        self._check_clerk()
        touch(self)
        if self.step != "working":
            raise UserError(self.env._("This run is done."))
        self.sudo().problem = False
        self._work_or_schedule(self.waiting_count)

    def action_open_batch(self):
        """Open the batch in which the instalments are paid."""
        self.ensure_one()
        self.check_access("read")
        return self.batch_id._get_records_action(name=self.env._("Disbursement Batch"))

    def action_open_problems(self):
        """Open the sponsorships that were held up, each with the reason."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_sponsorship_action"
        )
        action["domain"] = self._problem_domain()
        action["context"] = {"create": False}
        return action

    # === Working === #

    def _due_domain(self):
        """What is due and was not looked at by this run."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "running"),
            ("next_date", "<=", self.date),
        ]
        # A run that is not saved yet has looked at nothing.
        if self._origin:
            domain.append(("run_id", "!=", self._origin.id))
        return domain

    def _problem_domain(self):
        return [
            ("run_id", "in", self._origin.ids),
            "|",
            ("problem", "!=", False),
            ("state", "=", "stopped"),
        ]

    def _work_slice(self):
        self.ensure_one()
        touch(self)
        due = self.env["beneficiary.sponsorship"].search(
            self._due_domain(), limit=SLICE, order="id"
        )
        if due:
            due._make_instalments(self)
            return True
        # As in action_run.
        self.sudo().step = "done"
        return False

    def _take(self, disbursements):
        """Put the instalments of a slice into the batch of the run."""
        batch = self.batch_id
        batch._touch()
        self.env["beneficiary.disbursement.batch.line"].create(
            [
                {"batch_id": batch.id, "disbursement_id": disbursement.id}
                for disbursement in disbursements
            ]
        )

    def _get_worker_user(self):
        return self.user_id

    # === Helpers === #

    def _check_draft(self):
        self.ensure_one()
        if self.step != "draft":
            raise UserError(
                self.env._("This run was made already. Enter a new one instead.")
            )
