from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class BeneficiaryCommittee(models.Model):
    _inherit = "beneficiary.committee"

    papers_days = fields.Integer(
        string="Papers Sent before",
        default=3,
        tracking=True,
        help="So many days before the meeting the members get its papers.",
    )

    _papers_days_bounds = models.Constraint(
        "CHECK(papers_days BETWEEN 0 AND 60)",
        "Papers are sent 0 to 60 days before a meeting.",
    )


class BeneficiaryMeeting(models.Model):
    """Papers sent before a meeting; what was sent is sealed (committee.md)."""

    _inherit = "beneficiary.meeting"

    papers_due = fields.Date(
        compute="_compute_papers_due",
        help="The last day to send the papers, by the rule sheet.",
    )
    papers_sent_on = fields.Datetime(readonly=True, copy=False)

    @api.depends("date", "committee_id.papers_days")
    def _compute_papers_due(self):
        for meeting in self:
            meeting.papers_due = meeting.date and meeting._day() - relativedelta(
                days=meeting.committee_id.papers_days
            )

    def action_call(self):
        """Call the members, and remind the secretary of the papers."""
        res = super().action_call()
        for meeting in self:
            meeting.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=meeting.papers_due,
                summary=self.env._("Send the papers"),
                user_id=self.env.uid,
            )
        return res

    def action_send_papers(self):
        """Seal the dossiers of the agenda and tell the members that they are ready.

        Items put on the agenda later are sent by doing it again.

        :raise UserError: before the members are called, or when all was sent
        """
        self.ensure_one()
        self.check_access("write")
        self._check_secretary()
        if self.state not in ("called", "open"):
            raise UserError(
                self.env._(
                    "%(name)s: papers are sent after the members are called and "
                    "before the meeting is over.",
                    name=self.display_name,
                )
            )
        # The agenda is sealed as a whole, whatever the secretary may read of it.
        waiting = self.sudo().item_ids.filtered(
            lambda item: item.state == "pending" and not item.papers_sent_on
        )
        if not waiting:
            raise UserError(
                self.env._(
                    "%(name)s: the papers of every item were sent. Put an item on the "
                    "agenda first.",
                    name=self.display_name,
                )
            )
        waiting._seal_papers()
        # When papers were sent is not typed in; the role was checked.
        self.sudo().papers_sent_on = fields.Datetime.now()
        self._tell_papers(len(waiting))
        self.activity_ids.filtered(
            lambda activity: activity.summary == self.env._("Send the papers")
        ).action_feedback()

    def _tell_papers(self, count):
        """Tell the members that papers wait, without a word about anybody's case."""
        # Members have no right on each other's contacts; only a notice is sent.
        members = self.sudo().attendance_ids.member_id
        self.message_notify(
            partner_ids=members.user_id.partner_id.ids,
            subject=self.env._("Papers of the meeting %(name)s", name=self.name),
            body=self.env._(
                "The papers of the meeting %(name)s on %(date)s are ready. Items: "
                "%(count)s. Please read them on its session screen.",
                name=self.name,
                date=format_date(self.env, self._day()),
                count=count,
            ),
        )
