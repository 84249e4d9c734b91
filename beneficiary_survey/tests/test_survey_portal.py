import re

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common_portal import CANARY, PortalCommon

from .common import WORDS, SurveyCommon

_BALLOT = re.compile(r'name="ballot"\s+value="([^"]+)"')
SPY = "عين لا ترى"


@tagged("-at_install", "post_install")
class TestSurveyPortal(SurveyCommon, PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invitation = cls._happen(cls.own)
        cls.foreign_invitation = cls._happen(cls.foreign)
        cls.quality.lang = "en_US"

    def start(self, invitation=None):
        """Press Start; return the page with the ballot."""
        return self.post(f"/my/surveys/{(invitation or self.invitation).id}/start")

    def send(self, token, marks=(5, 4, 3), words="", **kwargs):
        """Send a ballot with these marks."""
        fields = {
            f"q_{question.id}": str(mark)
            for question, mark in zip(self.marks, marks, strict=False)
        }
        fields[f"q_{self.words.id}"] = words
        return self.post("/my/surveys/ballot", {"ballot": token, **fields}, **kwargs)

    def token(self, page):
        return _BALLOT.search(page.text).group(1)

    def ballots(self):
        return self.Ballot.search([("rule_id", "=", self.rule.id)])

    # ------------------------------------------------------------------
    # The way through
    # ------------------------------------------------------------------

    def test_person_answers_through_the_pages(self):
        page = self.url_open("/my/surveys")
        self.assertIn(f"/my/surveys/{self.invitation.id}", page.text)
        self.assertNothingForeign(page)
        page = self.url_open(f"/my/surveys/{self.invitation.id}")
        self.assertIn("without your name", self.url_open("/my/surveys").text)
        self.assertIn("never change a decision", page.text)
        page = self.start()
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("Mark 1", page.text)
        token = self.token(page)
        page = self.send(token, words=WORDS)
        self.assertTrue(page.url.endswith("/my/surveys/thanks"), page.url)
        self.assertEqual(self.invitation.state, "answered")
        answers = self.ballots().answers
        self.assertEqual(
            [answers[str(question.id)] for question in self.marks], ["5", "4", "3"]
        )
        self.assertEqual(answers[str(self.words.id)], WORDS)
        self.assertNotIn(
            f"/my/surveys/{self.invitation.id}", self.url_open("/my/surveys").text
        )

    def test_person_is_told_what_evaluations_are_for(self):
        self.rule.policy_id.evaluation_notice = "not_for_punishment"
        page = self.url_open(f"/my/surveys/{self.invitation.id}")
        self.assertIn("not for punishment or defamation", page.text)
        self.rule.policy_id.evaluation_notice = False
        page = self.url_open(f"/my/surveys/{self.invitation.id}")
        self.assertNotIn("is your right", page.text)

    def test_home_counts_open_surveys(self):
        self.assertIn("/my/surveys", self.url_open("/my").text)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["beneficiary_survey_count"]}
        )
        self.assertEqual(counters["beneficiary_survey_count"], 1)

    def test_group_of_five_shows_a_score_one_alone_does_not(self):
        self.send(self.token(self.start()), marks=(4, 4, 4))
        self.Ballot._mix(self.rule)
        self.assertTrue(all(self._results().mapped("is_hidden")))
        self._answer_many([4, 4, 4, 4])
        self.Ballot._mix(self.rule)
        self.assertEqual(set(self._results().mapped("average")), {4.0})

    # ------------------------------------------------------------------
    # Once
    # ------------------------------------------------------------------

    def test_second_sending_is_told_and_stores_nothing(self):
        token = self.token(self.start())
        self.send(token)
        page = self.send(token)
        self.assertEqual(page.status_code, 410)
        self.assertIn("closed", page.text)
        self.assertEqual(len(self.ballots()), 1)

    def test_answered_invitation_does_not_start_again(self):
        self.send(self.token(self.start()))
        self.assertEqual(self.start().status_code, 410)
        page = self.url_open(f"/my/surveys/{self.invitation.id}")
        self.assertEqual(page.status_code, 410)

    def test_lost_page_can_be_started_again_and_counts_once(self):
        first = self.token(self.start())
        second = self.token(self.start())
        self.assertEqual(self.send(first).status_code, 410)
        self.assertEqual(self.send(second).status_code, 200)
        self.assertEqual(len(self.ballots()), 1)

    # ------------------------------------------------------------------
    # Entered wrongly
    # ------------------------------------------------------------------

    def test_wrong_mark_is_told_and_nothing_is_lost(self):
        token = self.token(self.start())
        page = self.send(token, marks=(9, 4, 3), words=WORDS)
        self.assertEqual(page.status_code, 422)
        self.assertIn("Choose one of the answers shown.", page.text)
        self.assertIn(WORDS, page.text)
        self.assertEqual(self.token(page), token)
        self.assertFalse(self.ballots())
        self.assertEqual(self.invitation.state, "invited")
        self.assertEqual(self.send(token).status_code, 200)

    def test_empty_ballot_is_told(self):
        page = self.send(self.token(self.start()), marks=())
        self.assertEqual(page.status_code, 422)
        self.assertIn("at least one question", page.text)

    def test_words_are_shown_inert(self):
        page = self.send(
            self.token(self.start()), marks=(9,), words='</textarea><script>x("1")'
        )
        self.assertNotIn('<script>x("1")', page.text)

    def test_fields_nobody_asked_for_change_nothing(self):
        token = self.token(self.start())
        self.post(
            "/my/surveys/ballot",
            {
                "ballot": token,
                f"q_{self.marks[0].id}": "5",
                "q_0": "5",
                "state": "invited",
                "rule_id": "1",
                "beneficiary_id": str(self.foreign.id),
            },
        )
        self.assertEqual(
            {key for key, value in self.ballots().answers.items() if value},
            {str(self.marks[0].id)},
        )
        self.assertEqual(self.foreign_invitation.state, "invited")

    # ------------------------------------------------------------------
    # Somebody else's
    # ------------------------------------------------------------------

    def test_foreign_and_absent_invitation_look_the_same(self):
        pages = []
        for number in (self.foreign_invitation.id, 2**31 - 1, 0, 2**40):
            page = self.url_open(f"/my/surveys/{number}")
            self.assertEqual(page.status_code, 404, number)
            self.assertNothingForeign(page)
            pages.append(
                re.sub(r"csrf_token: \"[^\"]+\"|/my/surveys/\d+", "", page.text)
            )
            page = self.post(f"/my/surveys/{number}/start")
            self.assertEqual(page.status_code, 404, number)
        self.assertEqual(len(set(pages)), 1)
        self.assertFalse(self.foreign_invitation.ballot_hash)

    def test_visitor_is_asked_to_log_in(self):
        self.authenticate(None, None)
        for path in ("/my/surveys", f"/my/surveys/{self.invitation.id}"):
            self.assertIn("/web/login", self.url_open(path).url)

    def test_ballot_needs_no_login_but_its_token(self):
        token = self.token(self.start())
        self.authenticate(None, None)
        csrf = re.search(
            r'csrf_token: "([^"]+)"', self.url_open("/web/login").text
        ).group(1)
        page = self.url_open(
            "/my/surveys/ballot",
            data={"csrf_token": csrf, "ballot": "x" * 22, f"q_{self.marks[0].id}": "5"},
        )
        self.assertEqual(page.status_code, 410)
        page = self.url_open(
            "/my/surveys/ballot",
            data={"csrf_token": csrf, "ballot": token, f"q_{self.marks[0].id}": "5"},
        )
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self.invitation.state, "answered")

    def test_forms_refuse_a_missing_token_and_the_wrong_method(self):
        for path in (
            f"/my/surveys/{self.invitation.id}/start",
            "/my/surveys/ballot",
            f"/beneficiary/survey/paper/{self.rule.id}",
        ):
            self.assertEqual(self.url_open(path, data={"x": "1"}).status_code, 400)
        self.assertEqual(self.url_open("/my/surveys/ballot").status_code, 405)
        page = self.url_open(f"/my/surveys/{self.invitation.id}/start")
        self.assertEqual(page.status_code, 405)

    @mute_logger("odoo.http")
    def test_portal_user_gets_nothing_by_rpc(self):
        self.send(self.token(self.start()), words=CANARY)
        for model in (
            "beneficiary.survey.ballot",
            "beneficiary.survey.rule",
            "beneficiary.survey.result",
            "survey.user_input",
            "survey.user_input.line",
            "survey.survey",
        ):
            self.assertRefused(model, "search_read", [], ["id"])
        rows = self.call("beneficiary.survey.invitation", "search_read", [], ["state"])
        self.assertEqual([row["id"] for row in rows], self.invitation.ids)
        self.assertRefused(
            "beneficiary.survey.invitation",
            "write",
            self.invitation.ids,
            {"state": "invited"},
        )
        for method in ("_issue_ballot", "_cast", "_find_ballot", "_plan"):
            self.assertRefused(
                "beneficiary.survey.invitation", method, self.invitation.ids
            )
        for field in ("ballot_hash", "event_key", "rule_id", "survey_id"):
            model = "beneficiary.survey.invitation"
            for domain in ([(field, "=", 1)], [(field, "like", "a")]):
                self.assertRefused(model, "search_read", domain, ["id"])
            self.assertRefused(model, "search_read", [], ["id"], order=field)
            self.assertRefused(model, "read", self.invitation.ids, [field])
            self.assertRefused(model, "formatted_read_group", [], [field], ["__count"])

    @mute_logger("odoo.http")
    def test_officer_gets_nothing_by_rpc(self):
        self.log_in(self.officer)
        for model in (
            "beneficiary.survey.ballot",
            "beneficiary.survey.invitation",
            "beneficiary.survey.result",
            "survey.user_input",
            "survey.user_input.line",
        ):
            self.assertRefused(model, "search_read", [], ["id"])
            self.assertRefused(model, "web_read_group", [], [], ["__count"])
        self.assertRefused("beneficiary.survey.ballot", "_mix", [])

    # ------------------------------------------------------------------
    # Odoo's own pages
    # ------------------------------------------------------------------

    def test_odoo_pages_take_no_answer(self):
        survey = self.survey
        before = self.env["survey.user_input"].search_count([])
        for path in (
            f"/survey/start/{survey.access_token}",
            f"/survey/test/{survey.access_token}",
            f"/survey/print/{survey.access_token}",
        ):
            page = self.url_open(path)
            self.assertNotIn("Mark 1", page.text, path)
        self.assertEqual(self.env["survey.user_input"].search_count([]), before)

    # ------------------------------------------------------------------
    # Paper
    # ------------------------------------------------------------------

    def test_quality_officer_enters_paper_forms(self):
        self.log_in(self.quality)
        path = f"/beneficiary/survey/paper/{self.rule.id}"
        page = self.url_open(path)
        self.assertIn("Mark 1", page.text)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
        data = {"csrf_token": csrf, f"q_{self.marks[0].id}": "2"}
        page = self.url_open(path, data=data)
        self.assertIn("Stored", page.text)
        self.assertEqual(self.ballots().answers[str(self.marks[0].id)], "2")
        page = self.url_open(path, data={**data, f"q_{self.marks[0].id}": "7"})
        self.assertEqual(page.status_code, 422)
        self.assertEqual(len(self.ballots()), 1)

    def test_paper_screen_is_for_the_quality_officer(self):
        path = f"/beneficiary/survey/paper/{self.rule.id}"
        for user in (self.user, self.officer, self.manager, self.administrator):
            self.log_in(user)
            self.assertEqual(self.url_open(path).status_code, 404, user.login)
        other = self._create_association("Other")
        self.log_in(self._create_user("quality_other", "quality_officer", other))
        self.assertEqual(self.url_open(path).status_code, 404)
