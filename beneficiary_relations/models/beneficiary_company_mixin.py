from odoo import models
from odoo.fields import Domain


class BeneficiaryCompanyMixin(models.AbstractModel):
    """Records that always have a company, from which that of others follows.

    While the company of a form is not known yet, Odoo offers only records without a
    company. Where the company follows from the person, the committee or the request
    that is being chosen, nothing could be chosen at all: everything the user may read
    is offered instead, and the server compares the companies when it saves.
    """

    _name = "beneficiary.company.mixin"
    _description = "Company of Others Follows from This"

    def _check_company_domain(self, companies):
        if companies == "":
            return Domain.TRUE
        return super()._check_company_domain(companies)
