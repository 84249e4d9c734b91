import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import AidCommon

PASSWORD = "a-long-pass-phrase"


@tagged("post_install", "-at_install")
class TestRecusal(AidCommon, HttpCase):
    """Who stepped aside gets nothing of the request, by any path."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()
        cls.other_request = cls._refer(
            cls._create_request(cls._create_other_beneficiary())
        )
        cls.meeting = cls._open_meeting()
        cls.item = cls._put_on_agenda(cls.meeting, cls.request)
        cls.other_item = cls._put_on_agenda(cls.meeting, cls.other_request)
        cls.request.message_subscribe(cls.member_a.partner_id.ids)
        cls.message = cls.request.message_post(
            body="A word on the case",
            partner_ids=cls.member_a.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "report.txt",
                "raw": b"A word on the case",
                "res_model": "beneficiary.aid.request",
                "res_id": cls.request.id,
            }
        )
        cls.activity = cls.request.activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.member_a.id
        )
        (cls.member_a | cls.member_b).password = PASSWORD

    def _recuse(self, name="member_a"):
        self.item.with_user(getattr(self, name)).action_recuse()
        self.env.flush_all()
        self.env.invalidate_all()

    def _rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def _log_in(self, user):
        self.authenticate(user.login, PASSWORD)

    def _hidden_records(self):
        """Return records that hang on the request, each with its model."""
        request = self.request.sudo()
        paper = request.document_ids[:1]
        self.assertTrue(paper.page_ids)
        return (
            request,
            self.item,
            request.assessment_ids[:1],
            request.assessment_ids.line_ids[:1],
            request.declaration_ids[:1],
            request.beneficiary_id,
            request.beneficiary_id.partner_id,
            paper,
            paper.page_ids[:1],
            self.message,
            self.attachment,
            self.activity,
        )

    @mute_logger("odoo.http")
    def test_nothing_by_rpc(self):
        records = self._hidden_records()
        self._log_in(self.member_a)
        for record in records:
            self.assertTrue(
                self._rpc(record._name, "search", [("id", "=", record.id)]),
                f"{record._name} is read before",
            )
        self._recuse()
        for record in records:
            domain = [("id", "=", record.id)]
            with self.subTest(model=record._name):
                self.assertFalse(self._rpc(record._name, "search", domain))
                self.assertFalse(self._rpc(record._name, "search_count", domain))
                self.assertFalse(self._rpc(record._name, "search_read", domain, ["id"]))
                self.assertFalse(
                    self._rpc(record._name, "name_search", "", domain=domain)
                )
                groups = self._rpc(
                    record._name,
                    "formatted_read_group",
                    domain,
                    groupby=["create_uid"],
                    aggregates=["__count"],
                )
                self.assertFalse(groups)
                for method, args in (
                    ("read", [["display_name"]]),
                    ("web_read", [{"display_name": {}}]),
                    ("export_data", [["id", "display_name"]]),
                ):
                    with self.assertRaises(JsonRpcException, msg=method):
                        self._rpc(record._name, method, [record.id], *args)

    @mute_logger("odoo.http")
    def test_nothing_of_the_votes_and_the_decision(self):
        self._recuse()
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_b="yes", researcher_member="yes")
        self.item.action_close_vote()
        decision = self.item.decision_ids
        vote = self.item.sudo().vote_ids[:1]
        self.assertTrue(decision and vote)
        self._log_in(self.member_a)
        for record in (decision, vote):
            with self.subTest(model=record._name):
                domain = [("id", "=", record.id)]
                self.assertFalse(self._rpc(record._name, "search", domain))
                with self.assertRaises(JsonRpcException):
                    self._rpc(record._name, "read", [record.id], ["display_name"])
        self._log_in(self.member_b)
        self.assertTrue(self._rpc(decision._name, "search", [("id", "=", decision.id)]))

    @mute_logger("odoo.http")
    def test_nothing_by_url(self):
        self._log_in(self.member_a)
        paths = [
            f"/web/content/{self.attachment.id}",
            "/web/content/beneficiary.document.page/{page}/file",
        ]
        page = self.request.sudo().document_ids.page_ids[:1].id
        paths = [path.format(page=page) for path in paths]
        for path in paths:
            self.assertEqual(self.url_open(path).status_code, 200, path)
        self._recuse()
        for path in paths:
            self.assertIn(self.url_open(path).status_code, (403, 404), path)
        thread = self.make_jsonrpc_request(
            "/mail/thread/messages",
            {"thread_model": "beneficiary.aid.request", "thread_id": self.request.id},
        )
        self.assertNotIn("beneficiary.aid.request", str(thread))
        self.assertNotIn("A word on the case", str(thread))
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": "beneficiary.aid.request",
                    "thread_id": self.request.id,
                    "post_data": {"body": "A word", "message_type": "comment"},
                },
            )

    def test_no_more_messages_nor_work(self):
        self._recuse()
        member = self.member_a
        self.assertNotIn(member.partner_id, self.request.message_partner_ids)
        self.assertNotIn(member.partner_id, self.message.sudo().partner_ids)
        self.assertFalse(
            self.message.sudo().notification_ids.filtered(
                lambda notice: notice.res_partner_id == member.partner_id
            )
        )
        self.assertNotEqual(self.activity.sudo().user_id, member)
        with self.assertRaises(UserError):
            self.request.activity_schedule(
                "mail.mail_activity_data_todo", user_id=member.id
            )

    def test_recusal_wins_over_another_role_on_this_request(self):
        self.member_a.group_ids += self.env.ref(
            "beneficiary_relations.group_relations_officer"
        )
        self._recuse()
        mine = self.env(user=self.member_a.id)
        Request = mine["beneficiary.aid.request"]
        self.assertFalse(Request.search([("id", "=", self.request.id)]))
        with self.assertRaises(AccessError):
            Request.browse(self.request.id).write({"reason": "Another"})
        self.assertTrue(Request.search([("id", "=", self.other_request.id)]))
        # The role opens the person's file by itself.
        file = mine["beneficiary.beneficiary"].browse(self.beneficiary.id)
        self.assertTrue(file.has_access("read"))

    def test_what_others_see_stays(self):
        self._recuse()
        for user in (self.member_b, self.officer, self.auditor):
            request = self.request.with_user(user)
            self.assertTrue(request.has_access("read"), user.login)
        mine = self.env(user=self.member_a.id)
        self.assertTrue(mine["beneficiary.agenda.item"].search([]), "the other item")
        meeting = self.meeting.with_user(self.member_a)
        self.assertEqual(meeting.item_ids, self.other_item.with_user(self.member_a))

    def test_file_of_another_request_opens_again_with_the_withdrawal(self):
        self._recuse()
        own = self.item.with_user(self.secretary).conflict_ids
        own._reject("He thought of somebody else")
        self.assertTrue(self.request.with_user(self.member_a).has_access("read"))

    def test_researcher_works_on_when_the_minutes_are_written(self):
        person = self._create_other_beneficiary(4)
        request = self._refer(self._create_request(person), user=self.researcher_member)
        item = self._put_on_agenda(self.meeting, request)
        own = request.with_user(self.researcher_member)
        self.assertFalse(own.has_access("read"))
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.env.invalidate_all()
        self.assertFalse(own.has_access("read"))
        self.meeting.action_close()
        self.env.invalidate_all()
        self.assertTrue(own.has_access("read"))

    def test_recusal_for_a_tie_lasts(self):
        self._recuse()
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_b="yes", researcher_member="yes")
        self.item.action_close_vote()
        self.meeting.action_close()
        self.env.invalidate_all()
        self.assertFalse(self.request.with_user(self.member_a).has_access("read"))

    def test_papers_are_read_by_nobody_who_guesses_their_number(self):
        self._recuse()
        page = self.request.sudo().document_ids.page_ids[:1]
        with self.assertRaises(AccessError):
            page.with_user(self.member_a).read(["file"])
        self.assertTrue(base64.b64decode(page.file))
