from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal import AidPortalCommon


@tagged("-at_install", "post_install")
class TestPortalVouchers(AidPortalCommon):
    """A person sees his vouchers and their codes, and nothing of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.partner"].create({"name": "Corner Shop"})
        cls.today = cls.company._beneficiary_day(fields.Datetime.now())
        cls.voucher, cls.foreign_voucher = (
            cls._issue_to(person) for person in (cls.own, cls.foreign)
        )

    @classmethod
    def _issue_to(cls, person):
        """An issued voucher; how it is issued is tested elsewhere."""
        request = cls.env["beneficiary.aid.request"].create(
            {
                "company_id": cls.company.id,
                "beneficiary_id": person.id,
                "aid_type_id": cls.aid_type.id,
            }
        )
        Voucher = cls.env["beneficiary.voucher"]
        return Voucher.create(
            {
                "request_id": request.id,
                "vendor_id": cls.shop.id,
                "amount": 250,
                "use_limit": 3,
                "goods": "Food only",
                "date_from": cls.today,
                "date_until": cls.today + timedelta(days=9),
                "state": "issued",
                "issued_by_id": cls.env.uid,
                **Voucher._new_code(),
            }
        )

    def test_page_shows_shop_limits_and_code(self):
        self.assertIn("/my/vouchers", self.url_open("/my").text)
        page = self.url_open("/my/vouchers").text
        for words in (self.voucher._spelt_code(), "Corner Shop", "Food only", "250"):
            self.assertIn(words, page)
        self.assertNotIn(self.aid_type.name, page)

    def test_nothing_of_others(self):
        response = self.url_open("/my/vouchers")
        self.assertNotIn(self.foreign_voucher._spelt_code(), response.text)
        self.assertNotIn(self.foreign_voucher.name, response.text)
        self.assertNothingForeign(response)

    def test_what_is_left_follows_a_purchase(self):
        self.voucher._redeem(100)
        page = self.url_open("/my/vouchers").text
        self.assertIn("150", page)
        self.assertIn("100", page)
        self.assertIn(self.voucher._spelt_code(), page)

    def test_code_goes_when_it_is_over(self):
        code = self.voucher._spelt_code()
        self.voucher._redeem(250)
        page = self.url_open("/my/vouchers").text
        self.assertNotIn(code, page)
        self.assertIn("used up", page)
        self.voucher._end("cancelled", "Lost")
        page = self.url_open("/my/vouchers").text
        self.assertNotIn(self.voucher.name, page)

    @mute_logger("odoo.http")
    def test_no_record_over_rpc(self):
        for name in ("voucher", "voucher.use", "voucher.try", "cheque", "aid.card"):
            model = f"beneficiary.{name}"
            with self.subTest(model=model):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(self.user).search([])
                with self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request(
                        f"/web/dataset/call_kw/{model}/search_read",
                        {
                            "model": model,
                            "method": "search_read",
                            "args": [[]],
                            "kwargs": {},
                        },
                    )

    def test_visitor_must_log_in(self):
        self.authenticate(None, None)
        page = self.url_open("/my/vouchers")
        self.assertIn("/web/login", page.url)
