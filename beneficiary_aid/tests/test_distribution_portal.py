from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal import AidPortalCommon


@tagged("-at_install", "post_install")
class TestPortalPickups(AidPortalCommon):
    """A person sees what is ready for him and his code, and nothing of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distribution, cls.own_line, cls.foreign_line = cls._open_list()

    @classmethod
    def _open_list(cls):
        """A list that hands out; how it is decided is tested elsewhere."""
        kind = cls._create_aid_type(name="Basket", nature="in_kind")
        committee = cls.env["beneficiary.committee"].create(
            {"name": "Committee", "company_id": cls.company.id}
        )
        distribution = cls.env["beneficiary.distribution"].create(
            {
                "name": "Ready for winter",
                "aid_type_id": kind.id,
                "committee_id": committee.id,
                "company_id": cls.company.id,
                "place": "North branch",
                "date_from": fields.Date.today(),
                "date_to": fields.Date.today(),
                "item_ids": [Command.create({"name": "Heater", "stocked": 9})],
                "line_ids": [
                    Command.create({"beneficiary_id": person.id, "reason": "Band A"})
                    for person in (cls.own, cls.foreign)
                ],
            }
        )
        meeting = cls.env["beneficiary.meeting"].create({"committee_id": committee.id})
        distribution.state = "decision"
        item = cls.env["beneficiary.agenda.item"].create(
            {"meeting_id": meeting.id, "distribution_id": distribution.id}
        )
        decision = cls.env["beneficiary.decision"]._record(
            {
                "company_id": cls.company.id,
                "distribution_id": distribution.id,
                "item_id": item.id,
                "round": 1,
                "committee_id": committee.id,
                "outcome": "in_kind",
                "passed": True,
                "public_text": "The list was approved.",
            }
        )
        distribution._apply_list_decision(decision)
        distribution.action_start()
        return distribution, *distribution.line_ids.sorted("id")

    def test_page_shows_code_place_and_decision(self):
        self.assertIn("/my/pickups", self.url_open("/my").text)
        page = self.url_open("/my/pickups").text
        self.assertIn(self.own_line.code, page)
        self.assertIn("North branch", page)
        self.assertIn(self.distribution.decision_id.name, page)

    def test_nothing_of_others_and_no_reason(self):
        response = self.url_open("/my/pickups")
        self.assertNotIn(self.foreign_line.code, response.text)
        self.assertNotIn("Band A", response.text)
        self.assertNothingForeign(response)

    def test_code_goes_when_it_was_fetched(self):
        self.own_line.sudo().write(
            {"state": "handed", "handed_day": fields.Date.today()}
        )
        page = self.url_open("/my/pickups").text
        self.assertNotIn(self.own_line.code, page)
        self.assertIn("Fetched on", page)

    def test_nothing_before_handing_out_begins(self):
        self.distribution.state = "approved"
        page = self.url_open("/my/pickups").text
        self.assertNotIn("North branch", page)
        self.assertNotIn("/my/pickups", self.url_open("/my").text)

    @mute_logger("odoo.http")
    def test_no_record_over_rpc(self):
        for model in ("distribution", "distribution.line", "distribution.handout"):
            records = self.env[f"beneficiary.{model}"].with_user(self.user)
            with self.assertRaises(AccessError):
                records.search([])
            with self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/beneficiary.{model}/search_read",
                    {
                        "model": f"beneficiary.{model}",
                        "method": "search_read",
                        "args": [[]],
                        "kwargs": {},
                    },
                )

    def test_stranger_without_a_file_sees_nothing(self):
        self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger-portal",
                "password": "stranger-portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("stranger-portal", "stranger-portal")
        page = self.url_open("/my/pickups").text
        self.assertNotIn(self.own_line.code, page)
        self.assertNotIn("North branch", page)

    def test_visitor_must_log_in(self):
        self.authenticate(None, None)
        page = self.url_open("/my/pickups")
        self.assertIn("/web/login", page.url)
