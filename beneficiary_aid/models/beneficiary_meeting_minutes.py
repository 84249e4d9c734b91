from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_list

from .beneficiary_decision import APPROVALS

SIGN_ACTIVITY = "beneficiary_aid.mail_activity_type_sign_minutes"


class BeneficiaryCommittee(models.Model):
    _inherit = "beneficiary.committee"

    def _touch_seals(self):
        """Make sessions that seal for the same committee follow each other."""
        self.env.cr.execute(
            SQL(
                "UPDATE beneficiary_committee SET write_date = write_date"
                " WHERE id IN %s",
                tuple(self.ids),
            )
        )


class BeneficiaryMeeting(models.Model):
    """Closing a meeting writes its minutes as a document to be signed."""

    _inherit = "beneficiary.meeting"

    _free_when_closed = {
        "active",
        "message_main_attachment_id",
        "minutes_reminded_on",
        "minutes_sign_due",
        "minutes_state",
    }

    # The plain text holds what a recused member may not read.
    minutes = fields.Text(
        groups="beneficiary_aid.group_committee_secretary,"
        "beneficiary_relations.group_manager,beneficiary_relations.group_auditor"
    )
    minutes_ids = fields.One2many(
        comodel_name="beneficiary.minutes",
        inverse_name="meeting_id",
        string="Minutes and Addenda",
    )
    minutes_state = fields.Selection(
        selection=[
            ("none", "Not written"),
            ("to_sign", "To sign"),
            ("signed", "Signed"),
        ],
        string="Minutes Signed",
        default="none",
        required=True,
        readonly=True,
        copy=False,
    )
    minutes_sign_due = fields.Date(string="Sign until", readonly=True, copy=False)
    minutes_reminded_on = fields.Date(readonly=True, copy=False)
    task_ids = fields.One2many(
        comodel_name="beneficiary.meeting.task",
        inverse_name="meeting_id",
        string="Actions to Do",
        copy=False,
    )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_close(self):
        """Close the meeting and write its minutes, to be signed."""
        result = super().action_close()
        for meeting in self:
            meeting._write_minutes()
        return result

    def action_open_minutes(self):
        """Open the minutes with their addenda."""
        self.ensure_one()
        self.check_access("read")
        return self.minutes_ids._get_records_action(
            name=self.env._("Minutes"), context={"create": False}
        )

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _write_minutes(self):
        """Write the minutes of a closed meeting and ask for signatures."""
        self.ensure_one()
        # The minutes tell the whole meeting, whatever the secretary may read.
        meeting = self.sudo()
        words = {}
        lang = self.env["beneficiary.minutes"]._paper_lang()
        content = meeting.with_context(lang=lang)._minutes_content(words)
        self._issue_minutes("minutes", content, words)
        for task in meeting.task_ids:
            meeting.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=task.user_id.id,
                date_deadline=task.date_due or self._business_day(),
                summary=task.name,
            )

    def _issue_minutes(self, kind, content, words):
        """Store minutes or an addendum, and say who signs them until when.

        :return: ``beneficiary.minutes`` as superuser
        """
        self.ensure_one()
        meeting = self.sudo()
        days = meeting.committee_id.minutes_sign_days
        due = days and self._business_day() + relativedelta(days=days)
        signers = meeting._minutes_signers()
        # Results of closing or of an addendum, whose role was checked.
        meeting.write(
            {
                "minutes_state": "to_sign" if signers else "signed",
                "minutes_sign_due": due,
                "minutes_reminded_on": False,
            }
        )
        return self.env["beneficiary.minutes"]._record(
            meeting, kind, content, words, signers, due
        )

    def _business_day(self, moment=None):
        return self.env["beneficiary.aid.request"]._business_day(moment)

    def _minutes_signers(self):
        """Return who signs, by the rule sheet."""
        self.ensure_one()
        came = self.attendance_ids._came()
        if self.committee_id.minutes_signers == "all_present":
            return came.member_id
        officers = came.member_id.filtered(
            lambda member: member.role in ("chair", "secretary")
        )
        if "chair" not in officers.mapped("role"):
            # Whoever presided signs where the chair was away.
            officers |= came.member_id.filtered(lambda one: one.role == "deputy")[:1]
        serving = self._serving_members()
        return officers | serving.filtered(lambda one: one.role == "secretary")

    def _after_signature(self, user):
        """Note a signature: close the signer's reminder, and say when all is signed."""
        self.ensure_one()
        self.activity_feedback([SIGN_ACTIVITY], user_id=user.id)
        open_minutes = self.minutes_ids.filtered(lambda one: one._missing_signers())
        self.write({"minutes_state": "to_sign" if open_minutes else "signed"})

    @api.model
    def _cron_remind_signers(self):
        """Remind whoever has not signed in time, once a set of minutes."""
        self.env["ir.cron"]._in_slices(
            self,
            [
                ("minutes_state", "=", "to_sign"),
                ("minutes_sign_due", "<", self._business_day()),
                ("minutes_reminded_on", "=", False),
            ],
            "_remind_signers",
        )

    def _remind_signers(self):
        today = self._business_day()
        for meeting in self:
            late = self.env["beneficiary.committee.member"]
            for minutes in meeting.minutes_ids:
                late |= minutes._missing_signers()
            for user in late.user_id.filtered("active"):
                words = user._in_own_language(meeting)
                words.activity_schedule(
                    SIGN_ACTIVITY,
                    user_id=user.id,
                    date_deadline=today,
                    summary=words.env._(
                        "Sign the minutes %(number)s", number=meeting.name
                    ),
                )
        self.write({"minutes_reminded_on": today})

    # ------------------------------------------------------------------
    # What the minutes say
    # ------------------------------------------------------------------

    def _minutes_content(self, words):
        """Return the minutes as plain values, to be kept and printed.

        :param dict words: gets the words that may name a person, by key; a row of a
            section names the key in their place
        :return: ``title`` and ``sections``, see ``beneficiary.paper.mixin``; the
            section of an item has ``recused``, the users who may not read it, and
            ``recused_text``, what they read instead
        """
        self.ensure_one()
        sections = [
            self._minutes_head(),
            self._minutes_attendance(),
            self._minutes_quorum(),
        ]
        for number, item in enumerate(self.item_ids, start=1):
            sections.append(item._minutes_section(number, words))
        sections.append(
            self._minutes_part(
                "circulation",
                self.env._("By Circulation"),
                self._circulation_lines(),
                kind="text",
            )
        )
        if self.remarks:
            words["remarks"] = self.remarks
            sections.append(
                self._minutes_part(
                    "remarks",
                    self.env._("Remarks"),
                    [{"word": "remarks"}],
                    kind="text",
                )
            )
        sections.append(self._minutes_tasks(words))
        return {
            "title": self._minutes_name(),
            "sections": [section for section in sections if section["rows"]],
        }

    def _minutes_name(self):
        committee = self.committee_id.name
        if self.kind == "circulation":
            return self.env._(
                "Minutes of Decisions by Circulation of %(committee)s",
                committee=committee,
            )
        return self.env._(
            "Minutes of the Meeting of %(committee)s", committee=committee
        )

    @api.model
    def _minutes_part(self, *args, **kwargs):
        section = self.env["beneficiary.paper.mixin"]._paper_section(*args, **kwargs)
        # Kept as JSON: what is read back must be what was sealed.
        section["rows"] = [
            list(row) if isinstance(row, tuple) else row for row in section["rows"]
        ]
        section["head"] = list(section["head"])
        return section

    def _minutes_head(self):
        Paper = self.env["beneficiary.paper.mixin"]
        return self._minutes_part(
            "head",
            "",
            [
                (self.env._("Meeting"), self.name),
                (self.env._("Committee"), self.committee_id.name),
                (self.env._("Day"), Paper._paper_day(self._day())),
                (
                    self.env._("Opened"),
                    self.opened_on and self._clock(self.opened_on),
                ),
                (
                    self.env._("Adjourned"),
                    self.closed_on and self._clock(self.closed_on),
                ),
                (self.env._("Place"), self.place),
            ],
        )

    def _clock(self, moment):
        """Return the time of day of the association."""
        zone = self.company_id._beneficiary_zone()
        return fields.Datetime.context_timestamp(
            self.with_context(tz=str(zone)), moment
        ).strftime("%H:%M")

    def _minutes_attendance(self):
        Paper = self.env["beneficiary.paper.mixin"]
        return self._minutes_part(
            "attendance",
            self.env._("Attendance"),
            [
                (
                    one.member_id.display_name,
                    Paper._paper_label(one.member_id, "role"),
                    one._presence_words(),
                )
                for one in self.attendance_ids
            ],
            kind="table",
            head=[self.env._("Member"), self.env._("Role"), self.env._("Presence")],
        )

    def _minutes_quorum(self):
        excused = self.attendance_ids.filtered(lambda one: one.presence == "excused")
        rows = [
            self.env._(
                "The quorum is %(needed)s members; %(present)s voted.",
                needed=self.quorum_count,
                present=self.present_count,
            )
            if self.kind == "circulation"
            else self.env._(
                "The quorum is %(needed)s members; %(present)s with a vote were "
                "present.",
                needed=self.quorum_count,
                present=self.present_count,
            )
        ]
        if excused:
            rows.append(
                self.env._(
                    "Apologies were received from: %(names)s.",
                    names=format_list(
                        self.env, excused.member_id.mapped("display_name")
                    ),
                )
            )
        return self._minutes_part(
            "quorum", self.env._("Quorum and Apologies"), rows, kind="text"
        )

    def _minutes_tasks(self, words):
        Paper = self.env["beneficiary.paper.mixin"]
        rows = []
        for task in self.task_ids:
            key = f"task:{task.id}"
            words[key] = task.name
            rows.append(
                [
                    {"word": key},
                    task.user_id.name,
                    task.item_id.display_name or "",
                    Paper._paper_day(task.date_due),
                ]
            )
        return self._minutes_part(
            "tasks",
            self.env._("Actions to Do"),
            rows,
            kind="table",
            head=[
                self.env._("What"),
                self.env._("Who"),
                self.env._("Item"),
                self.env._("Until"),
            ],
        )


