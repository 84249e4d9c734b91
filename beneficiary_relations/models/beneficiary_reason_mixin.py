from odoo import fields, models
from odoo.exceptions import ValidationError


class BeneficiaryReasonMixin(models.AbstractModel):
    """A coded reason that holds for some categories of people only (BR-51)."""

    _name = "beneficiary.reason.mixin"
    _description = "Reason by Category"

    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Categories",
        help="Offered and accepted for people of these categories. Empty: everybody.",
    )

    def _fits(self, category):
        """Tell whether the reason may be given to people of a category.

        :param category: ``beneficiary.category``, or none of it
        """
        # Categories of another association limit a shared reason, too.
        categories = self.sudo().category_ids
        return not categories or category in categories

    def _check_fits(self, beneficiary):
        """Refuse a reason made for people of other categories.

        :param beneficiary: ``beneficiary.beneficiary``
        :raise ValidationError: naming the reason and the file's number
        """
        # The category alone, for whoever decides without reading the file.
        file_sudo = beneficiary.sudo()
        if not self._fits(file_sudo.category_id):
            raise ValidationError(
                self.env._(
                    "The reason %(reason)s is not for the category of the file "
                    "%(number)s. Choose a reason of that category.",
                    reason=self.sudo().name,
                    number=file_sudo.file_number,
                )
            )
