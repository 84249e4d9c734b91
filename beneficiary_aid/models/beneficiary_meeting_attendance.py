from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

PRESENT = ("present", "remote")


class BeneficiaryMeetingAttendance(models.Model):
    """Whether a member came to a meeting."""

    _name = "beneficiary.meeting.attendance"
    _description = "Attendance"
    _check_company_auto = True
    _order = "meeting_id, id"

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, precompute=True, index=True
    )
    committee_id = fields.Many2one(related="meeting_id.committee_id")
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('committee_id', '=', committee_id)]",
    )
    role = fields.Selection(related="member_id.role")
    has_seat = fields.Boolean(related="member_id.has_seat")
    presence = fields.Selection(
        selection=[
            ("present", "In the room"),
            ("remote", "Remote"),
            ("absent", "Absent"),
            ("excused", "Excused"),
        ],
        required=True,
        default="absent",
    )
    left_on = fields.Datetime(
        string="Left at",
        readonly=True,
        copy=False,
        help="Set when somebody who was counted on an item is marked as gone.",
    )

    _member_uniq = models.UniqueIndex(
        "(meeting_id, member_id)", "This member is on the list of the meeting already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        for attendance in attendances:
            attendance._check_open()
            if attendance.member_id.committee_id != attendance.meeting_id.committee_id:
                raise UserError(
                    self.env._(
                        "%(member)s is not a member of %(committee)s.",
                        member=attendance.member_id.display_name,
                        committee=attendance.meeting_id.committee_id.name,
                    )
                )
        return attendances

    def write(self, vals):
        for attendance in self:
            attendance._check_open()
            if vals.keys() & {"meeting_id", "member_id"}:
                raise UserError(
                    self.env._("Attendance stays with its member: change the presence.")
                )
        if "left_on" in vals:
            raise AccessError(self.env._("When somebody left is not typed in."))
        if "presence" not in vals:
            return super().write(vals)
        leaving = self.browse()
        if vals["presence"] not in PRESENT:
            leaving = self.filtered(
                lambda one: (
                    one.left_on or (one.presence in PRESENT and one._was_there())
                )
            )
        now = fields.Datetime.now()
        for attendance in leaving:
            super(BeneficiaryMeetingAttendance, attendance).write(
                {**vals, "left_on": attendance.left_on or now}
            )
        return super(BeneficiaryMeetingAttendance, self - leaving).write(
            {**vals, "left_on": False}
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        for attendance in self:
            attendance._check_open()

    def _check_open(self):
        self.ensure_one()
        meeting = self.meeting_id
        if meeting.state in ("closed", "cancelled"):
            raise UserError(
                self.env._(
                    "The meeting %(meeting)s is over: its attendance stays as it was.",
                    meeting=meeting.display_name,
                )
            )

    def _was_there(self):
        """Tell whether the member was counted on an item of the open meeting.

        Before that, a mark that is taken back was a mistake and nobody left.
        """
        self.ensure_one()
        meeting = self.meeting_id
        # Who was counted does not depend on what the secretary may see.
        voted_on = meeting.sudo().item_ids.filtered("round")
        if meeting.state != "open" or not voted_on:
            return False
        counted = voted_on.eligible_member_ids | voted_on.recused_member_ids
        return self.member_id in counted or not self.has_seat

    def _came(self):
        """Return those who were there, also if they left before the end."""
        return self.filtered(lambda one: one.presence in PRESENT or one.left_on)

    def _presence_words(self):
        """Return how a member was there, as the minutes and the screen say it."""
        self.ensure_one()
        if self.left_on:
            return self.env._(
                "Present, left at %(time)s",
                time=self.meeting_id._clock(self.left_on),
            )
        labels = dict(self._fields["presence"]._description_selection(self.env))
        return labels[self.presence]

    def action_toggle_presence(self):
        """Mark members as in the room, or as absent again."""
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        for attendance in self:
            here = attendance.presence in PRESENT
            attendance.presence = "absent" if here else "present"
