from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.text import has_hidden_characters


class BeneficiaryCompanyMixin(models.AbstractModel):
    """Records that always have a company, from which that of others follows.

    While the company of a form is not known yet, Odoo offers only records without a
    company. Where the company follows from the person, the committee or the request
    that is being chosen, nothing could be chosen at all: everything the user may read
    is offered instead, and the server compares the companies when it saves.
    """

    _name = "beneficiary.company.mixin"
    _description = "Company of Others Follows from This"

    # Fields in which hidden characters are removed, not refused.
    _cleaned_numbers = ()

    def _check_company_domain(self, companies):
        if companies == "":
            return Domain.TRUE
        return super()._check_company_domain(companies)

    def _refuse_hidden_characters(self, vals):
        """Refuse words that would read otherwise than they are stored.

        Numbers are not asked: they are stored as plain digits and letters, and are
        often pasted with marks around them.

        :raise ValidationError: naming the field
        """
        for name, value in vals.items():
            field = self._fields.get(name)
            if (
                field
                and field.type in ("char", "text")
                and name not in self._cleaned_numbers
                and isinstance(value, str)
                and has_hidden_characters(value)
            ):
                raise ValidationError(
                    self.env._(
                        "%(field)s holds control characters or marks that turn the "
                        "direction of writing. Type it again instead of pasting it.",
                        field=field._description_string(self.env),
                    )
                )
