from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BeneficiaryDecidedListMixin(models.AbstractModel):
    """A list that a committee decides as a whole, by one vote.

    The list is one agenda item; its decision is one decision, and every entitlement
    on it is traced to the number of that decision. What is on the list is frozen and
    sealed when the vote opens.
    """

    _name = "beneficiary.decided.list.mixin"
    _description = "List Decided as a Whole"

    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
    )
    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # ------------------------------------------------------------------
    # For each kind of list
    # ------------------------------------------------------------------

    def _list_waits(self):
        """Tell whether the list waits for the committee's decision."""
        raise NotImplementedError

    def _list_people(self):
        """Return the files of the people on the list, as superuser."""
        raise NotImplementedError

    def _list_amount(self):
        """Return the value of everything on the list, in company currency."""
        raise NotImplementedError

    def _list_dossier(self):
        """Return what the members vote on, as plain values to be sealed."""
        raise NotImplementedError

    def _list_words(self):
        """Return the list in one sentence, for the agenda and the minutes."""
        raise NotImplementedError

    def _apply_list_decision(self, decision):
        """Let the decision take effect on everybody on the list.

        Called in the transaction that closes the vote, which checked the right to it.
        """
        raise NotImplementedError

    # ------------------------------------------------------------------
    # For the agenda
    # ------------------------------------------------------------------

    def _check_list_waits(self, committee):
        """Refuse a list on the agenda that is not ready, or not of this committee.

        :param committee: ``beneficiary.committee``
        :raise UserError: naming the list
        """
        self.ensure_one()
        if not self._list_waits():
            raise UserError(
                self.env._(
                    "The list %(name)s is not referred to the committee. Refer it "
                    "first.",
                    name=self.display_name,
                )
            )
        if self.committee_id != committee:
            raise UserError(
                self.env._(
                    "The list %(name)s is for %(committee)s.",
                    name=self.display_name,
                    committee=self.committee_id.name,
                )
            )

    def _touch_list(self):
        """Write the row without changing it, see ``beneficiary.aid.request._touch``."""
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date WHERE id IN %s",
                    SQL.identifier(self._table),
                    tuple(sorted(self.ids)),
                )
            )

    def _freeze_for(self, item):
        """Keep what the members vote on under an item, where the list may still grow.

        :param item: ``beneficiary.agenda.item`` whose vote is being opened
        """

    @api.model
    def _partners_with_kin(self, people, partners):
        """Return the contacts that are tied to somebody of a list.

        Whose contact, telephone or e-mail is that of somebody in a household on the
        list, or who acts for a person on it. Nobody learns who it is.

        :param people: ``beneficiary.beneficiary``
        :param partners: ``res.partner``
        """
        people, partners = people.sudo(), partners.sudo()
        contacts = (people | people.household_id.member_ids).partner_id
        holders = (
            self.env["beneficiary.mandate"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "in", people.ids),
                    ("holder_id", "in", partners.ids),
                    ("state", "=", "active"),
                ]
            )
            .holder_id
        )
        phones = set(filter(None, contacts.mapped("phone_sanitized")))
        mails = set(filter(None, contacts.mapped("email_normalized")))
        return partners.filtered(
            lambda partner: (
                partner in contacts
                or partner in holders
                or partner.phone_sanitized in phones
                or partner.email_normalized in mails
            )
        )
