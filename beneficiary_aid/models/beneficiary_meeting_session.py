from odoo import api, fields, models
from odoo.exceptions import AccessError

from .beneficiary_meeting import SECRETARY

FOLLOWERS = (
    SECRETARY,
    "beneficiary_aid.group_aid_manager",
    "beneficiary_relations.group_auditor",
)
CHANGED = "beneficiary_meeting/changed"
PENDING_NOTICES = "beneficiary_meeting.changed"


class BeneficiaryMeeting(models.Model):
    """The session screen: what each sees of a meeting while it runs.

    The screens are told over the bus *that* something changed, never what: each
    reads again under its own rights with :meth:`session_state`.
    """

    _inherit = "beneficiary.meeting"

    current_item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        string="Now Before the Committee",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        res = super().write(vals)
        self._notify_session()
        return res

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------

    def action_run_session(self):
        """Open the session screen of the meeting.

        :raise AccessError: for people outside the committee
        """
        self.ensure_one()
        self.check_access("read")
        self._check_follows_session()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_meeting_action_session"
        )
        action["context"] = {"active_id": self.id, "active_model": self._name}
        action["display_name"] = self.display_name
        return action

    def session_state(self, item_id=False):
        """Return what the session screen shows the current user.

        Items from which the user stepped aside are only counted: number and state.

        :param int item_id: the item in the middle; the one before the committee, or
            else the first, when none is given or it is not the user's to see
        :return: meeting, attendance, agenda and the item in the middle
        :rtype: dict
        :raise AccessError: for people outside the committee
        """
        self.ensure_one()
        self.check_access("read")
        self._check_follows_session()
        Item = self.env["beneficiary.agenda.item"]
        seen = Item.search([("meeting_id", "=", self.id)])
        # How many items there are everybody in the room knows; of those from which
        # the user stepped aside the number and the state are told, nothing else.
        everything = Item.sudo().search([("meeting_id", "=", self.id)])
        # Each read together with what the user sees, and with nothing else.
        own = {one.id: one for one in seen}
        item = seen.filtered(lambda one: one.id == item_id)
        item = item or (self.sudo().current_item_id.with_env(self.env) & seen)
        item = item or seen[:1]
        states = dict(seen._fields["state"]._description_selection(self.env))
        agenda = [
            own[one.id]._session_row(number, states)
            if one.id in own
            else {"number": number, "hidden": True, "label": states[one.state]}
            for number, one in enumerate(everything, start=1)
        ]
        return {
            "meeting": self._session_head(),
            "attendance": self._session_attendance(),
            "agenda": agenda,
            "item": item._session_dossier() if item else False,
        }

    def _session_head(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        current = self.sudo().current_item_id
        return {
            "id": self.id,
            "name": self.name,
            "committee": self.committee_id.name,
            "state": self.state,
            "state_label": states[self.state],
            "quorum": self.quorum_note or "",
            "is_quorate": self.is_quorate,
            "is_secretary": self._user_is_secretary(),
            # Not for whoever stepped aside from it: the screen stays where it is.
            "current_id": current.with_env(self.env)._filtered_access("read").id,
        }

    def _session_attendance(self):
        self.ensure_one()
        roles = dict(
            self.env["beneficiary.committee.member"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        return [
            {
                "id": one.id,
                "name": one.member_id.display_name,
                "role": roles[one.member_id.role],
                "presence": one.presence,
                "label": one._presence_words(),
                "is_me": one.member_id.user_id == self.env.user,
            }
            for one in self.attendance_ids
        ]

    # ------------------------------------------------------------------
    # Who follows
    # ------------------------------------------------------------------

    @api.model
    def _user_is_secretary(self):
        return self.env.user.has_group(SECRETARY)

    def _follows_session(self):
        """Tell whether the current user may follow the meeting on its screen."""
        self.ensure_one()
        user = self.env.user
        if self.env.su or any(user.has_group(group) for group in FOLLOWERS):
            return True
        # Seats of a committee are no secret; a term that is over opens nothing.
        meeting = self.sudo()
        members = meeting._serving_members() | meeting.attendance_ids.member_id
        return user in members.user_id

    def _check_follows_session(self):
        """Refuse whoever has nothing to do with the meeting.

        :raise AccessError: naming the committee
        """
        if not self._follows_session():
            raise AccessError(
                self.env._(
                    "Only members of %(committee)s follow its meetings.",
                    committee=self.committee_id.name,
                )
            )

    def _notify_session(self):
        """Tell the screens, once a transaction, that a meeting changed.

        The message says which meeting, nothing of what; its number is the revision.
        """
        data = self.env.cr.precommit.data
        if PENDING_NOTICES in data:
            data[PENDING_NOTICES].update(self.ids)
            return
        data[PENDING_NOTICES] = set(self.ids)
        env = self.env

        @self.env.cr.precommit.add
        def send():
            for meeting_id in sorted(data.pop(PENDING_NOTICES, ())):
                meeting = env["beneficiary.meeting"].browse(meeting_id)
                env["bus.bus"]._sendone(meeting, CHANGED, {"id": meeting_id})
