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

    def _check_company(self, fnames=None):
        """Let pass at once what links only to its own company; look at the rest.

        Core evaluates a domain for every link of every record, which is a quarter of
        the time of an import.
        """
        doubtful = self._with_foreign_links(fnames)
        return super(BeneficiaryCompanyMixin, doubtful)._check_company(fnames)

    def _with_foreign_links(self, fnames):
        """Return the records with a link that is not plainly of their own company."""
        if fnames is None or "company_id" in fnames:
            fnames = self._fields
        found = set()
        for field in map(self._fields.get, fnames):
            if field.relational and field.check_company:
                is_plain = self._compares_plainly(field)
                for record in self.sudo():
                    linked = record[field.name]
                    if linked and not (
                        is_plain and linked.company_id <= record.company_id
                    ):
                        found.add(record.id)
        return self.filtered(lambda record: record.id in found)

    def _compares_plainly(self, field):
        """Whether the link is one record that belongs to a company or to none."""
        ours = BeneficiaryCompanyMixin._check_company_domain
        rule = self.env.registry[field.comodel_name]._check_company_domain
        return (
            field.type == "many2one"
            and not field.company_dependent
            and rule in (models.BaseModel._check_company_domain, ours)
        )

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
