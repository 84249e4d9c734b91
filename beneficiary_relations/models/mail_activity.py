from odoo import api, models
from odoo.exceptions import UserError


class MailActivity(models.Model):
    """Work on a record of ours goes to people who may read it."""

    _inherit = "mail.activity"

    @api.constrains("user_id", "res_model", "res_id")
    def _check_assignee_reads_file(self):
        """An activity shows the name of its record, and makes a follower of its owner.

        :raise UserError: naming the user, who has no role for that record
        """
        ours = self.filtered(
            lambda activity: (
                activity.user_id
                and activity.res_id
                and (activity.res_model or "").startswith("beneficiary.")
            )
        )
        for (model, user), activities in ours.grouped(
            lambda activity: (activity.res_model, activity.user_id)
        ).items():
            records = (
                self.env[model]
                .browse(activities.mapped("res_id"))
                .with_user(user)
                .with_context(allowed_company_ids=user.sudo().company_ids.ids)
            )
            if not records.has_access("read"):
                raise UserError(
                    self.env._(
                        "%(user)s has no role that reads this record. Give the "
                        "activity to somebody who works with it.",
                        user=user.sudo().name,
                    )
                )
