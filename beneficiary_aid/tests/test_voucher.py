from datetime import timedelta

from freezegun import freeze_time
from lxml import html
from psycopg2 import IntegrityError
from psycopg2.errors import RestrictViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.beneficiary_relations.tools.hijri import format_hijri

from .finance_common import FinanceCommon


class VoucherCommon(FinanceCommon):
    """A shop, and requests for help that is bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aid_type.nature = "vendor"
        cls.shop = cls.env["res.partner"].create({"name": "Corner Shop"})
        cls._donate(1000)
        cls.request = cls._approve(300)
        cls.today = cls.company._beneficiary_day(fields.Datetime.now())

    @classmethod
    def _prepare(cls, amount=300, request=None, **values):
        """A draft of the clerk."""
        return (
            cls.env["beneficiary.voucher"]
            .with_user(cls.clerk)
            .create(
                {
                    "request_id": (request or cls.request).id,
                    "vendor_id": cls.shop.id,
                    "amount": amount,
                    "use_limit": 5,
                    "date_from": cls.today,
                    "date_until": cls.today + timedelta(days=30),
                    **values,
                }
            )
        )

    @classmethod
    def _issue(cls, *args, **values):
        """A voucher the releaser issued."""
        voucher = cls._prepare(*args, **values)
        voucher.with_user(cls.releaser).action_issue()
        return voucher

    @classmethod
    def _code(cls, voucher):
        return voucher.sudo().code

    @classmethod
    def _window(cls, user=None):
        return (
            cls.env["beneficiary.voucher.redeem"]
            .with_user(user or cls.clerk)
            .create({})
        )

    @classmethod
    def _buy(cls, voucher, amount, user=None, **values):
        """Buy as the clerk records it: by the code."""
        window = cls._window(user)
        window.code = voucher.sudo()._spelt_code()
        window.action_check()
        window.write({"amount": amount, **values})
        window.action_redeem()
        return voucher.use_ids.sorted("id")[-1:]

    @classmethod
    def _bill(cls, uses, reference="S-1"):
        """The bill of the shop, entered by the clerk."""
        action = uses.with_user(cls.clerk).action_bill()
        wizard = (
            cls.env["beneficiary.vendor.bill"]
            .with_user(cls.clerk)
            .with_context(**action["context"])
            .create({"reference": reference})
        )
        wizard.action_post()
        return wizard.move_id

    def assertVoucher(self, voucher, state, used, left, owed):
        self.env.flush_all()
        voucher.invalidate_recordset()
        self.assertRecordValues(
            voucher,
            [
                {
                    "state": state,
                    "amount_used": used,
                    "amount_left": left,
                    "amount_owed": owed,
                }
            ],
        )


@tagged("post_install", "-at_install")
class TestVoucher(VoucherCommon):
    # === Preparing === #

    def test_default_limit_is_what_is_open(self):
        self._disburse(self.request, 100, payee_id=self.shop.id)
        voucher = (
            self.env["beneficiary.voucher"]
            .with_user(self.clerk)
            .create(
                {
                    "request_id": self.request.id,
                    "vendor_id": self.shop.id,
                    "date_until": self.today,
                }
            )
        )
        self.assertEqual(voucher.amount, 200)
        self.assertEqual(voucher.prepared_by_id, self.clerk)
        self.assertTrue(voucher.name)

    def test_states_codes_and_counters_are_not_typed_in(self):
        voucher = self._prepare()
        for values in (
            {"state": "issued"},
            {"amount_used": 1},
            {"use_count": 1},
            {"code": "AAAA"},
            {"code_digest": "a"},
            {"issued_by_id": self.clerk.id},
            {"name": "V"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(UserError),
            ):
                voucher.write(values)
            with (
                self.subTest(create=values),
                self.assertRaises(UserError),
            ):
                self._prepare(**values)

    def test_wrong_amounts_and_limits_are_refused(self):
        for values in ({"amount": 0}, {"amount": -1}, {"amount": float("nan")}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._prepare(**values)
        for values in (
            {"use_limit": 0},
            {"use_limit": 1001},
            {"date_until": self.today - timedelta(days=1)},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
            ):
                self._prepare(**values)

    def test_a_person_of_the_registry_is_no_shop(self):
        with self.assertRaises(ValidationError):
            self._prepare(vendor_id=self.beneficiary.partner_id.id)
        with self.assertRaises(ValidationError):
            self._prepare(vendor_id=self.clerk.partner_id.id)

    def test_help_for_the_own_hand_takes_no_voucher(self):
        self.aid_type.nature = "cash"
        with self.assertRefused(self.request.display_name):
            self._prepare()

    def test_many_requests_in_one_window(self):
        requests = self.request + self._approve(50) + self._approve(70)
        closed = self._approve(20)
        self._set_stage(closed, "closed")
        action = (requests + closed).with_user(self.clerk).action_prepare_vouchers()
        self.assertEqual(action["context"]["voucher_request_ids"], requests.ids)
        window = (
            self.env["beneficiary.voucher.prepare"]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({"vendor_id": self.shop.id, "use_limit": 2, "goods": "Food"})
        )
        self.assertEqual(window.total, 420)
        window.action_prepare()
        vouchers = self.env["beneficiary.voucher"].search(
            [("request_id", "in", requests.ids)], order="id"
        )
        self.assertEqual(vouchers.mapped("amount"), [300, 50, 70])
        self.assertEqual(set(vouchers.mapped("goods")), {"Food"})
        with self.assertRaises(UserError):
            window.action_prepare()
        vouchers.with_user(self.releaser).action_issue()
        self.assertEqual(set(vouchers.mapped("state")), {"issued"})
        self.assertFund(1000, 420)

    def test_colleagues_are_not_offered_as_shops(self):
        """They were offered, and refused when chosen."""
        for model in ("beneficiary.voucher", "beneficiary.voucher.prepare"):
            with self.subTest(model=model):
                domain = safe_eval(self.env[model]._fields["vendor_id"].domain)
                offered = self.env["res.partner"].search(domain)
                self.assertIn(self.shop, offered)
                self.assertNotIn(self.clerk.partner_id, offered)
                self.assertNotIn(self.request.beneficiary_id.partner_id, offered)

    def test_second_draft_of_the_same_money_is_told_at_preparing(self):
        """Only issuing refused it, when both were printed already."""
        other = self._approve(70)
        context = (self.request + other).with_user(self.clerk).action_prepare_vouchers()
        Window = (
            self.env["beneficiary.voucher.prepare"]
            .with_user(self.clerk)
            .with_context(**context["context"])
        )
        self.assertFalse(Window.create({"vendor_id": self.shop.id}).drafts_note)
        self._prepare(200)
        window = Window.create({"vendor_id": self.shop.id})
        self.assertIn(self.request.name, window.drafts_note)
        self.assertIn("200.00", window.drafts_note)
        self.assertNotIn(other.name, window.drafts_note)
        window.line_ids[0].amount = 100
        self.assertFalse(window.drafts_note)
        window.line_ids[0].amount = 100.01
        self.assertTrue(window.drafts_note)
        with Form(
            Window, "beneficiary_aid.beneficiary_voucher_prepare_view_form"
        ) as form:
            form.vendor_id = self.shop
            self.assertIn(self.request.name, form.drafts_note)
            form.same_amount = 50
            self.assertFalse(form.drafts_note)

    def test_nothing_to_prepare_says_so(self):
        self._disburse(self.request, 300, payee_id=self.shop.id)
        with self.assertRefused("No voucher is possible"):
            self.request.with_user(self.clerk).action_prepare_vouchers()

    def test_line_without_an_amount_names_its_request(self):
        """Found on the screen: the words named no request of many."""
        paid = self._approve(50)
        self._disburse(paid, 50, payee_id=self.shop.id)
        window = (
            self.env["beneficiary.voucher.prepare"]
            .with_user(self.clerk)
            .create(
                {
                    "vendor_id": self.shop.id,
                    "line_ids": [
                        Command.create({"request_id": one.id})
                        for one in self.request + paid
                    ],
                }
            )
        )
        with self.assertRefused(paid.display_name, "above zero"):
            window.action_prepare()
        self.assertFalse(self.request.voucher_ids)

    # === Issuing === #

    def test_issue_gives_a_code_and_promises_nothing_twice(self):
        self.assertFund(1000, 300)
        voucher = self._issue()
        code = self._code(voucher)
        self.assertEqual(len(code), 12)
        self.assertEqual(voucher.code_last, code[-4:])
        self.assertNotIn(code, voucher.sudo().code_digest)
        self.assertVoucher(voucher, "issued", 0, 300, 0)
        self.assertFund(1000, 300)
        self.assertEqual(self.request.amount_committed, 300)

    def test_staff_do_not_read_the_code(self):
        voucher = self._issue()
        for user in (self.clerk, self.releaser, self.aid_manager):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    voucher.with_user(user).read(["code"])
                with self.assertRaises(AccessError):
                    voucher.with_user(user).search([("code_digest", "!=", False)])

    def test_another_person_issues(self):
        voucher = self._prepare()
        with self.assertRaises(AccessError):
            voucher.action_issue()
        both = self._create_finance_user(
            "both",
            "beneficiary_aid.group_finance_clerk,"
            "beneficiary_aid.group_finance_releaser",
        )
        own = voucher.with_user(both).copy({"date_until": self.today})
        with self.assertRefused("whoever prepared"):
            own.action_issue()
        self.assertTrue(own.release_refusal)
        own.with_user(self.releaser).action_issue()
        with self.assertRefused(own.name):
            own.with_user(self.releaser).action_issue()

    def test_whoever_changes_it_does_not_issue(self):
        voucher = self._prepare(100)
        voucher.with_user(self.releaser).amount = 200
        self.assertEqual(voucher.prepared_by_id, self.releaser)
        with self.assertRefused("whoever prepared"):
            voucher.with_user(self.releaser).action_issue()
        voucher.with_user(self.voter).action_issue()
        with self.assertRefused(voucher.name):
            voucher.with_user(self.releaser).amount = 300

    def test_whoever_voted_does_not_issue(self):
        voucher = self._prepare()
        self.assertFalse(voucher.with_user(self.voter).release_refusal)
        self._vote(self.request, self.voter)
        voucher.invalidate_recordset()
        with self.assertRefused("whoever voted"):
            voucher.with_user(self.voter).action_issue()

    def test_vouchers_and_payments_stay_within_the_approval(self):
        voucher = self._issue(200)
        with self.assertRefused(self.request.display_name):
            self._disburse(self.request, 101, payee_id=self.shop.id)
        payment = self._disburse(self.request, 100, payee_id=self.shop.id)
        self.assertFund(900, 200)
        second = self._prepare(1)
        with self.assertRefused("exceed the approved"):
            second.with_user(self.releaser).action_issue()
        self.assertTrue(self.request.is_fully_disbursed)
        payment.action_reverse()
        self.assertFund(1000, 200)
        # The promise of the reversed payment is gone; a voucher takes it again.
        second.with_user(self.releaser).action_issue()
        self.assertFund(1000, 201)
        self.assertVoucher(voucher, "issued", 0, 200, 0)

    def test_a_payment_does_not_use_the_promise_of_a_voucher(self):
        # The promise ended unused; a voucher takes only what it needs of it again.
        self.request._release_commitment()
        self._issue(200)
        self.assertFund(1000, 200)
        self._approve(750)
        payment = self._disburse(self.request, 100, post=False, payee_id=self.shop.id)
        with self.assertRaises(UserError):
            payment.action_post()
        self.assertFund(1000, 950)

    def test_decision_for_less_than_the_vouchers_is_refused(self):
        self._issue(250)
        with self.assertRaises(UserError):
            self._approve(200, request=self.request)
        with self.assertRefused("another fund"):
            self._approve(300, fund=self.other_fund, request=self.request)

    def test_request_must_be_open(self):
        voucher = self._prepare()
        self._set_stage(self.request, "closed")
        self.assertEqual(voucher.state, "cancelled")
        with self.assertRefused(voucher.name):
            voucher.with_user(self.releaser).action_issue()

    def test_last_day_over_is_not_issued(self):
        voucher = self._prepare(
            date_from=self.today - timedelta(days=5),
            date_until=self.today - timedelta(days=1),
        )
        with self.assertRefused("last day"):
            voucher.with_user(self.releaser).action_issue()

    def test_zakat_needs_the_authorisation(self):
        channel = self.env["beneficiary.zakat.channel"].search([], limit=1)
        zakat = self._create_fund(name="Zakat", code="ZAKAT", kind="zakat")
        self.company.beneficiary_zakat_own_bank = False
        self._donate(500, zakat)
        for nature in ("vendor", "recurring"):
            self.aid_type.nature = nature
            request = self._create_request(zakat_channel_id=channel.id)
            request.zakat_authorised_on = self.today
            self._approve(50, zakat, request)
            voucher = self._prepare(50, request)
            request.zakat_authorised_on = False
            with self.subTest(nature=nature), self.assertRefused("authorisation"):
                voucher.with_user(self.releaser).action_issue()
            request.zakat_authorised_on = self.today
            voucher.with_user(self.releaser).action_issue()

    def test_person_is_told_in_neutral_words(self):
        self.beneficiary.partner_id.phone = "+966501234567"
        voucher = self._issue()
        message = self.env["beneficiary.message"].search(
            [("res_model", "=", voucher._name), ("res_id", "=", voucher.id)]
        )
        words = voucher.sudo()._notice_words()
        self.assertIn(voucher.sudo()._spelt_code(), words)
        self.assertIn("Corner Shop", words)
        self.assertNotIn(self.aid_type.name, words)
        # Staff read the log of messages, and no code in it.
        self.assertIn("Corner Shop", message.sudo().body)
        self.assertIn(f"…{voucher.code_last}", message.sudo().body)
        self.assertNotIn(voucher.sudo()._spelt_code(), message.sudo().body)
        self.assertEqual(message.kind, "code")
        self.assertTrue(voucher.notified_on)

    # === Buying === #

    def test_bought_in_parts_until_it_is_used(self):
        voucher = self._issue()
        use = self._buy(voucher, 120.5, reference="٧٧", goods="Rice")
        self.assertVoucher(voucher, "partly", 120.5, 179.5, 120.5)
        self.assertRecordValues(
            use,
            [{"reference": "77", "goods": "Rice", "standing": "open", "kind": "use"}],
        )
        self.assertEqual(use.user_id, self.clerk)
        with self.assertRefused("179.50"):
            self._buy(voucher, 179.51)
        self._buy(voucher, 179.5)
        self.assertVoucher(voucher, "used", 300, 0, 300)
        self.assertFund(1000, 300)
        with self.assertRaises(UserError):
            voucher._redeem(1)

    def test_used_as_often_as_it_says_and_the_rest_goes_back(self):
        voucher = self._issue(use_limit=2)
        self._buy(voucher, 100)
        self._buy(voucher, 50)
        self.assertVoucher(voucher, "used", 150, 0, 150)
        self.assertFund(1000, 150)
        with self.assertRefused(voucher.name):
            voucher._redeem(1)

    def test_only_on_its_days(self):
        later = self._issue(100, date_from=self.today + timedelta(days=1))
        with self.assertRefused("valid from"):
            self._buy(later, 1)
        over = self._issue(100)
        over.sudo().date_from = self.today - timedelta(days=9)
        over.sudo().date_until = self.today - timedelta(days=1)
        with self.assertRefused("valid from"):
            self._buy(over, 1)

    def test_only_the_clerk_records(self):
        voucher = self._issue()
        for user in (self.releaser, self.aid_manager, self.officer, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._buy(voucher, 1, user=user)

    def test_second_click_records_once(self):
        voucher = self._issue()
        window = self._window()
        window.code = self._code(voucher)
        window.action_check()
        self.assertFalse(window.code)
        window.amount = 100
        window.action_redeem()
        with self.assertRefused("code"):
            window.action_redeem()
        self.assertVoucher(voucher, "partly", 100, 200, 100)

    def test_voucher_is_found_by_its_code_only(self):
        voucher = self._issue()
        window = self._window()
        with self.assertRaises(UserError):
            window.voucher_id = voucher
        other = (
            self.env["beneficiary.voucher.redeem"]
            .with_user(self.clerk)
            .with_context(default_voucher_id=voucher.id)
            .create({"voucher_id": voucher.id})
        )
        other.invalidate_recordset()
        with self.assertRefused("Enter the code"):
            other.write({"amount": 1})
            other.action_redeem()

    def test_few_wrong_codes_only(self):
        voucher = self._issue()
        for _number in range(5):
            window = self._window()
            window.code = "ABCDEFGHJKMN"
            window.action_check()
            self.assertTrue(window.message)
            self.assertFalse(window.voucher_id)
        with self.assertRefused("Too many wrong codes"):
            self._buy(voucher, 1)
        # Another person is not held up.
        other = self._create_finance_user(
            "other_clerk", "beneficiary_aid.group_finance_clerk"
        )
        self._buy(voucher, 1, user=other)
        tries = self.env["beneficiary.voucher.try"].search([])
        tries.flush_recordset()
        self.env.cr.execute(
            "UPDATE beneficiary_voucher_try"
            " SET create_date = create_date - interval '16 minutes'"
        )
        self._buy(voucher, 1)

    def test_code_of_another_company_finds_nothing(self):
        voucher = self._issue()
        other = self.env["res.company"].create({"name": "Other Association"})
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_finance_clerk", other
        )
        found = (
            self.env["beneficiary.voucher"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            ._of_code(self._code(voucher))
        )
        self.assertFalse(found)
        with self.assertRaises(AccessError):
            voucher.with_user(stranger).with_context(
                allowed_company_ids=other.ids
            ).read(["name"])
        with self.assertRaises(UserError):
            self._prepare(
                vendor_id=self.env["res.partner"]
                .create({"name": "Theirs", "company_id": other.id})
                .id
            )

    def test_purchases_are_written_once(self):
        use = self._buy(self._issue(), 10)
        with self.assertRaises(UserError):
            use.with_user(self.clerk).amount = 5
        with self.assertRaises(UserError):
            use.with_user(self.aid_manager).unlink()
        with self.assertRaises(UserError):
            self.env["beneficiary.voucher.use"].with_user(self.clerk).create(
                {"voucher_id": use.voucher_id.id, "kind": "use", "amount": 1}
            )
        for statement in (
            "UPDATE beneficiary_voucher_use SET amount = 1",
            "DELETE FROM beneficiary_voucher_use",
        ):
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
            ):
                self.env.cr.execute(statement)

    def test_database_holds_the_limit(self):
        voucher = self._issue()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
        ):
            self.env.cr.execute(
                "UPDATE beneficiary_voucher SET amount_used = 301 WHERE id = %s",
                [voucher.id],
            )

    # === Cancelling a purchase === #

    def _void(self, use, user=None, reason="Typed twice"):
        window = (
            self.env["beneficiary.voucher.void"]
            .with_user(user or self.releaser)
            .create({"use_id": use.id, "reason": reason})
        )
        window.action_void()

    def test_purchase_is_cancelled_by_another_record(self):
        voucher = self._issue()
        use = self._buy(voucher, 100)
        self._void(use)
        self.assertVoucher(voucher, "issued", 0, 300, 0)
        self.assertEqual(use.standing, "void")
        self.assertEqual(use.void_ids.reason, "Typed twice")
        with self.assertRefused("cancelled"):
            self._void(use)
        self.assertEqual(voucher.use_count, 0)

    def test_full_voucher_can_be_used_again(self):
        voucher = self._issue()
        use = self._buy(voucher, 300)
        self._void(use)
        self.assertVoucher(voucher, "issued", 0, 300, 0)
        self._buy(voucher, 20)
        self.assertFund(1000, 300)

    def test_purchase_of_a_voucher_that_is_over_frees_its_money(self):
        voucher = self._issue(use_limit=1)
        use = self._buy(voucher, 100)
        self.assertFund(1000, 100)
        self._void(use)
        self.assertVoucher(voucher, "used", 0, 0, 0)
        self.assertFund(1000, 0)

    def test_who_cancels_a_purchase(self):
        voucher = self._issue()
        use = self._buy(voucher, 100)
        for user in (self.clerk, self.aid_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._void(use, user)
        both = self._create_finance_user(
            "both",
            "beneficiary_aid.group_finance_clerk,"
            "beneficiary_aid.group_finance_releaser",
        )
        own = self._buy(voucher, 10, user=both)
        with self.assertRefused("Whoever recorded"):
            self._void(own, both)
        with self.assertRefused("Say why"):
            self._void(use, reason="  ")

    # === The shop's bill === #

    def test_shop_is_paid_by_its_bill(self):
        other = self._approve(50)
        voucher, second = self._issue(), self._issue(50, other)
        uses = self._buy(voucher, 100) + self._buy(voucher, 50) + self._buy(second, 50)
        bill = self._bill(uses)
        self.assertEqual(bill.amount_total, 200)
        disbursements = uses.disbursement_ids
        self.assertEqual(set(disbursements.mapped("state")), {"due"})
        self.assertEqual(disbursements.payee_id, self.shop)
        self.assertVoucher(voucher, "partly", 150, 150, 0)
        self.assertEqual(set(uses.mapped("standing")), {"billed"})
        self.assertFund(800, 150)
        for use in uses:
            with self.assertRefused("bill"):
                self._void(use)
        payment = self._release(disbursements[0])
        self.assertEqual(payment.amount, 200)
        outstanding, *_others = payment._seek_for_lines()
        self._match(self._bank_line(-200), outstanding)
        for disbursement in disbursements:
            self.assertState(disbursement, "paid")
        self.assertEqual(other.amount_paid, 50)
        self.assertEqual(self.request.amount_paid, 150)

    def test_words_on_the_bill_name_nobody(self):
        bill = self._bill(self._buy(self._issue(), 100, goods="Insulin"))
        words = " ".join(
            filter(None, [bill.ref, bill.narration, *bill.line_ids.mapped("name")])
        )
        for word in ("Insulin", self.beneficiary.name, self.aid_type.name):
            self.assertNotIn(word, words)

    def test_a_purchase_is_billed_once(self):
        voucher = self._issue()
        use = self._buy(voucher, 100)
        bill = self._bill(use)
        with self.assertRefused("on a bill already"):
            use.with_user(self.clerk).action_bill()
        with self.assertRaises(UserError):
            self._disburse(
                self.request, 100, payee_id=self.shop.id, voucher_use_id=use.id
            )
        note = bill.with_user(self.clerk)._reverse_moves(
            [{"invoice_date": fields.Date.today(), "ref": "S-1 back"}]
        )
        note.action_post()
        self.assertVoucher(voucher, "partly", 100, 200, 100)
        self.assertEqual(use.standing, "open")
        self._bill(use, "S-2")
        self.assertVoucher(voucher, "partly", 100, 200, 0)
        self.assertFund(900, 200)

    def test_database_holds_one_live_disbursement_a_purchase(self):
        use = self._buy(self._issue(), 100)
        self._bill(use)
        other = self._disburse(
            self._approve(100), 100, payee_id=self.shop.id, post=False
        )
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
        ):
            self.env.cr.execute(
                "UPDATE beneficiary_disbursement SET voucher_use_id = %s WHERE id = %s",
                [use.id, other.id],
            )

    def test_shop_gets_what_was_bought(self):
        use = self._buy(self._issue(), 100)
        other = self.env["res.partner"].create({"name": "Other Shop"})
        for values in ({"amount": 90}, {"payee_id": other.id}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._disburse(
                    self.request,
                    **{
                        "amount": 100,
                        "payee_id": self.shop.id,
                        "voucher_use_id": use.id,
                        **values,
                    },
                )

    def test_one_shop_a_bill(self):
        other = self.env["res.partner"].create({"name": "Other Shop"})
        uses = self._buy(self._issue(100), 10) + self._buy(
            self._issue(100, vendor_id=other.id), 10
        )
        with self.assertRefused("one vendor"):
            uses.with_user(self.clerk).action_bill()

    # === Ending === #

    def _cancel(self, vouchers, user=None, **values):
        window = (
            self.env["beneficiary.voucher.cancel"]
            .with_user(user or self.releaser)
            .create(
                {
                    "voucher_ids": [Command.set(vouchers.ids)],
                    "reason": "Paper lost",
                    **values,
                }
            )
        )
        return window.action_cancel()

    def test_cancelled_rest_goes_back_to_the_fund(self):
        voucher = self._issue()
        self._buy(voucher, 100)
        self._cancel(voucher)
        self.assertVoucher(voucher, "cancelled", 100, 0, 100)
        self.assertFund(1000, 100)
        self.assertFalse(voucher.sudo().code)
        self.assertEqual(voucher.end_reason, "Paper lost")
        with self.assertRaises(UserError):
            voucher._redeem(1)
        self._bill(voucher.use_ids)
        self.assertFund(900, 0)

    def test_cancelled_rest_stays_with_the_request(self):
        voucher = self._issue()
        self._cancel(voucher, then="keep")
        self.assertFund(1000, 300)
        self._disburse(self.request, 300, payee_id=self.shop.id)
        self.assertFund(700, 0)

    def test_lost_voucher_is_replaced(self):
        voucher = self._issue()
        self._buy(voucher, 100)
        self._cancel(voucher, then="replace")
        new = self.env["beneficiary.voucher"].search([("replaces_id", "=", voucher.id)])
        self.assertRecordValues(
            new, [{"amount": 200, "use_limit": 4, "state": "draft"}]
        )
        self.assertFund(1000, 300)
        other = self._create_finance_user(
            "releaser2", "beneficiary_aid.group_finance_releaser"
        )
        with self.assertRefused("whoever prepared"):
            new.with_user(self.releaser).action_issue()
        new.with_user(other).action_issue()
        self._buy(new, 200)
        self.assertVoucher(new, "used", 200, 0, 200)
        self.assertFund(1000, 300)

    def test_who_cancels(self):
        voucher = self._issue()
        for user in (self.clerk, self.aid_manager, self.officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._cancel(voucher, user)
        draft = self._prepare(10)
        self._cancel(draft, self.clerk)
        self.assertEqual(draft.state, "cancelled")
        with self.assertRefused(draft.name):
            self._cancel(draft)

    def test_last_day_ends_it_and_frees_what_is_left(self):
        voucher = self._issue()
        self._buy(voucher, 100)
        voucher.sudo().date_until = self.today
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_voucher_expire"
            ).method_direct_trigger()
        self.assertVoucher(voucher, "partly", 100, 200, 100)
        voucher.sudo().write(
            {
                "date_from": self.today - timedelta(days=9),
                "date_until": self.today - timedelta(days=1),
            }
        )
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_voucher_expire"
            ).method_direct_trigger()
        self.assertVoucher(voucher, "expired", 100, 0, 100)
        self.assertFund(1000, 100)
        self.assertFalse(voucher.sudo().code)
        self.assertIn(voucher.name, self.request.activity_ids.note)
        self._bill(voucher.use_ids)
        self.assertFund(900, 0)

    def test_request_ends_its_vouchers(self):
        voucher = self._issue()
        self._set_stage(self.request, "closed")
        self.assertEqual(voucher.state, "cancelled")
        self.assertFund(1000, 0)

    def test_request_does_not_end_while_a_shop_is_owed(self):
        voucher = self._issue()
        self._buy(voucher, 10)
        with self.assertRefused("a shop is still owed"):
            self._set_stage(self.request, "closed")
        self._bill(voucher.use_ids)
        self._set_stage(self.request, "closed")
        self.assertEqual(voucher.state, "cancelled")
        self.assertFund(990, 0)

    def test_promise_does_not_expire_under_a_voucher(self):
        self.company.beneficiary_commitment_days = 1
        voucher = self._issue(100)
        other = self._approve(50)
        self.env.flush_all()
        # Decisions are written once; only the clock is moved.
        now = fields.Datetime.now() + timedelta(days=5)
        with freeze_time(now), self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_expire_commitments"
            ).method_direct_trigger()
        self.assertEqual(other.amount_committed, 0)
        self.assertEqual(self.request.amount_committed, 300)
        self.assertEqual(voucher.state, "issued")

    def test_archive_only_what_is_over(self):
        voucher = self._issue()
        with self.assertRefused("not over"):
            voucher.with_user(self.clerk).action_archive()
        self._cancel(voucher)
        voucher.with_user(self.clerk).action_archive()
        self.assertFalse(voucher.active)
        with self.assertRaises(UserError):
            voucher.with_user(self.clerk).unlink()

    # === Paper === #

    def test_printed_with_code_and_both_dates(self):
        voucher = self._issue(goods="Food only")
        clerk = voucher.with_user(self.clerk).with_context(lang="en_US")
        root = html.fromstring(clerk._papers_html())
        paper = root.text_content()
        # The person reads it, not the colleague who prints it.
        lang = self.env["beneficiary.policy"]._document_lang()
        self.assertEqual(root.xpath("//@data-oe-lang"), [lang])
        self.assertIn(voucher.sudo()._spelt_code(), paper)
        self.assertIn("Corner Shop", paper)
        self.assertIn("Food only", paper)
        for day in (self.today, self.today + timedelta(days=30)):
            self.assertIn(format_hijri(day), paper)
        self.assertNotIn(self.aid_type.name, paper)
        self.assertIn("Printed by", str(voucher.message_ids[0].body))
        with self.assertRaises(AccessError):
            voucher.with_user(self.officer)._papers_html()
        self._cancel(voucher)
        with self.assertRefused("only a valid voucher"):
            voucher.with_user(self.clerk)._papers_html()

    # === Roles === #

    def test_roles(self):
        voucher = self._issue()
        use = self._buy(voucher, 10)
        for user in (self.clerk, self.releaser, self.aid_manager, self.officer):
            with self.subTest(user=user.login):
                self.assertEqual(voucher.with_user(user).amount, 300)
                self.assertEqual(use.with_user(user).amount, 10)
        for user in (self.releaser, self.aid_manager, self.officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["beneficiary.voucher"].with_user(user).create(
                    {"request_id": self.request.id, "vendor_id": self.shop.id}
                )
        with self.assertRaises(AccessError):
            voucher.with_user(self.accountant).read(["amount"])

    def test_issuing_many_costs_a_fixed_number_of_queries_each(self):
        requests = self._approve(20) + self._approve(20) + self._approve(20)
        vouchers = self.env["beneficiary.voucher"].concat(
            *(self._prepare(20, request) for request in requests)
        )
        self.env.flush_all()
        with self.assertQueryCount(120):
            vouchers.with_user(self.releaser).action_issue()
            self.env.flush_all()

    # === Sponsorship === #

    def test_instalment_given_as_a_voucher_is_not_paid_out(self):
        self.aid_type.nature = "recurring"
        request = self._approve(200)
        plan = (
            self.env["beneficiary.sponsorship"]
            .with_user(self.clerk)
            .create(
                {
                    "request_id": request.id,
                    "amount": 100,
                    "date_start": self.today,
                    "date_end": self.today + timedelta(days=35),
                }
            )
        )
        plan.with_user(self.aid_manager).action_start()
        day = plan.next_date
        values = {"sponsorship_id": plan.id, "period_date": day}
        with self.assertRaises(ValidationError):
            self._prepare(101, request, **values)
        with self.assertRaises(ValidationError):
            self._prepare(
                100, request, **{**values, "period_date": day + timedelta(days=1)}
            )
        voucher = self._issue(100, request, **values)
        plan.invalidate_recordset()
        self.assertNotEqual(plan.next_date, day)
        self._bill(self._buy(voucher, 100))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
        ):
            self._prepare(10, request, **values)
            self.env.flush_all()

    def test_sponsors_read_what_was_bought_with_the_voucher_of_their_day(self):
        self.aid_type.nature = "recurring"
        request = self._approve(300)
        sponsors = self.env["res.partner"].create(
            [{"name": "First Sponsor"}, {"name": "Second Sponsor"}]
        )
        shares = zip(sponsors, (75, 25), strict=True)
        plan = (
            self.env["beneficiary.sponsorship"]
            .with_user(self.clerk)
            .create(
                {
                    "request_id": request.id,
                    "amount": 100,
                    "date_start": self.today,
                    "date_end": self.today + timedelta(days=35),
                    "line_ids": [
                        Command.create({"partner_id": one.id, "share": share})
                        for one, share in shares
                    ],
                }
            )
        )
        plan.with_user(self.aid_manager).action_start()
        voucher = self._issue(
            100,
            request,
            goods="Rice and oil",
            sponsorship_id=plan.id,
            period_date=plan.next_date,
        )
        statements = [self._sponsor_statement(sponsor) for sponsor in sponsors]
        with self.assertRaisesRegex(UserError, "Nothing was paid"):
            statements[0].action_print()
        use = self._buy(voucher, 80)
        self.assertEqual(
            [[part for _one, part in one._rows()] for one in statements],
            [[60.0], [20.0]],
        )
        statements[0].action_print()
        paper = statements[0]._statement_html()
        self.assertIn("Purchase Voucher", paper)
        for word in ("Rice", self.beneficiary.name, voucher.name, self.aid_type.name):
            self.assertNotIn(word, paper)
        # The shop's bill pays the same purchase: it is not told twice.
        self._bill(use)
        self.assertEqual([part for _one, part in statements[0]._rows()], [60.0])

    def _sponsor_statement(self, sponsor):
        return (
            self.env["beneficiary.sponsor.statement"]
            .with_user(self.clerk)
            .create(
                {
                    "sponsor_id": sponsor.id,
                    "company_id": self.company.id,
                    "date_from": self.today,
                    "date_to": self.today,
                }
            )
        )
