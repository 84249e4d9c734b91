from odoo import api, fields, models

from odoo.addons.beneficiary_relations.exceptions import PortalError


class BeneficiaryAidDraft(models.TransientModel):
    """What was given as often as its rule says is not begun again in the portal."""

    _inherit = "beneficiary.aid.draft"

    @api.model
    def _portal_start(self, beneficiary, aid_type_id):
        # Whose file and which kinds of help are checked by super; a number that is
        # none of them breaks no rule.
        aid_type = self._portal_types(beneficiary).filtered(
            lambda aid_type: aid_type.id == aid_type_id
        )
        if beneficiary in self.env["beneficiary.beneficiary"]._portal_own():
            self._check_limits(beneficiary, aid_type)
        return super()._portal_start(beneficiary, aid_type_id)

    def _send(self):
        self._check_limits(self.beneficiary_id, self.aid_type_id)
        return super()._send()

    @api.model
    def _check_limits(self, beneficiary, aid_type):
        """Refuse help that may not be given again yet, naming nobody.

        :param beneficiary: a file of the current user
        :param aid_type: ``beneficiary.aid.type`` as superuser
        :raise PortalError: with the day from which it may be asked for again
        """
        if not aid_type:
            return
        # How often counts the whole household; nothing of it is told.
        asked = (
            self.env["beneficiary.aid.request"]
            .sudo()
            .new(
                {
                    "beneficiary_id": beneficiary.id,
                    "household_id": beneficiary.sudo().household_id.id,
                    "company_id": beneficiary.company_id.id,
                    "aid_type_id": aid_type.id,
                    "date_received": fields.Datetime.now(),
                }
            )
        )
        breaches = asked._limit_breaches()[asked]
        if not breaches:
            return
        days = [asked._limit_free_from(*breach) for breach in breaches]
        if not all(days):
            raise PortalError(
                self.env._(
                    "This help cannot be asked for again here. If your situation has "
                    "changed, call us or come to our desk."
                )
            )
        raise PortalError(
            self.env._(
                "This help can be asked for again from %(date)s. If you cannot wait, "
                "call us or come to our desk.",
                date=asked._portal_date(max(days)),
            )
        )
