from odoo.tests import tagged
from odoo.tests.common import warmup

from .common import AidCommon

# The columns of the board that stand for work to be done.
OPEN_STATUSES = ("received", "verification", "decision", "approved", "delivery")


@tagged("post_install", "-at_install")
class TestRequestQueries(AidCommon):
    """The number of queries stays the same however many requests there are."""

    @classmethod
    def default_env_context(cls):
        # With chatter, as people work.
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.beneficiary
        for number in range(1, 5):
            cls.people |= cls._create_other_beneficiary(number)
        cls.Request = cls.env["beneficiary.aid.request"].with_user(cls.officer)

    def _values(self, count):
        people = self.people.ids
        return [
            {
                "beneficiary_id": people[number % len(people)],
                "aid_type_id": self.aid_type.id,
                "amount_requested": 100 + number,
            }
            for number in range(count)
        ]

    @warmup
    def test_thousand_requests_without_chatter(self):
        Request = self.Request.with_context(tracking_disable=True)
        values = self._values(1000)
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            Request.create(values)
            self.env.flush_all()

    @warmup
    def test_thousand_requests_with_chatter(self):
        values = self._values(1000)
        self.env.invalidate_all()
        with self.assertQueryCount(50):
            self.Request.create(values)
            self.env.flush_all()
            self.flush_tracking()

    @warmup
    def test_one_request(self):
        values = self._values(1)
        self.env.invalidate_all()
        self.assertFalse(self.Request.env.su)
        with self.assertQueryCount(15):
            self.Request.create(values)
            self.env.flush_all()

    def flush_tracking(self):
        self.env.cr.precommit.run()

    def _spread_over_columns(self, requests):
        """Put requests where weeks of work would have put them."""
        Stage = self.env["beneficiary.aid.stage"]
        self.env.flush_all()
        for column, status in enumerate(OPEN_STATUSES):
            self.env.cr.execute(
                "UPDATE beneficiary_aid_request SET stage_id = %s, status = %s"
                " WHERE id = ANY(%s)",
                [
                    Stage._of_status(status, self.company, self.policy).id,
                    status,
                    requests.ids[column :: len(OPEN_STATUSES)],
                ],
            )
        self.env.invalidate_all()

    @warmup
    def test_board(self):
        """The board with work in five columns, and its progress bars."""
        self._spread_over_columns(self.Request.create(self._values(100)))
        view = self.env.ref("beneficiary_aid.beneficiary_aid_request_view_kanban")
        specification = self._specification(view)
        domain = [("is_open", "=", True)]
        self.env.invalidate_all()
        self.assertFalse(self.Request.env.su)
        with self.assertQueryCount(15):
            answer = self.Request.with_context(read_group_expand=True).web_read_group(
                domain,
                groupby=["stage_id"],
                aggregates=["amount_requested:sum"],
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=80,
            )
            self.Request.read_progress_bar(
                domain,
                "stage_id",
                {"field": "reply_state", "colors": {"late": "danger"}},
            )
        filled = [group for group in answer["groups"] if group["__count"]]
        self.assertEqual([group["__count"] for group in filled], [20] * 5)

    @warmup
    def test_list(self):
        self.Request.create(self._values(100))
        self.env.flush_all()
        view = self.env.ref("beneficiary_aid.beneficiary_aid_request_view_list")
        specification = self._specification(view)
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            self.Request.web_search_read(
                [("is_open", "=", True)], specification, limit=80
            )

    def _specification(self, view):
        """The fields of a view as the web client asks for them."""
        from lxml import etree

        names = {node.get("name") for node in etree.fromstring(view.arch).iter("field")}
        fields = self.env["beneficiary.aid.request"]._fields
        return {
            name: {"fields": {"display_name": {}}}
            if fields[name].type == "many2one"
            else {}
            for name in names
        }

    @warmup
    def test_what_is_missing_is_found_at_once_for_all(self):
        few = self.Request.create(self._values(5))
        self._query_missing(few)
        many = self.Request.create(self._values(80))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(22):
            many.mapped("missing_note")

    def _query_missing(self, requests):
        self.env.invalidate_all()
        requests.mapped("missing_note")
