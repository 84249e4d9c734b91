from odoo import api, fields, models


class ResUsers(models.Model):
    """Whether a colleague counts as a man or a woman of a visiting team."""

    _inherit = "res.users"

    visiting_gender = fields.Selection(
        selection=[("male", "Male"), ("female", "Female")],
        string="In Visiting Teams",
        help="Families are visited by a team of men, of women, or of both. Said by "
        "everybody about oneself, in the preferences.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["visiting_gender"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["visiting_gender"]

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _holding(self, groups, companies):
        """Return the colleagues of associations who hold one of some roles.

        :param groups: external ids of the roles
        :param companies: ``res.company``
        :return: ``res.users``, without the system itself
        """
        users = self.search(
            [
                ("share", "=", False),
                ("company_ids", "in", companies.ids),
                ("all_group_ids", "in", [self.env.ref(group).id for group in groups]),
            ]
        )
        return users - self.env.ref("base.user_root")

    def _in_own_language(self, record):
        """Return a record in the user's language, to plan what the user will read.

        A scheduled action and a colleague work in a language of their own.
        """
        # In which language a colleague works is no secret.
        lang = self.sudo().lang
        return record.with_context(lang=lang) if lang else record
