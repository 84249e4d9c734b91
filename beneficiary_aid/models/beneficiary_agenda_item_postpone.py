from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryAgendaItem(models.Model):
    """An item is put off with a reason (committee.md: each outcome needs one)."""

    _inherit = "beneficiary.agenda.item"

    postpone_reason_id = fields.Many2one(
        comodel_name="beneficiary.decision.reason",
        string="Put off because",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    def action_postpone(self):
        """Ask why items are put off to another meeting: before the vote, or after a
        vote whose result cannot take effect, so that no item stays open for ever.

        :return: a window that asks for the reason
        :raise UserError: for an item whose vote is closed
        """
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        self._check_can_postpone()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put off to Another Meeting"),
            "res_model": "beneficiary.agenda.item.postpone",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_ids": self.ids},
        }

    def _check_can_postpone(self):
        for item in self:
            if item.state not in ("pending", "voting"):
                raise UserError(
                    self.env._(
                        "%(request)s: the vote is closed. Only an item before its "
                        "vote is put off.",
                        request=item.display_name,
                    )
                )

    def _put_off(self, reason):
        """Put items off to another meeting.

        :param reason: ``beneficiary.decision.reason``
        :raise UserError: when an item is over, its vote can be closed, or the reason
            is not one for it
        """
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        self._touch_requests()
        self.invalidate_recordset(["state"])
        self._check_can_postpone()
        for item in self:
            reason._check_serves("postpone", item.display_name)
            reason._check_fits(item.request_id.sudo().beneficiary_id)
        voting = self.filtered(lambda item: item.state == "voting")
        for item in voting:
            item._postpone_stuck()
        (self - voting)._postpone(self.env._("Postponed by the committee."))
        # As the state: a result, not typed in.
        self.sudo().postpone_reason_id = reason

    def _check_postpone_reason(self):
        """Refuse a motion to put off that does not say why.

        :raise UserError: naming the item
        """
        if self.outcome == "postpone" and not self.reason_id:
            raise UserError(
                self.env._(
                    "%(request)s: choose the reason why it is put off.",
                    request=self.display_name,
                )
            )

    def _check_motion(self):
        result = super()._check_motion()
        if self.kind != "ratify":
            self._check_postpone_reason()
        return result

    def _minutes_postponed(self):
        """Return why the item waits, where a reason was given."""
        if self.state != "postponed" or not self.postpone_reason_id:
            return []
        label = self._fields["postpone_reason_id"]._description_string(self.env)
        return [(label, self.postpone_reason_id.name)]
