import base64

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from .batch_common import BatchCommon
from .common_portal import AidPortalCommon
from .test_sponsorship import SponsorshipCommon


@tagged("post_install", "-at_install")
class TestReceipt(BatchCommon):
    """What was paid is shown to have arrived, or a complaint says that it did not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(10000)
        cls.request = cls._approve(300)
        cls._give_accounts(cls.beneficiary)
        cls.payment = cls._disburse(cls.request, 100)
        cls._release(cls.payment)

    def _confirm(self, payment=None, user=None, **values):
        payment = (payment or self.payment).with_user(user or self.officer)
        action = payment.action_confirm_receipt()
        wizard = (
            self.env["beneficiary.receipt.confirm"]
            .with_user(user or self.officer)
            .with_context(**action["context"])
            .create({"taker_name": "Himself", **values})
        )
        return wizard, wizard.action_confirm()

    def _report(self, payment=None):
        self._confirm(payment, result="not_received", note="Nothing came")
        return (payment or self.payment).receipt_ids.interaction_id

    # === Showing it === #

    def test_signature(self):
        with self.assertRefused("sign"):
            self._confirm()
        self._confirm(signature=base64.b64encode(make_png()))
        self.assertEqual(self.payment.receipt_state, "received")
        self.assertEqual(self.payment.receipt_ids.user_id, self.officer)
        with self.assertRefused("confirmed already"):
            self._confirm(signature=base64.b64encode(make_png()))

    def test_photo(self):
        with self.assertRefused("photo"):
            self._confirm(method="photo")
        self._confirm(method="photo", photo=base64.b64encode(make_png()))
        self.assertTrue(self.payment.receipt_ids.photo)

    def test_who_took_it(self):
        with self.assertRefused("who took"):
            self._confirm(taker_name=False)

    def test_code_is_good_once(self):
        self.beneficiary.phone = "+966501234567"
        action = self.payment.with_user(self.officer).action_confirm_receipt()
        wizard = (
            self.env["beneficiary.receipt.confirm"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"taker_name": "Himself"})
        )
        wizard.action_send_code()
        message = self.env["beneficiary.message"].search(
            [("partner_id", "=", self.beneficiary.partner_id.id)], limit=1
        )
        code = "".join(char for char in message.body if char.isdigit())[:6]
        wizard.code = "000000" if code != "000000" else "000001"
        wizard.action_confirm()
        self.assertIn("not right", wizard.message)
        self.assertEqual(self.payment.receipt_state, "none")
        wizard.code = code
        wizard.action_confirm()
        self.assertEqual(self.payment.receipt_ids.method, "code")
        self.assertFalse(wizard.sudo().code_digest)

    def test_code_ends_after_five_tries(self):
        self.beneficiary.phone = "+966501234567"
        wizard = (
            self.env["beneficiary.receipt.confirm"]
            .with_user(self.officer)
            .create({"disbursement_id": self.payment.id, "taker_name": "Himself"})
        )
        wizard.action_send_code()
        message = self.env["beneficiary.message"].search([], limit=1, order="id desc")
        code = "".join(char for char in message.body if char.isdigit())[:6]
        wizard.code = "000000" if code != "000000" else "000001"
        for _try in range(5):
            wizard.action_confirm()
        wizard.code = code
        wizard.action_confirm()
        self.assertEqual(self.payment.receipt_state, "none")

    def test_code_is_not_typed_in(self):
        wizard = (
            self.env["beneficiary.receipt.confirm"]
            .with_user(self.officer)
            .create({"disbursement_id": self.payment.id, "code_digest": "x"})
        )
        self.assertFalse(wizard.sudo().code_digest)
        for values in ({"is_code_sent": True}, {"disbursement_id": False}):
            with self.assertRaises(UserError):
                wizard.write(values)

    def test_nothing_before_it_is_paid(self):
        due = self._disburse(self.request, 100)
        with self.assertRefused(due.name):
            self._confirm(due)

    def test_written_once(self):
        self._confirm(signature=base64.b64encode(make_png()))
        receipt = self.payment.receipt_ids.with_env(self.env)
        with self.assertRaises(AccessError):
            receipt.with_user(self.officer).write({"result": "not_received"})
        with self.assertRaises(UserError):
            receipt.unlink()
        values = {
            "disbursement_id": self.payment.id,
            "request_id": self.request.id,
            "result": "received",
            "method": "portal",
            "user_id": self.env.uid,
        }
        with self.assertRaises(AccessError):
            receipt.with_user(self.officer).create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            receipt.create(values)

    def test_roles(self):
        for user in (self.clerk, self.releaser, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._confirm(user=user, signature=base64.b64encode(make_png()))

    # === Not received === #

    def test_complaint_and_only_the_next_one_waits(self):
        second = self._disburse(self.request, 100)
        third = self._disburse(self.request, 100)
        other = self._disburse(self._approve(50), 50)
        complaint = self._report()
        self.assertEqual(complaint.kind, "complaint")
        self.assertEqual(self.payment.receipt_ids.method, "told")
        self.assertIn(self.payment.name, complaint.subject)
        self.assertNotIn(self.aid_type.name, complaint.subject)
        held = second | third | other
        held.invalidate_recordset(["is_held"])
        self.assertEqual(held.filtered("is_held"), second)
        self.assertEqual(
            held.search([("is_held", "=", True), ("id", "in", held.ids)]), second
        )
        self.assertNotIn(
            second, held.search([("is_held", "=", False), ("id", "in", held.ids)])
        )
        with self.assertRefused(second.name, "complaint"):
            self._release(second)
        self._release(third)
        complaint.sudo().write({"answer": "The bank found it", "state": "closed"})
        self._release(second)
        self.assertState(second, "sent")

    def test_batch_leaves_it_out(self):
        second = self._disburse(self.request, 100)
        third = self._disburse(self.request, 100)
        self._report()
        self.assertEqual(self._gather().line_ids.disbursement_id, third)
        with self.assertRefused(second.name):
            self._gather(second).action_prepare()

    def test_second_report_opens_no_second_complaint(self):
        self._report()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._report()

    def test_what_came_late_was_received(self):
        self._report()
        self._confirm(signature=base64.b64encode(make_png()))
        self.assertEqual(self.payment.receipt_state, "received")

    # === Evidence that closes a request === #

    def _given(self):
        """The request, its help given and nothing shown of it yet."""
        request = self.request.with_user(self.officer)
        self.request.sudo().write(
            {"stage_id": self._get_stage("follow_up").id, "outcome": "served"}
        )
        self._get_stage("closed")
        return request

    def test_proof_of_receipt_closes_the_request(self):
        request = self._given()
        with self.assertRefused("nothing shows"):
            request.action_close()
        self.assertIn("Proof of receipt", request.missing_note)
        self._confirm(signature=base64.b64encode(make_png()))
        request.invalidate_recordset(["missing_note"])
        self.assertNotIn("Proof of receipt", request.missing_note or "")
        request.action_close()
        self.assertEqual(request.status, "closed")

    def test_open_complaint_keeps_the_request_open(self):
        request = self._given()
        complaint = self._report()
        request.sudo().write(
            {
                "receipt": base64.b64encode(make_png()),
                "receipt_filename": "receipt.png",
            }
        )
        with self.assertRefused(self.payment.name, "complaint"):
            request.action_close()
        complaint.sudo().write({"answer": "The bank found it", "state": "closed"})
        request.action_close()
        self.assertEqual(request.status, "closed")

    def test_what_did_not_arrive_is_no_evidence(self):
        request = self._given()
        second = self._disburse(self.request, 100)
        self._release(second)
        self._confirm(second, signature=base64.b64encode(make_png()))
        self._report().sudo().write({"answer": "Not found", "state": "closed"})
        with self.assertRefused("nothing shows"):
            request.action_close()

    # === Call-backs === #

    def _draw(self, share):
        self.company.beneficiary_callback_share = share
        self._match(
            self._bank_line(-100),
            self.payment.move_line_id.matched_debit_ids.debit_move_id.payment_id._seek_for_lines()[
                0
            ],
        )
        self.assertState(self.payment, "paid")
        job = self.env.ref("beneficiary_aid.ir_cron_receipt_draw")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        return self.payment.sudo().call_ids.with_env(self.env)

    def test_all_are_drawn_once(self):
        call = self._draw(100)
        self.assertEqual((len(call), call.state), (1, "to_call"))
        self.assertEqual(self._draw_again(), call)

    def _draw_again(self):
        with self.enter_registry_test_mode():
            self.env.ref("beneficiary_aid.ir_cron_receipt_draw").method_direct_trigger()
        return self.payment.sudo().call_ids.with_env(self.env)

    def test_nobody_is_drawn_at_none(self):
        self.assertFalse(self._draw(0))
        self.assertFalse(self.payment.sampled_on)

    def test_share_is_a_share(self):
        self.company.beneficiary_callback_share = 30
        payments = self._create_due(60)
        drawn = payments.sudo()._draw()
        # Outside these bounds once in some millions of runs.
        self.assertTrue(2 <= len(drawn) <= 40, len(drawn))

    def test_outcome_of_a_call(self):
        call = self._draw(100).with_user(self.officer)
        with self.assertRefused("what came of"):
            call.action_done()
        with self.assertRaises(UserError):
            call.state = "done"
        call.write({"outcome": "not_received", "note": "Nothing came"})
        call.action_done()
        self.assertEqual(self.payment.receipt_state, "not_received")
        self.assertTrue(self.payment.receipt_ids.interaction_id)
        with self.assertRefused("done already"):
            call.action_done()
        with self.assertRefused("stays"):
            call.outcome = "received"

    def test_nobody_reached_says_nothing(self):
        call = self._draw(100).with_user(self.officer)
        call.outcome = "not_reached"
        call.action_done()
        self.assertFalse(self.payment.receipt_ids)

    def test_finance_does_not_call(self):
        call = self._draw(100)
        for user in (self.clerk, self.releaser, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                call.with_user(user).write({"outcome": "received"})

    def test_other_company(self):
        call = self._draw(100)
        company = self._create_association("Other")
        stranger = self._create_user("stranger", "relations_officer", company)
        for record in (call, self.payment.sudo().receipt_ids, self.payment):
            found = record.with_user(stranger).with_context(
                allowed_company_ids=company.ids
            )
            self.assertFalse(found.search([("id", "in", record.ids)]))


@tagged("post_install", "-at_install")
class TestHeldInstalment(SponsorshipCommon):
    def test_run_makes_it_and_lets_it_wait(self):
        plan = self._create_plan()
        self._sign(self._prepared(self._run().batch_id))
        paid = plan.disbursement_ids.sorted("period_date")[1]
        paid.with_user(self.officer)._record_receipt("not_received", "call")
        run = self._run("2026-05-10")
        april, may = plan.disbursement_ids.sorted("period_date")[2:]
        self.assertEqual(run.batch_id.line_ids.disbursement_id, may)
        self.assertEqual((april.is_held, april.state), (True, "draft"))
        self.assertIn("waits", plan.problem)

    def _prepared(self, batch):
        batch.action_prepare()
        return batch


@tagged("-at_install", "post_install")
class TestPortalReceipts(AidPortalCommon, BatchCommon):
    """A person tells on a phone whether it arrived; nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(1000)
        payments = []
        for person in (cls.own, cls.foreign):
            request = cls._approve(100, request=cls._create_request_of(person))
            payments.append(cls._disburse(request, 100))
        cls.payment, cls.other_payment = payments
        for payment in payments:
            cls._release(payment)

    @classmethod
    def _create_request_of(cls, person):
        return cls.env["beneficiary.aid.request"].create(
            {
                "company_id": cls.company.id,
                "beneficiary_id": person.id,
                "aid_type_id": cls.aid_type.id,
                "stage_id": cls._get_stage("decision").id,
            }
        )

    def _tell(self, payment, answer, **data):
        self.url_open("/my/receipts")
        return self.url_open(
            f"/my/receipts/{payment.id}",
            data={"csrf_token": self._csrf(), "answer": answer, **data},
        )

    def _csrf(self):
        page = self.url_open("/my/receipts").text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def test_page_shows_the_own_and_no_word_of_what_for(self):
        response = self.url_open("/my/receipts")
        self.assertIn(self.payment.name, response.text)
        self.assertNotIn(self.other_payment.name, response.text)
        self.assertNotIn(self.aid_type.name, response.text)
        self.assertNothingForeign(response)

    def test_paid_to_a_vendor_says_so(self):
        """Found on the screen: “did it reach you?” of what a hospital was paid."""
        self.assertNotIn("on your behalf", self.url_open("/my/receipts").text)
        shop = self.env["res.partner"].create({"name": "Corner Hospital"})
        self.env.cr.execute(
            "UPDATE beneficiary_disbursement SET payee_id = %s WHERE id = %s",
            [shop.id, self.payment.id],
        )
        self.payment.invalidate_recordset()
        page = self.url_open("/my/receipts").text
        self.assertIn("on your behalf", page)
        self.assertNotIn("Hospital", page)

    def test_received(self):
        self._tell(self.payment, "received")
        self.payment.invalidate_recordset()
        self.assertEqual(self.payment.receipt_state, "received")
        self.assertEqual(self.payment.receipt_ids.user_id, self.user)
        self.assertIn("Thank you", self.url_open("/my/receipts").text)
        self.assertEqual(len(self.payment.receipt_ids), 1)

    def test_not_received(self):
        page = self._tell(self.payment, "not_received", note="Nothing came").text
        self.assertIn("did not arrive", page)
        self.payment.invalidate_recordset()
        self.assertEqual(self.payment.receipt_ids.interaction_id.kind, "complaint")
        self.assertEqual(self.payment.receipt_ids.note, "Nothing came")

    @mute_logger("odoo.http")
    def test_foreign_looks_like_absent(self):
        for number in (self.other_payment.id, 10**8):
            response = self.url_open(
                f"/my/receipts/{number}",
                data={"csrf_token": self._csrf(), "answer": "received"},
            )
            self.assertEqual(response.status_code, 404)
        self.assertFalse(self.other_payment.receipt_ids)

    def test_nothing_over_rpc(self):
        for model in ("beneficiary.receipt", "beneficiary.receipt.call"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])
        with self.assertRaises(AccessError):
            self.payment.with_user(self.user).action_confirm_receipt()

    def test_old_payments_are_gone(self):
        self.env.cr.execute(
            "UPDATE beneficiary_disbursement SET date = %s WHERE id = %s",
            [fields.Date.subtract(fields.Date.today(), months=7), self.payment.id],
        )
        self.payment.invalidate_recordset()
        self.assertNotIn(self.payment.name, self.url_open("/my/receipts").text)
