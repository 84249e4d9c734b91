from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryMeetingTask(models.Model):
    """What a meeting asked somebody to do, part of its minutes.

    Whoever has it to do finds it among his activities when the meeting is closed.
    """

    _name = "beneficiary.meeting.task"
    _description = "Action to Do"
    _check_company_auto = True
    _order = "meeting_id, id"

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, precompute=True, index=True
    )
    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('meeting_id', '=', meeting_id)]",
    )
    name = fields.Char(string="What", required=True, size=500)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date(string="Until")

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks._check_open()
        return tasks

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open()

    def _check_open(self):
        for task in self:
            if task.meeting_id.state in ("closed", "cancelled"):
                raise UserError(
                    self.env._(
                        "The meeting %(meeting)s is over: what it asked for stays as "
                        "it was. Write an addendum.",
                        meeting=task.meeting_id.display_name,
                    )
                )
