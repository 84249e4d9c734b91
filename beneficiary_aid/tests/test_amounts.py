from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AidCommon

NONSENSE = (-1, 1e12, float("nan"), float("inf"), -float("inf"), "many")
# Models whose own guard refuses such amounts, each with its test.
GUARDED = {
    "beneficiary.aid.draft",  # test_portal
    "beneficiary.sponsorship",  # test_sponsorship
    "beneficiary.voucher",  # test_voucher
}
# Figures the system writes, some of them below zero.
FIGURES = {
    "beneficiary.fund.statement.account",
    "beneficiary.fund.statement.class",
    "beneficiary.fund.statement.line",
    "beneficiary.money.trace.line",
}


@tagged("post_install", "-at_install")
class TestAmounts(AidCommon):
    """What is no amount is refused in words that name the record, by every route."""

    def _entered(self, model):
        """Return the names of the amounts people enter on a model."""
        return [
            name
            for name, field in model._fields.items()
            if field.type == "monetary" and field.store and not field.readonly
        ]

    def test_every_amount_people_enter_is_guarded(self):
        for name in sorted(self.env.registry):
            model = self.env[name]
            if not name.startswith("beneficiary.") or not model._auto:
                continue
            # What nobody has a right to enter is not entered.
            editable = model._transient or self.env["ir.model.access"].search_count(
                [
                    ("model_id.model", "=", name),
                    "|",
                    ("perm_create", "=", True),
                    ("perm_write", "=", True),
                ]
            )
            mixins = ("beneficiary.amounts.mixin", "beneficiary.posted.mixin")
            if (
                not editable
                or not self._entered(model)
                or name in GUARDED | FIGURES
                or any(
                    issubclass(type(model), self.env.registry[mixin])
                    for mixin in mixins
                )
            ):
                continue
            with self.subTest(model=name):
                self.fail(f"{self._entered(model)} take any number")

    def test_nonsense_is_refused_by_every_model(self):
        mixin = self.env.registry["beneficiary.amounts.mixin"]
        tried = 0
        for name, cls in self.env.registry.items():
            if not issubclass(cls, mixin) or not cls._auto:
                continue
            model = self.env[name]
            for field in self._entered(model):
                for amount in NONSENSE:
                    with (
                        self.subTest(model=name, field=field, amount=amount),
                        self.assertRaisesRegex(ValidationError, "must be a number"),
                    ):
                        model._check_amounts(model._amount_names(), {field: amount})
                tried += 1
        self.assertGreater(tried, 20)

    def test_message_names_the_record_and_the_field(self):
        request = self._refer()
        item = self._put_on_agenda(self._open_meeting(), request)
        with self.assertRaisesRegex(ValidationError, request.name) as caught:
            item.write({"amount": float("nan")})
        self.assertIn(item._fields["amount"].string, str(caught.exception))
        with self.assertRaisesRegex(
            ValidationError, f"{self.committee.name}: .* below a trillion"
        ):
            self.committee.urgent_cap = -5
        with self.assertRaisesRegex(ValidationError, "must be a number"):
            self.committee.write({"quorum_fraction": float("nan")})

    def test_window_without_a_name_is_named_by_its_kind(self):
        """Found on the screen: “beneficiary.voucher.redeem,1 must be a number”."""
        window = self.env["beneficiary.voucher.redeem"].create({})
        with self.assertRaises(ValidationError) as caught:
            window.amount = -5
        self.assertNotIn("beneficiary.voucher", str(caught.exception))
        self.assertIn(window._description, str(caught.exception))

    @mute_logger("odoo.sql_db")
    def test_database_holds_the_line(self):
        request = self._create_request()
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE beneficiary_aid_request SET amount_requested = -1"
                " WHERE id = %s",
                [request.id],
            )

    def test_committees_above_each_other_are_named(self):
        above = self.env["beneficiary.committee"].create(
            {"name": "Council", "company_id": self.company.id}
        )
        self.committee.parent_id = above
        with self.assertRaisesRegex(UserError, "Council would be above itself"):
            above.parent_id = self.committee
