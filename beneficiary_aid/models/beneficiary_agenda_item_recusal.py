from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain


class BeneficiaryAgendaItem(models.Model):
    """A recused member leaves the discussion, the vote and the file (committee.md)."""

    _inherit = "beneficiary.agenda.item"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        for item in items:
            item._close_file_to(item.recused_member_ids)
        return items

    def write(self, vals):
        if "recused_member_ids" not in vals:
            return super().write(vals)
        before = {item: item.recused_member_ids for item in self}
        res = super().write(vals)
        for item in self:
            item._close_file_to(item.recused_member_ids - before[item])
        return res

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _kept_away(self):
        """Return the members who do not see the requests of these items.

        A conflict lasts. Whoever was recused only by duty, because of the study or
        of a vote the first time, works with the request again once the item is over
        and minuted: the researcher follows up what the committee decided.

        :return: ``beneficiary.committee.member``
        """
        away = self.env["beneficiary.committee.member"]
        for item in self:
            recused = item.recused_member_ids
            if recused and item._is_minuted():
                recused -= item._recused_by_duty()
            away |= recused
        return away

    def _is_minuted(self):
        """Tell whether nothing is kept from those who were recused by duty."""
        self.ensure_one()
        return self.state == "postponed" or self.meeting_id.state in (
            "closed",
            "cancelled",
        )

    def _recused_by_duty(self):
        """Return who is recused for what he did himself, not for a tie to a person."""
        self.ensure_one()
        return self._assessment_authors() | self._earlier_deciders()

    def _close_file_to(self, members):
        """Take from recused members what reaches them without reading the file.

        Followers are sent messages, and activities and notices show the name of
        their record to whoever they are for. Activities go to whoever is responsible.
        """
        self.ensure_one()
        # What is taken away is not read; the recusal itself was checked.
        users = members.sudo().user_id
        if not users:
            return
        # A search in this transaction looks at the relation, not at what is pending.
        self.request_id.sudo().flush_recordset(["recused_user_ids"])
        partners = users.partner_id
        request = self.sudo().request_id
        Messages = self.env["mail.message"].sudo()
        for records in (request, request.assessment_ids, request.declaration_ids):
            if not records or "message_ids" not in records._fields:
                continue
            records.message_unsubscribe(partners.ids)
            told = Messages.search(
                Domain("model", "=", records._name)
                & Domain("res_id", "in", records.ids)
                & (
                    Domain("partner_ids", "in", partners.ids)
                    | Domain("notified_partner_ids", "in", partners.ids)
                )
            )
            told.notification_ids.filtered(
                lambda notice: notice.res_partner_id in partners
            ).unlink()
            told.partner_ids -= partners
            if "activity_ids" in records._fields:
                self._hand_over_activities(records.activity_ids, users)

    def _hand_over_activities(self, activities, users):
        heir = self.request_id.sudo().user_id
        if not heir or heir in users:
            heir = self.env.user if self.env.user not in users else heir.browse()
        # The system hands over: the notice of it is not the recused member's word.
        for activity in activities.with_user(SUPERUSER_ID).filtered(
            lambda one: one.user_id in users
        ):
            if heir:
                activity.user_id = heir
            else:
                activity.unlink()
