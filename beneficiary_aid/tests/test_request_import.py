import csv

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import AidCommon

COLUMNS = [
    "beneficiary_id",
    "aid_type_id",
    "amount_requested",
    "date_received",
    "stage_id",
    "brought_reference",
    "brought_on",
    "brought_amount",
    "brought_fund_id",
    "brought_told_on",
]


@tagged("post_install", "-at_install")
class TestRequestImport(AidCommon):
    """Open requests of an existing association, with their dates and decisions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.received = today - relativedelta(days=100)
        cls.decided = today - relativedelta(days=40)
        cls.told = today - relativedelta(days=38)
        cls.other = cls._create_other_beneficiary()
        for file in cls.beneficiary | cls.other:
            file._activate()

    def _stage(self, status):
        Stage = self.env["beneficiary.aid.stage"]
        return Stage._of_status(status, self.company, self.policy)

    def _row(self, file=None, status="study", decision=(), **values):
        row = {
            "beneficiary_id": (file or self.beneficiary).file_number,
            "aid_type_id": self.aid_type.name,
            "amount_requested": "3000",
            "date_received": f"{self.received} 08:00:00",
            "stage_id": self._stage(status).name,
            **dict.fromkeys(COLUMNS[5:], ""),
        }
        if decision:
            row.update(
                brought_reference="M 12/1447",
                brought_on=str(self.decided),
                brought_amount="2000",
                brought_fund_id=self.fund.name,
                brought_told_on=str(self.told),
            )
        return [{**row, **values}[name] for name in COLUMNS]

    def _load(self, rows, user=None):
        Request = self.env["beneficiary.aid.request"].with_user(
            user or self.administrator
        )
        return Request.with_context(import_file=True, _import_limit=2).load(
            COLUMNS, rows
        )

    def _requests(self, result):
        self.assertFalse(result["messages"])
        return self.env["beneficiary.aid.request"].browse(result["ids"])

    def test_open_requests_are_taken_up_where_they_stand(self):
        statuses = ("received", "verification", "study", "decision")
        requests = self._requests(self._load([self._row(status=s) for s in statuses]))
        self.assertEqual(tuple(requests.mapped("status")), statuses)
        self.assertEqual(requests.mapped("amount_requested"), [3000] * 4)
        self.assertFalse(requests.decision_id)

    def test_clock_runs_from_the_historical_day(self):
        for start, status, runs in (
            ("submission", "received", True),
            ("complete", "verification", False),
            ("complete", "study", True),
            ("referral", "study", False),
            ("referral", "decision", True),
        ):
            with self.subTest(start=start, status=status):
                self.policy.sudo().window_start = start
                request = self._requests(self._load([self._row(status=status)]))
                self.assertEqual(request.reply_start, runs and self.received)

    def test_decision_on_paper_is_no_vote(self):
        request = self._requests(
            self._load([self._row(status="delivery", decision=True)])
        )
        decision = request.decision_id.sudo()
        self.assertRecordValues(
            decision,
            [
                {
                    "kind": "brought",
                    "outcome": "approve",
                    "amount": 2000,
                    "fund_id": self.fund.id,
                    "item_id": False,
                    "committee_id": False,
                }
            ],
        )
        self.assertEqual(decision.decided_on.date(), self.decided)
        self.assertIn("M 12/1447", decision.explanation)
        self.assertEqual(request.status, "delivery")
        self.assertEqual(request.amount_approved, 2000)
        self.assertEqual(request.amount_committed, 2000)
        self.assertEqual(request.told_on, self.told)
        self.assertFalse(request.agenda_item_ids)
        broken = self.env["beneficiary.decision"].sudo()._broken_seals(self.company)
        self.assertFalse(broken)

    def test_money_of_a_brought_decision_is_paid_as_ever(self):
        request = self._requests(
            self._load([self._row(status="approved", decision=True)])
        )
        disbursement = (
            self.env["beneficiary.disbursement"]
            .with_user(self.clerk)
            .create({"request_id": request.id})
        )
        disbursement.action_post()
        self.assertEqual((disbursement.amount, disbursement.state), (2000, "due"))
        self.assertEqual(request.amount_committed, 0)

    def test_help_in_kind_needs_no_fund(self):
        request = self._requests(
            self._load(
                [
                    self._row(
                        status="delivery",
                        decision=True,
                        brought_amount="",
                        brought_fund_id="",
                    )
                ]
            )
        )
        self.assertEqual(request.decision_id.outcome, "in_kind")

    def test_past_that_cannot_be_is_told_by_row_and_nothing_is_stored(self):
        count = self.env["beneficiary.aid.request"].search_count([])
        late = str(self.decided - relativedelta(days=90))
        for row, words in (
            (self._row(status="approved"), "comes after a decision"),
            (self._row(status="study", decision=True), "comes before a decision"),
            (self._row(status="closed"), "only open requests"),
            (self._row(status="approved", decision=1, brought_on=late), "received"),
            (
                self._row(status="approved", decision=1, brought_told_on=late),
                "told after",
            ),
            (
                self._row(status="approved", decision=1, brought_reference=""),
                "its number and its day",
            ),
            (
                self._row(status="approved", decision=1, brought_fund_id=""),
                "choose the fund",
            ),
            (
                self._row(status="approved", decision=1, brought_amount="99999"),
                self.fund.name,
            ),
        ):
            with self.subTest(words=words):
                result = self._load([self._row(self.other), row])
                self.assertFalse(result["ids"])
                told = [message["message"] for message in result["messages"]]
                self.assertTrue([one for one in told if words in one], told)
                rows = [message["rows"]["from"] for message in result["messages"]]
                self.assertIn(1, rows)
        result = self._load([self._row(), self._row(beneficiary_id="Nobody")])
        self.assertIn("Row 3", result["messages"][0]["message"])
        self.assertEqual(self.env["beneficiary.aid.request"].search_count([]), count)

    def test_only_administrators_bring_a_past(self):
        for row in (self._row(), self._row(status="approved", decision=True)):
            result = self._load([row], self.officer)
            self.assertFalse(result["ids"])
            self.assertIn("only an administrator", result["messages"][0]["message"])
        with self.assertRaises(UserError):
            self._create_request(brought_on=self.decided, brought_reference="X")
        with self.assertRaises(UserError):
            self._create_request(stage_id=self._stage("study").id)

    def test_what_was_brought_is_not_edited(self):
        request = self._requests(
            self._load([self._row(status="approved", decision=True)])
        )
        with self.assertRaisesRegex(UserError, "stays as it was brought"):
            request.with_user(self.administrator).brought_amount = 1
        with self.assertRaisesRegex(UserError, "stays as it was brought"):
            self._create_request().brought_on = self.decided

    def test_template_is_offered_and_its_columns_exist(self):
        [template] = self.env["beneficiary.aid.request"].get_import_templates()
        path = template["template"].lstrip("/")
        with file_open(path, "r") as file:
            columns, *rows = csv.reader(file)
        columns[0] = columns[0].lstrip("\ufeff")
        for name in columns:
            self.assertIn(name, self.env["beneficiary.aid.request"]._fields)
        self.assertTrue(all(len(row) == len(columns) for row in rows))