class BeneficiaryAgendaItem(models.Model):
    _inherit = "beneficiary.agenda.item"

    def _minutes_title(self, number):
        return self.env._(
            "%(number)s. Request %(request)s",
            number=number,
            request=self.request_id.name,
        )

    def _minutes_section(self, number, words):
        """Return what the minutes say about an item.

        :param int number: place on the agenda
        :param dict words: see ``meeting._minutes_content``
        """
        self.ensure_one()
        meeting = self.meeting_id
        section = meeting._minutes_part(
            f"item_{self.id}",
            self._minutes_title(number),
            [
                (self.env._("Kind of help"), self.aid_type_id.name),
                *self._minutes_kind(),
                (self.env._("Stepped aside"), self._minutes_recused()),
                *self._minutes_conflicts(words),
                *self._minutes_stand_ins(),
                *self._minutes_earlier_votes(),
                *self._minutes_motion(words),
                *self._minutes_votes(),
                (self.env._("Result of the vote"), self.result),
                *self._minutes_postponed(),
                *self._minutes_decisions(words),
            ],
        )
        section["recused"] = self.recused_member_ids.user_id.ids
        section["recused_text"] = self.env._(
            "You stepped aside on this item. Its text is not shown to you."
        )
        return section

    def _minutes_recused(self):
        return format_list(self.env, self.recused_member_ids.mapped("display_name"))

    def _minutes_conflicts(self, words):
        """Return the ties that were looked at and did not keep the member away."""
        rows = []
        # What was decided about them is minuted, whoever closes the meeting.
        for conflict in self.sudo().conflict_ids:
            if conflict.state != "rejected":
                continue
            key = f"{self.id}:conflict:{conflict.id}"
            kinds = dict(conflict._fields["kind"]._description_selection(self.env))
            words[key] = self.env._(
                "%(member)s (%(kind)s): %(reason)s",
                member=conflict.member_id.display_name,
                kind=kinds[conflict.kind],
                reason=conflict.reason or "",
            )
            rows.append([self.env._("No conflict of interest"), {"word": key}])
        return rows

    def _minutes_motion(self, words):
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        rows = [(self.env._("Motion"), outcomes.get(self.outcome))]
        if self.motion:
            words[f"{self.id}:motion"] = self.motion
            rows.append([self.env._("Wording"), {"word": f"{self.id}:motion"}])
        if self.outcome in APPROVALS:
            rows += [
                (
                    self.env._("Amount proposed"),
                    self.amount and self.currency_id.format(self.amount),
                ),
                (self.env._("Fund"), self.fund_id.name),
            ]
        return rows

    def _minutes_votes(self):
        """Return the votes of the last round; names in an open ballot only."""
        votes = self._round_votes()
        if not votes:
            return []
        decision = self.decision_ids.filtered(lambda one: one.round == self.round)
        tally = self._shown_tally(votes)
        rows = []
        for value, label, names in self._names_by_side(votes):
            text = str(decision[f"{value}_count"] if decision else tally[value])
            rows.append((label, f"{text} ({names})" if names else text))
        return rows

    def _names_by_side(self, votes):
        """Return the sides of a vote, with who took them in an open ballot.

        :param votes: ``beneficiary.vote`` of one round
        :return: value, label and names, empty where nobody did or none are told
        :rtype: list[tuple[str, str, str]]
        """
        sides = {
            "yes": self.env._("For"),
            "no": self.env._("Against"),
            "abstain": self.env._("Abstained"),
        }
        named = votes.browse() if self.is_secret else votes
        return [
            (
                value,
                label,
                format_list(
                    self.env,
                    named.filtered(
                        lambda vote, value=value: vote.value == value
                    ).member_id.mapped("display_name"),
                ),
            )
            for value, label in sides.items()
        ]

    def _minutes_decisions(self, words):
        outcomes = dict(
            self.env["beneficiary.decision"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        rows = []
        for decision in self.decision_ids:
            rows += [
                (self.env._("Decision"), decision.name),
                (self.env._("What was decided"), outcomes[decision.outcome]),
                (
                    self.env._("Amount"),
                    decision.amount and decision.currency_id.format(decision.amount),
                ),
                (self.env._("Reason"), decision.reason_id.name),
            ]
            if decision.condition:
                words[f"{self.id}:condition"] = decision.condition
                rows.append([self.env._("Condition"), {"word": f"{self.id}:condition"}])
            if decision.replaces_id:
                rows.append((self.env._("In place of"), decision.replaces_id.name))
        return rows


class BeneficiaryBeneficiary(models.Model):
    _inherit = "beneficiary.beneficiary"

    def _anonymise_minutes(self, items):
        """Cut the person out of the documents, too."""
        result = super()._anonymise_minutes(items)
        said = self._words_naming_person()
        for meeting in items.meeting_id:
            own = items.filtered(lambda item, here=meeting: item.meeting_id == here)
            self.env["beneficiary.minutes"]._anonymise(meeting, own, said)
        return result
