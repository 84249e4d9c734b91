from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class BeneficiaryPortalAccess(models.Model):
    """Which portal user may act for which file, and until when.

    The rules of the file, its contact and everything that hangs on it look here.
    """

    _name = "beneficiary.portal.access"
    _description = "Portal Access to a File"
    _order = "beneficiary_id, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        comodel_name="res.users", required=True, index=True, ondelete="cascade"
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True
    )
    kind = fields.Selection(
        selection=[("self", "The person"), ("mandate", "Acting for the person")],
        required=True,
        default="self",
    )
    date_end = fields.Date(string="Until")

    _user_file_uniq = models.Constraint(
        "UNIQUE(user_id, beneficiary_id)",
        "This user has access to this file already. Change the access there is.",
    )

    @api.model
    def _link(self, user, beneficiary, kind="self", date_end=False):
        """Give a user access to a file, once.

        :return: the access, new or renewed
        """
        access = self.search(
            [("user_id", "=", user.id), ("beneficiary_id", "=", beneficiary.id)]
        )
        if access:
            access.write({"kind": kind, "date_end": date_end})
            return access
        return self.create(
            {
                "user_id": user.id,
                "beneficiary_id": beneficiary.id,
                "kind": kind,
                "date_end": date_end,
            }
        )

    @api.model
    def _portal_user(self, partner, company):
        """Find or create the portal user of a contact, for an association.

        The caller checked the right to open the portal for this contact.

        :raise UserError: the contact has no e-mail address to log in with
        """
        if not partner.email:
            raise UserError(
                self.env._(
                    "%(name)s has no e-mail address to log in with. Add one first.",
                    name=partner.display_name,
                )
            )
        # Only settings administrators may create users; the user made here is
        # limited to the portal group and to the association.
        Users = self.env["res.users"].sudo().with_context(no_reset_password=True)
        user = Users.with_context(active_test=False).search(
            [("partner_id", "=", partner.id)], limit=1
        )
        if user:
            return user
        return Users.create(
            {
                "partner_id": partner.id,
                "login": partner.email,
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "lang": partner.lang or self.env.lang,
            }
        )
