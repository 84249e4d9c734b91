from odoo import fields, models


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

    def _in_own_language(self, record):
        """Return a record in the user's language, to plan what the user will read.

        A scheduled action and a colleague work in a language of their own.
        """
        # In which language a colleague works is no secret.
        lang = self.sudo().lang
        return record.with_context(lang=lang) if lang else record
