import base64
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AidCommon
from .test_letter import words

PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw"
    b"AAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestMinutes(AidCommon):
    """Minutes write themselves, are signed, sealed and put right by an addendum."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.meeting = cls._open_meeting("chair", "member_a", "member_b")
        cls._mark_excused("researcher_member")
        cls.item = cls._put_on_agenda(
            cls.meeting,
            cls._refer(),
            motion="Help with the operation",
            outcome="approve_condition",
            condition="Bring the bill",
            recused_member_ids=cls.seats["member_b"].ids,
        )

    @classmethod
    def _mark_excused(cls, name):
        own = cls.meeting.attendance_ids.filtered(
            lambda one: one.member_id == cls.seats[name]
        )
        own.presence = "excused"

    def _close(self, quorum=1):
        self.committee.write({"quorum_kind": "number", "quorum_number": quorum})
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="no")
        self.committee.tie_rule = "casting_vote"
        self.item.action_close_vote()
        self.meeting.task_ids = [
            fields.Command.create(
                {
                    "name": "Call the hospital",
                    "user_id": self.researcher.id,
                    "item_id": self.item.id,
                    "date_due": "2030-01-01",
                }
            )
        ]
        self.meeting.remarks = "A remark"
        self.meeting.action_close()
        return self.meeting.minutes_ids

    def _sign_minutes(self, minutes, name, method="drawn", **values):
        values.setdefault("signature", PIXEL if method == "drawn" else False)
        wizard = (
            self.env["beneficiary.minutes.sign"]
            .with_user(getattr(self, name))
            .create({"minutes_id": minutes.id, "method": method, **values})
        )
        wizard.action_sign()
        return wizard

    def _text(self, minutes, user):
        own = minutes.with_user(getattr(self, user))
        own.invalidate_recordset(["body"])
        return words(own.body), words(own._minutes_html())

    # ------------------------------------------------------------------
    # What they say
    # ------------------------------------------------------------------

    def test_each_row_of_an_item_has_a_label_of_its_own(self):
        minutes = self._close()
        [section] = [
            one for one in minutes._shown_sections() if one["key"].startswith("item_")
        ]
        labels = [row[0] for row in section["rows"]]
        self.assertEqual(len(labels), len(set(labels)), labels)

    def _seat_of(self, name):
        return self.meeting.attendance_ids.filtered(
            lambda one: one.member_id == self.seats[name]
        )

    def test_who_left_in_the_middle_was_there_and_signs(self):
        seat = self._seat_of("member_a")
        seat.presence = "absent"
        self.assertFalse(seat.left_on, "Nothing was voted on: a mark taken back.")
        seat.presence = "present"
        self.committee.write({"quorum_kind": "number", "quorum_number": 1})
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="yes")
        seat.with_user(self.secretary).action_toggle_presence()
        self.assertTrue(seat.left_on)
        self.assertIn("left at", seat._presence_words())
        left = seat.left_on
        seat.presence = "excused"
        self.assertEqual(seat.left_on, left)
        never = self._seat_of("researcher_member")
        never.presence = "absent"
        self.assertFalse(never.left_on)
        self.item.action_close_vote()
        self.meeting.action_close()
        minutes = self.meeting.minutes_ids
        self.assertIn(self.seats["member_a"], minutes._missing_signers())
        self.assertNotIn(self.seats["researcher_member"], minutes._missing_signers())
        for text in self._text(minutes, "chair"):
            self.assertIn(self.meeting._clock(left), text)
        self.assertEqual(self.seats["member_a"].attendance_rate, 1)
        self.assertEqual(self.seats["researcher_member"].attendance_rate, 0)

    def test_who_comes_back_did_not_leave(self):
        self.committee.write({"quorum_kind": "number", "quorum_number": 1})
        self.item.action_open_vote()
        seat = self._seat_of("member_a")
        seat.presence = "absent"
        seat.presence = "remote"
        self.assertFalse(seat.left_on)
        for user in (self.secretary, self.chair):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                seat.with_user(user).left_on = fields.Datetime.now()

    def test_a_tie_that_kept_nobody_away_is_minuted(self):
        conflict = self.env["beneficiary.conflict"].create(
            {
                "item_id": self.item.id,
                "member_id": self.seats["member_a"].id,
                "kind": "phone",
                "origin": "registry",
            }
        )
        conflict.with_user(self.secretary)._reject("The number of a shop")
        minutes = self._close()
        for text in self._text(minutes, "chair"):
            self.assertIn("The number of a shop", text)

    def test_minutes_tell_the_whole_meeting(self):
        minutes = self._close()
        decision = self.item.decision_ids
        lang = minutes._paper_lang()
        presence = dict(
            self.env["beneficiary.meeting.attendance"]
            .with_context(lang=lang)
            ._fields["presence"]
            ._description_selection(self.env(context={"lang": lang}))
        )
        for text in self._text(minutes, "chair"):
            for said in (
                self.meeting.name.split("/")[1],
                self.item.request_id.name.split("/")[1],
                self.chair.name,
                self.member_b.name,
                presence["excused"],
                "Help with the operation",
                "Bring the bill",
                "2,000.00",
                decision.name.split("/")[1],
                "Call the hospital",
                "2030/01/01",
                "A remark",
                f"({self.chair.name})",
            ):
                self.assertIn(re.sub(r"\s", "", said), re.sub(r"\s", "", text))

    def test_figures_are_those_of_the_votes(self):
        minutes = self._close()
        [section] = [
            one
            for one in minutes.sudo().content["sections"]
            if one["key"] == f"item_{self.item.id}"
        ]
        figures = [
            row[1].split(" ")[0]
            for row in section["rows"]
            if isinstance(row[1], str) and re.fullmatch(r"\d+( \(.*\))?", row[1])
        ]
        votes = self.item.sudo().vote_ids.mapped("value")
        self.assertEqual(
            figures, [str(votes.count(value)) for value in ("yes", "no", "abstain")]
        )

    def test_recused_member_reads_that_the_item_was_there(self):
        minutes = self._close()
        for text in self._text(minutes, "member_b"):
            flat = re.sub(r"\s", "", text)
            self.assertIn(self.item.request_id.name.split("/")[1], flat)
            for hidden in ("Helpwiththeoperation", "Bringthebill", "2,000.00"):
                self.assertNotIn(hidden, flat)
        own = self.meeting.with_user(self.member_b)
        for record, field in (
            (own, "minutes"),
            (minutes.with_user(self.member_b), "content"),
            (minutes.with_user(self.member_b), "words"),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                record.read([field])
        for text in self._text(minutes, "member_a"):
            self.assertIn("Bringthebill", re.sub(r"\s", "", text))

    def test_task_comes_to_whoever_has_it_to_do(self):
        self._close()
        todo = self.meeting.sudo().activity_ids.filtered(
            lambda one: one.summary == "Call the hospital"
        )
        self.assertEqual(todo.user_id, self.researcher)
        with self.assertRaisesRegex(UserError, "is over"):
            self.meeting.task_ids.name = "Something else"

    def test_pdf_is_made(self):
        minutes = self._close()
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.chair)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("beneficiary_aid.report_minutes", minutes.ids)
        )
        self.assertTrue(content.startswith(b"%PDF"))

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def test_all_present_sign_and_the_file_is_kept(self):
        minutes = self._close()
        self.assertEqual(
            minutes.signer_ids,
            self.seats["chair"] | self.seats["member_a"] | self.seats["member_b"],
        )
        self._sign_minutes(minutes, "chair")
        with self.assertRaisesRegex(AccessError, "signed already"):
            self._sign_minutes(minutes, "chair")
        self.assertEqual(minutes.state, "to_sign")
        self._sign_minutes(
            minutes, "member_a", "paper", scan=base64.b64encode(b"%PDF-1.4")
        )
        self._sign_minutes(minutes, "member_b")
        self.assertEqual((minutes.state, self.meeting.minutes_state), ("signed",) * 2)
        kept = minutes.sudo().file_ids
        self.assertTrue(base64.b64decode(kept.file).startswith(b"%PDF"))
        with self.assertRaises(AccessError):
            kept.with_user(self.member_b).read(["file"])
        self.assertFalse(self.env["beneficiary.seal"]._broken(self.company))

    def test_file_is_kept_the_next_night_where_the_program_failed(self):
        minutes = self._close()
        Minutes = type(minutes)
        broken = UserError("wkhtmltopdf failed")
        with (
            patch.object(Minutes, "_keep_file", side_effect=broken),
            mute_logger("odoo.addons.beneficiary_aid.models.beneficiary_minutes"),
        ):
            for name in ("chair", "member_a", "member_b"):
                self._sign_minutes(minutes, name)
        self.assertEqual(len(minutes.signature_ids), 3)
        self.assertFalse(minutes.sudo().file_ids)
        cron = self.env.ref("beneficiary_aid.ir_cron_keep_minutes")
        for _night in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(len(minutes.sudo().file_ids), 1)
        self.assertFalse(self.env["beneficiary.seal"]._broken(self.company))

    def test_chair_and_secretary_sign_where_the_rules_say_so(self):
        self.committee.minutes_signers = "chair_secretary"
        minutes = self._close()
        self.assertEqual(
            minutes.signer_ids, self.seats["chair"] | self.seats["secretary"]
        )

    def test_nobody_signs_for_another(self):
        minutes = self._close()
        for user in (self.secretary, self.researcher_member):
            with self.assertRaises(AccessError):
                minutes.with_user(user).action_sign()
        for user in (self.officer, self.employee, self.clerk):
            with self.assertRaises(AccessError):
                minutes.with_user(user).action_sign()
        with self.assertRaises(UserError):
            self._sign_minutes(minutes, "chair", signature=False)
        with self.assertRaisesRegex(UserError, "own dialog"):
            self.env["beneficiary.minutes.signature"].with_user(self.chair).create(
                {"minutes_id": minutes.id, "member_id": self.seats["member_a"].id}
            )

    def test_code_is_good_once_and_for_a_while(self):
        minutes = self._close()
        Wizard = self.env["beneficiary.minutes.sign"].with_user(self.chair)
        wizard = Wizard.create({"minutes_id": minutes.id, "method": "code"})
        with self.assertRaisesRegex(UserError, "no phone number"):
            wizard.action_send_code()
        self.chair.partner_id.phone = "+966500000001"
        wizard.action_send_code()
        message = self.env["beneficiary.message"].search([], limit=1)
        self.assertEqual((message.kind, message.state), ("code", "sent"))
        code = re.search(r"\d{6}", message.body).group()
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        wizard.code = wrong
        self.assertEqual(wizard.action_sign()["res_id"], wizard.id)
        self.assertIn("not right", wizard.message)
        self.assertEqual(wizard.sudo().tries, 1)
        wizard.sudo().code_until = fields.Datetime.now() - timedelta(minutes=1)
        wizard.code = code
        wizard.action_sign()
        self.assertFalse(minutes.signature_ids)
        wizard.sudo().code_until = fields.Datetime.now() + timedelta(minutes=1)
        wizard.action_sign()
        self.assertEqual(minutes.signature_ids.method, "code")
        with self.assertRaises(AccessError):
            wizard.read(["code_digest"])

    def test_code_is_tried_a_few_times_only(self):
        minutes = self._close()
        self.chair.partner_id.phone = "+966500000001"
        wizard = (
            self.env["beneficiary.minutes.sign"]
            .with_user(self.chair)
            .create({"minutes_id": minutes.id, "method": "code"})
        )
        wizard.action_send_code()
        body = self.env["beneficiary.message"].search([], limit=1).body
        code = re.search(r"\d{6}", body).group()
        wizard.code = f"{(int(code) + 1) % 10**6:06d}"
        for _number in range(5):
            wizard.action_sign()
        wizard.code = code
        wizard.action_sign()
        self.assertFalse(minutes.signature_ids)
        for values in ({"tries": 0}, {"is_code_sent": False}):
            with self.assertRaises(UserError):
                wizard.write(values)
        # New codes, also in another dialog, are no way around the limit.
        another = wizard.create({"minutes_id": minutes.id, "method": "code"})
        for dialog in (another, wizard):
            dialog.action_send_code()
        with self.assertRaisesRegex(UserError, "Enough codes"):
            another.action_send_code()
        with self.assertRaisesRegex(UserError, "Enough codes"):
            wizard.action_send_code()

    def test_late_signers_are_reminded_once(self):
        minutes = self._close()
        self._sign_minutes(minutes, "chair")
        self.meeting.sudo().minutes_sign_due = fields.Date.today() - timedelta(days=2)
        cron = self.env.ref("beneficiary_aid.ir_cron_remind_signers")
        for _night in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        kind = self.env.ref("beneficiary_aid.mail_activity_type_sign_minutes")
        asked = self.meeting.sudo().activity_ids.filtered(
            lambda one: one.activity_type_id == kind
        )
        self.assertEqual(
            sorted(asked.user_id.ids), sorted((self.member_a | self.member_b).ids)
        )
        self.assertEqual(len(asked), 2)
        self._sign_minutes(minutes, "member_a")
        asked = asked.exists().filtered("active")
        self.assertEqual(asked.user_id, self.member_b)

    # ------------------------------------------------------------------
    # Written once
    # ------------------------------------------------------------------

    def test_minutes_are_put_right_by_an_addendum(self):
        minutes = self._close()
        for name in ("chair", "member_a", "member_b"):
            self._sign_minutes(minutes, name)
        Wizard = self.env["beneficiary.minutes.addendum"]
        with self.assertRaises(AccessError):
            Wizard.with_user(self.member_a).create(
                {"meeting_id": self.meeting.id, "text": "Wrong"}
            )
        Wizard.with_user(self.secretary).create(
            {"meeting_id": self.meeting.id, "text": "The place was another"}
        ).action_add()
        addendum = self.meeting.minutes_ids - minutes
        self.assertEqual(addendum.name, f"{minutes.name}/1")
        self.assertEqual(addendum.signer_ids, minutes.signer_ids)
        self.assertEqual(self.meeting.minutes_state, "to_sign")
        self.assertIn("The place was another", self._text(addendum, "chair")[0])
        self.assertEqual(minutes.state, "signed")

    def test_minutes_never_change_by_whatever_way(self):
        minutes = self._close()
        self._sign_minutes(minutes, "chair")
        for record in (minutes, minutes.signature_ids, minutes.sudo().signature_ids):
            with (
                self.subTest(record=record),
                self.assertRaises(UserError),
            ):
                record.sudo().write({"create_date": "2020-01-01"})
            with (
                self.subTest(record=record),
                self.assertRaises(UserError),
            ):
                record.sudo().unlink()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Tamper",
                "model_id": self.env["ir.model"]._get("beneficiary.minutes").id,
                "state": "code",
                "code": "record.write({'name': 'X'})",
            }
        )
        with self.assertRaisesRegex(UserError, "stay as they were"):
            action.with_context(
                active_model="beneficiary.minutes", active_id=minutes.id
            ).run()
        for table in (
            "beneficiary_minutes",
            "beneficiary_minutes_signature",
            "beneficiary_seal",
            "beneficiary_vote",
            "beneficiary_decision",
        ):
            for statement in (
                f"UPDATE {table} SET create_date = now()",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with (
                    self.subTest(statement=statement),
                    mute_logger("odoo.sql_db"),
                    self.assertRaisesRegex(Exception, "written once"),
                    self.cr.savepoint(),
                ):
                    self.cr.execute(statement)

    def test_another_association_sees_none(self):
        minutes = self._close()
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_secretary", other
        )
        found = (
            self.env["beneficiary.minutes"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([])
        )
        self.assertNotIn(minutes, found)

    def test_who_reads_minutes(self):
        minutes = self._close()
        allowed = {"chair", "secretary", "aid_manager", "manager", "auditor"}
        for name in allowed | {
            "officer",
            "researcher",
            "clerk",
            "releaser",
            "employee",
        }:
            with self.subTest(user=name):
                own = minutes.with_user(getattr(self, name))
                self.assertEqual(own.has_access("read"), name in allowed)
                self.assertFalse(own.has_access("write"))
