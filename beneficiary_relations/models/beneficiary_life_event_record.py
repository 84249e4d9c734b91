from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_household_membership import CHANGE, Change

# What a life event may change on a person's file, and a counter-event puts back.
_CHANGED = ("household_id", "relationship", "marital_status", "state")


class BeneficiaryLifeEvent(models.Model):
    """Recording a life event: what is checked, what is changed, how it is undone."""

    _inherit = "beneficiary.life.event"

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_can_record(self):
        """Refuse an event that is incomplete or contradicts what is known.

        :raise UserError: naming what is missing and the remedy
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "The life event %(name)s was recorded already.",
                    name=self.display_name,
                )
            )
        self._check_date()
        (self.household_id | self.to_household_id).check_access("write")
        if self.reverses_id:
            self._check_can_reverse()
            return
        lives_alone = self.kind == "death" and not self.beneficiary_id.household_id
        if not self.household_id and not lives_alone:
            raise UserError(self.env._("Choose the household it happened in first."))
        if self.kind == "birth" and not self.beneficiary_id:
            self._check_child()
        else:
            self._check_person()
        self._check_relationship()
        self._check_new_head()
        self._check_new_holder()

    def _check_child(self):
        """Search before a file is opened for the child."""
        if not self.child_name or not self.child_gender:
            raise UserError(
                self.env._(
                    "Enter the full name of the child, and whether it is a boy or a "
                    "girl, or choose the child's file."
                )
            )
        is_doubled = any(
            "number" in reasons for reasons in self._child_matches().values()
        )
        if is_doubled or (self.child_matches_note and not self.is_new_person):
            raise UserError(
                self.env._(
                    "There are files that may be this child: %(files)s. Choose the "
                    "file as the person, or say that none of them is the child.",
                    files=self.child_matches_note,
                )
            )

    def _check_person(self):
        person = self.beneficiary_id
        if not person:
            raise UserError(self.env._("Choose the person it happened to first."))
        person.check_access("write")
        if person.death_date or person.merged_into_id:
            raise UserError(
                self.env._(
                    "%(name)s cannot have a life event: the file belongs to a person "
                    "who died, or was merged into another one.",
                    name=person.display_name,
                )
            )
        self._check_membership()
        self.env["beneficiary.household.membership"]._check_later(
            person | self.new_head_id, self.date
        )
        if self.kind == "birth" and person.birth_date not in (False, self.date):
            raise UserError(
                self.env._(
                    "%(name)s was born on another day, as the file says. Correct the "
                    "birth date there or the day of this event.",
                    name=person.display_name,
                )
            )

    def _check_membership(self):
        """The person lives where the event says, and in one household only."""
        person, household = self.beneficiary_id, self.household_id
        if self.kind in ("move_out", "new_head") or (
            self.kind == "death" and household
        ):
            if person.household_id != household:
                raise UserError(
                    self.env._(
                        "%(name)s is no member of the household %(code)s. Choose a "
                        "member, or the right household.",
                        name=person.display_name,
                        code=household.code,
                    )
                )
        elif self._is_arriving() and person.household_id == household:
            raise UserError(
                self.env._(
                    "%(name)s is a member of the household %(code)s already.",
                    name=person.display_name,
                    code=household.code,
                )
            )
        elif self.kind == "birth" and person.household_id:
            raise UserError(
                self.env._(
                    "%(name)s is a member of the household %(code)s already. A person "
                    "belongs to one household: record a move instead.",
                    name=person.display_name,
                    code=person.household_id.code,
                )
            )
        if self.to_household_id and self.to_household_id == household:
            raise UserError(
                self.env._(
                    "%(name)s cannot move to the household he leaves. Choose another, "
                    "or none.",
                    name=person.display_name,
                )
            )

    def _check_relationship(self):
        joined = self._household_joined()
        if not joined or self._opens_household():
            return
        if not self.relationship:
            raise UserError(
                self.env._(
                    "Say what the person is to the head of the household %(code)s.",
                    code=joined.code,
                )
            )
        if self.relationship == "head" and joined.head_id:
            raise UserError(
                self.env._(
                    "The household %(code)s has a head already. Choose another "
                    "relationship, or record a new head.",
                    code=joined.code,
                )
            )

    def _check_new_head(self):
        person, head = self.beneficiary_id, self.new_head_id
        if self.kind == "new_head" and person.relationship == "head":
            raise UserError(
                self.env._(
                    "%(name)s heads the household already.", name=person.display_name
                )
            )
        if not self._lacks_head():
            return
        left = self._household_left()
        if not head:
            raise UserError(
                self.env._(
                    "%(name)s heads the household %(code)s. Name the new head in this "
                    "event.",
                    name=person.display_name,
                    code=left.code,
                )
            )
        if head.household_id != left or head == person or head.death_date:
            raise UserError(
                self.env._(
                    "%(name)s cannot head the household %(code)s: the new head is "
                    "another member of it.",
                    name=head.display_name,
                    code=left.code,
                )
            )

    def _check_new_holder(self):
        ceded_sudo = self._mandates_ceded_sudo()
        if not ceded_sudo:
            return
        holder = self.new_holder_id
        if not holder:
            raise UserError(
                self.env._(
                    "Somebody acts and receives under a mandate here (%(count)s). Name "
                    "who does from now on; it may stay the same person where that "
                    "person is alive.",
                    count=len(ceded_sudo),
                )
            )
        # Only whether the person is alive is asked.
        died = holder.sudo().beneficiary_ids.filtered("death_date")
        if died or (self.kind == "death" and holder == self.beneficiary_id.partner_id):
            raise UserError(
                self.env._(
                    "%(name)s cannot act for others any more. Name somebody else.",
                    name=holder.name,
                )
            )

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def _record(self):
        """Make the changes in one transaction, and keep what they were."""
        self.ensure_one()
        # The person and the households were checked under the user's own rights. The
        # event reaches further: relationships of all members, mandates, the state.
        event = self.sudo()
        day = event.reverses_id.date or event.date
        event = event.with_context(**{CHANGE: Change(day, event.id)})
        if event.kind == "birth" and not event.beneficiary_id:
            event._open_child()
        concerned = event._concerned()
        before = event._snapshot(concerned)
        if event.reverses_id:
            event._reverse()
        else:
            event._apply()
        concerned.flush_recordset()
        event._keep_changes(before)
        event.write(
            {
                "state": "done",
                "done_by_id": self.env.uid,
                "done_on": fields.Datetime.now(),
            }
        )
        event._tell_households()

    def _concerned(self):
        """Return everybody whose file the event may change."""
        lines = self.reverses_id.line_ids
        households = (
            self.household_id
            | self.to_household_id
            | self.beneficiary_id.household_id
            | lines.old_household_id
            | lines.new_household_id
        )
        return households.member_ids | self.beneficiary_id | lines.beneficiary_id

    def _apply(self):
        """Change what the event is about; each kind knows its part."""
        person = self.beneficiary_id
        mandates_sudo = self._mandates_ceded_sudo()
        left, joined = self._household_left(), self._household_joined()
        lacks_head = self._lacks_head()
        self._apply_marital_status(left, joined)
        if self.kind == "birth" and not person.birth_date:
            person.write({"birth_date": self.date})
        if self.kind == "new_head":
            self.household_id._set_head(person)
        elif self._opens_household():
            joined = self._open_household(left)
            self._move(joined, "head")
        else:
            self._move(joined, self.relationship if joined else False)
        if lacks_head:
            left._set_head(self.new_head_id)
        if self.kind == "death":
            self._apply_death()
        self._pass_on(mandates_sudo)

    def _move(self, household, relationship):
        self.beneficiary_id.write(
            {"household_id": household.id, "relationship": relationship}
        )
        # The next head of the household left must find the place free.
        self.beneficiary_id.flush_recordset(["household_id", "relationship"])

    def _apply_marital_status(self, left, joined):
        """Marriage, divorce and death change the status of both partners.

        Of several wives the registry does not know which one is meant by a divorce
        of their husband: then only his own status changes.
        """
        person = self.beneficiary_id
        partners = person.browse()
        if self.kind in ("divorce", "death"):
            spouses = left.member_ids.filtered(lambda one: one.relationship == "spouse")
            if person.relationship == "head":
                if self.kind == "death" or len(spouses) == 1:
                    partners = spouses
            elif person in spouses and len(spouses) == 1:
                partners = left.head_id
        if self.kind == "marriage":
            if self._is_arriving() and self.relationship == "spouse":
                partners = joined.head_id
            (person | partners).write({"marital_status": "married"})
        elif self.kind == "divorce":
            (person | partners).write({"marital_status": "divorced"})
        elif self.kind == "death":
            partners.write({"marital_status": "widowed"})

    def _apply_death(self):
        person = self.beneficiary_id
        person.write({"death_date": self.date})
        if person.state != "closed":
            person._change_state(
                "closed", self.env.ref("beneficiary_relations.state_reason_death")
            )
        mandates = self.env["beneficiary.mandate"].search(
            [
                ("state", "!=", "ended"),
                "|",
                ("beneficiary_id", "=", person.id),
                ("holder_id", "=", person.partner_id.id),
            ]
        )
        self._end_mandates(mandates)

    def _pass_on(self, mandates_sudo):
        """End mandates whose holder changes, and prepare those of the new holder."""
        holder = self.new_holder_id
        ceded = mandates_sudo.filtered(lambda one: one.holder_id != holder)
        self._end_mandates(ceded)
        known = self.env["beneficiary.mandate"].search(
            [
                ("holder_id", "=", holder.id),
                ("beneficiary_id", "in", ceded.beneficiary_id.ids),
                ("state", "!=", "ended"),
            ]
        )
        drafts = self.env["beneficiary.mandate"].create(
            [
                {
                    "beneficiary_id": mandate.beneficiary_id.id,
                    "holder_id": holder.id,
                    "kind": "agent" if mandate.kind != "guardian" else "guardian",
                    "date_start": self.date,
                    "can_view": mandate.can_view,
                    "can_apply": mandate.can_apply,
                    "can_sign": mandate.can_sign,
                    "can_receive": mandate.can_receive,
                }
                for mandate in ceded
                if mandate.beneficiary_id not in known.beneficiary_id
                and mandate.beneficiary_id.partner_id != holder
            ]
        )
        for draft in drafts:
            draft.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Add the paper and activate the mandate"),
                user_id=self.env.uid,
            )

    def _end_mandates(self, mandates):
        running = mandates.filtered(lambda one: one.state != "ended")
        running._end(self.env._("Ended by a life event"))
        self.ended_mandates += len(running)

    def _open_child(self):
        """Open the file of the child, under the user's own right to open files."""
        File = self.env["beneficiary.beneficiary"].sudo(False)
        child = File.create(
            {
                "name": self.child_name,
                "gender": self.child_gender,
                "identity_number": self.child_identity_number,
                "birth_date": self.date,
                "company_id": self.company_id.id,
                "branch_id": self.household_id.branch_id.id,
                "area_id": self.household_id.area_id.id,
            }
        )
        self.write({"beneficiary_id": child.id, "relationship": self.relationship})

    def _open_household(self, left):
        household = self.env["beneficiary.household"].create(
            {
                "company_id": self.company_id.id,
                "branch_id": self.beneficiary_id.branch_id.id or left.branch_id.id,
                "area_id": left.area_id.id,
                "registered_on": self.date,
            }
        )
        self.write({"to_household_id": household.id})
        return household

    # ------------------------------------------------------------------
    # Taking back
    # ------------------------------------------------------------------

    def _check_can_reverse(self):
        """Refuse to take back what later changes stand on."""
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        self.reverses_id._check_is_recorded()
        if not self.note:
            raise UserError(
                self.env._("Write in the note why the life event is taken back first.")
            )
        # Nobody's values are shown: only that they changed since.
        lines_sudo = self.sudo().reverses_id.line_ids
        moved_since = self._moved_since(lines_sudo)
        for line in lines_sudo:
            file = line.beneficiary_id
            if file in moved_since or any(
                file[name] != line[f"new_{name}"] for name in _CHANGED
            ):
                raise UserError(
                    self.env._(
                        "%(name)s has changed since. Take the later change back first.",
                        name=file.display_name,
                    )
                )

    def _moved_since(self, lines_sudo):
        """Return whose membership of today is not the one the event left."""
        moved = lines_sudo.filtered(
            lambda line: (
                line.old_household_id != line.new_household_id
                or line.old_relationship != line.new_relationship
            )
        )
        rows_sudo = self.env["beneficiary.household.membership"].sudo()
        return rows_sudo.search(
            [
                ("beneficiary_id", "in", moved.beneficiary_id.ids),
                ("date_to", "=", False),
                ("event_id", "!=", self.reverses_id.id),
            ]
        ).beneficiary_id

    def _reverse(self):
        event = self.reverses_id
        # The old head comes back last: the database refuses two at any moment.
        lines = event.line_ids.sorted(lambda line: line.old_relationship == "head")
        for line in lines:
            file = line.beneficiary_id
            if event.kind == "death" and file == event.beneficiary_id:
                file.write({"death_date": False})
            file.write(
                {
                    "household_id": line.old_household_id.id,
                    "relationship": line.old_relationship,
                    "marital_status": line.old_marital_status,
                }
            )
            file.flush_recordset(["household_id", "relationship"])
            if line.old_state != line.new_state:
                file._restore_state(
                    {
                        "state": line.old_state,
                        "state_reason_id": line.old_state_reason_id.id,
                        "state_note": line.old_state_note,
                    }
                )
        opened = event.to_household_id
        if event.is_new_household and not opened.member_ids and not opened.line_ids:
            opened.write({"active": False})
        if event.ended_mandates:
            event.beneficiary_id.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Write the ended mandates anew"),
                user_id=self.env.uid,
            )
        event.write({"state": "undone"})

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _snapshot(self, files):
        return {
            file.id: {
                **{name: file[name] for name in _CHANGED},
                "state_reason_id": file.state_reason_id,
                "state_note": file.state_note,
            }
            for file in files
        }

    def _keep_changes(self, before):
        """Write a line for each person whose file is not as it was."""
        files = self.env["beneficiary.beneficiary"].browse(before)
        rows = []
        for file in files:
            old = before[file.id]
            if all(old[name] == file[name] for name in _CHANGED):
                continue
            rows.append(
                {
                    "event_id": self.id,
                    "beneficiary_id": file.id,
                    "old_household_id": old["household_id"].id,
                    "new_household_id": file.household_id.id,
                    "old_relationship": old["relationship"],
                    "new_relationship": file.relationship,
                    "old_marital_status": old["marital_status"],
                    "new_marital_status": file.marital_status,
                    "old_state": old["state"],
                    "new_state": file.state,
                    "old_state_reason_id": old["state_reason_id"].id,
                    "old_state_note": old["state_note"],
                }
            )
        self.env["beneficiary.life.event.line"].create(rows)

    def _tell_households(self):
        """Leave a line in neutral words on each household concerned."""
        lines = self.line_ids
        households = self.household_id | lines.old_household_id | lines.new_household_id
        text = (
            self.env._("The life event of %(date)s was taken back.", date=self.date)
            if self.reverses_id
            else self.env._("A life event of %(date)s was recorded.", date=self.date)
        )
        for household in households:
            household._message_log(body=text)
