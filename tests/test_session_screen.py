"""Five members and the secretary run a whole meeting on their screens."""

import contextlib
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

from odoo.tests import tagged
from odoo.tests.common import get_db_name

from odoo.addons.beneficiary_aid.tests.common import AidCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from browser import DESKTOP, unlimited_memory  # noqa: E402
from committed import CommittedCase  # noqa: E402
from live_server import running_server  # noqa: E402

ITEMS = int(os.environ.get("SESSION_ITEMS", "40"))
MEMBERS = ("chair", "member_a", "member_b", "member_c", "researcher_member")
KEYS = {"yes": "y", "no": "n", "abstain": "a"}
WAIT = 120000
# The item from which a member steps aside, and the one worded on the screen.
RECUSED, ASIDE = 2, "member_c"
# The item that is chosen by a click, and its vote opened before it is in view.
CLICKED = 3
# The item whose vote is opened slowly, and a key is pressed meanwhile.
SLOW = 4
# Whose first answer comes late.
LATE = "chair"
WORDED = 1
SECRET = "A word on the case of this family"


class Steps(AidCommon):
    """The steps of :class:`AidCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestSessionScreen(CommittedCase):
    """On a real server, with real sessions, websocket and browsers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            Steps.env = env(context={**env.context, "tracking_disable": True})
            Steps._set_up_association()
            cls._seat_fifth_member()
            Steps.committee.abstention = "allowed"
            meeting = Steps._open_meeting(*MEMBERS)
            items = [cls._create_item(meeting, number) for number in range(ITEMS)]
            cls.member_ids = {name: Steps.seats[name].id for name in MEMBERS}
            cls._keep_ids(meeting, items)

    @classmethod
    def _seat_fifth_member(cls):
        Steps.member_c = Steps._create_aid_user(
            "member_c", "beneficiary_aid.group_committee_member"
        )
        Steps.seats["member_c"] = Steps.env["beneficiary.committee.member"].create(
            {
                "committee_id": Steps.committee.id,
                "user_id": Steps.member_c.id,
                "role": "member",
                "date_from": "2020-01-01",
            }
        )

    @classmethod
    def _create_item(cls, meeting, number):
        beneficiary = Steps._create_beneficiary(
            name=f"Session {number}",
            identity_kind="other",
            identity_number=f"S{number:05}",
        )
        request = Steps._refer(Steps._create_request(beneficiary))
        motion = {"amount": 100}
        if number == WORDED:
            # The secretary words this one on the screen.
            motion |= {"outcome": False, "fund_id": False, "reason_id": False}
        return Steps._put_on_agenda(meeting, request, **motion)

    @classmethod
    def _keep_ids(cls, meeting, items):
        """Keep what the browsers ask for; the records belong to another session."""
        recused = items[RECUSED].request_id.sudo()
        recused.message_post(body=SECRET, subtype_xmlid="mail.mt_comment")
        attachment = Steps.env["ir.attachment"].create(
            {
                "name": "report.txt",
                "raw": SECRET.encode(),
                "res_model": recused._name,
                "res_id": recused.id,
            }
        )
        cls.meeting_id = meeting.id
        cls.item_ids = [item.id for item in items]
        cls.reason_id = Steps.reason_entitled.id
        cls.fund_id = Steps.fund.id
        cls.hidden = {
            record._name: record.id
            for record in (
                recused,
                items[RECUSED],
                recused.assessment_ids[:1],
                recused.declaration_ids[:1],
                recused.beneficiary_id,
                recused.beneficiary_id.partner_id,
                recused.document_ids[:1],
                recused.document_ids.page_ids[:1],
                attachment,
            )
        }
        cls.hidden_words = (SECRET, recused.name, recused.beneficiary_id.name)

    # ------------------------------------------------------------------
    # Browsers
    # ------------------------------------------------------------------

    @contextlib.contextmanager
    def screens(self, address):
        """Yield, for everybody, the session screen in a browser context of its own."""
        faults = []
        with (
            unlimited_memory(),
            sync_playwright() as playwright,
            contextlib.closing(
                playwright.chromium.launch(
                    executable_path=shutil.which("chromium") or None,
                    args=["--no-sandbox", "--disable-gpu"],
                )
            ) as browser,
        ):
            pages = {}
            for name in ("secretary", *MEMBERS):
                context = browser.new_context(viewport=DESKTOP, locale="en-US")
                page = context.new_page()
                page.set_default_timeout(WAIT)
                page.on("pageerror", lambda error: faults.append(str(error)))
                pages[name] = page
                self.log_in(page, address, f"aid_{name}")
                if name == LATE:
                    # The bus is connected before this screen has anything to show.
                    page.route("**/session_state", self.answer_late, times=1)
                page.goto(
                    f"{address}/odoo/committee-meetings/{self.meeting_id}"
                    "/committee-session"
                )
                page.wait_for_selector('.o_session_live[data-live="1"]')
                page.evaluate("window.sameDocument = true")
            yield pages
            for page in pages.values():
                self.assertTrue(page.evaluate("window.sameDocument === true"))
        self.assertFalse(faults)

    def answer_late(self, route):
        route.request.frame.page.wait_for_function(
            "odoo.__WOWL_DEBUG__.root.env.services.bus_service.workerState"
            " === 'CONNECTED'"
        )
        route.continue_()

    def log_in(self, page, address, login):
        answer = page.context.request.post(
            address + "/web/session/authenticate",
            data={
                "jsonrpc": "2.0",
                "params": {"db": self.database, "login": login, "password": login},
            },
        )
        self.assertTrue(answer.json()["result"]["uid"])

    def rpc(self, page, address, model, method, *args, **kwargs):
        """Call the server as the person of a page; return its answer."""
        return page.context.request.post(
            address + "/web/dataset/call_kw",
            data={
                "jsonrpc": "2.0",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                },
            },
        ).json()

    def wait_all(self, pages, selector):
        for page in pages.values():
            page.wait_for_selector(selector)

    def confirm(self, page):
        """Answer the question with the keyboard."""
        page.wait_for_selector(".modal .btn-primary")
        page.keyboard.press("Enter")
        page.wait_for_selector(".modal", state="detached")

    # ------------------------------------------------------------------
    # The meeting
    # ------------------------------------------------------------------

    def planned(self, number):
        """Return what each votes on an item; every result comes up."""
        values = ("yes", "yes", "no", "yes", "abstain", "no")
        return {
            name: values[(number * (place + 1) + place) % len(values)]
            for place, name in enumerate(MEMBERS)
            if (number, name) != (RECUSED, ASIDE)
        }

    def test_meeting_of_forty_items_on_six_screens(self):
        with (
            running_server(self.database, get_db_name()) as address,
            self.screens(address) as pages,
        ):
            self.step_aside(pages)
            self.check_hidden(pages[ASIDE], address)
            for number in range(ITEMS):
                self.run_item(pages, number)
            self.check_hidden(pages[ASIDE], address)
            answer = self.rpc(
                pages["secretary"],
                address,
                "beneficiary.meeting",
                "action_close",
                [self.meeting_id],
            )
            self.assertNotIn("error", answer)
            self.check_hidden(pages[ASIDE], address)
        self.check_figures()

    def step_aside(self, pages):
        """A member steps aside; his screen loses the item without being reloaded."""
        row = f'.o_session_row[data-item="{self.item_ids[RECUSED]}"]'
        page = pages[ASIDE]
        page.click(row)
        page.wait_for_selector(f"{row}.o_session_chosen")
        page.click(".o_session_recuse")
        self.confirm(page)
        page.wait_for_selector(row, state="detached")
        page.wait_for_selector(".o_session_hidden")
        for words in self.hidden_words:
            self.assertNotIn(words, page.inner_text(".o_beneficiary_session"))

    def run_item(self, pages, number):
        """Open the vote, vote, close it, each seen by all on their screens."""
        secretary = pages["secretary"]
        row = f'.o_session_row[data-item="{self.item_ids[number]}"]'
        votes = self.planned(number)
        there = {
            name: page
            for name, page in pages.items()
            if (number, name) != (RECUSED, ASIDE)
        }
        self.wait_all(there, f"{row}.o_session_chosen")
        if number == WORDED:
            self.word_motion(secretary, row)
        if number == CLICKED:
            self.choose_late(secretary, row)
        elif number == SLOW:
            self.open_slowly(secretary, row)
        else:
            secretary.keyboard.press("Enter")
        self.wait_all(there, f'{row}.o_session_chosen[data-state="voting"]')
        for name, value in votes.items():
            there[name].wait_for_selector(".o_session_yes")
            there[name].keyboard.press(KEYS[value])
            self.confirm(there[name])
        self.wait_all(there, f'.o_session_count[data-voted="{len(votes)}"]')
        secretary.keyboard.press("Enter")
        self.confirm(secretary)
        over = f'{row}:is([data-state="decided"], [data-state="postponed"])'
        self.wait_all(there, over)
        if number + 1 < ITEMS:
            secretary.keyboard.press("Enter")

    def choose_late(self, page, row):
        """Open the vote on an item that was just clicked and is still being read."""
        last = self.item_ids[-1]
        page.click(f'.o_session_row[data-item="{last}"]')
        page.wait_for_selector(f'.o_session_card[data-item="{last}"]')
        page.route("**/session_state", self.press_enter, times=1)
        page.click(row)

    def open_slowly(self, page, row):
        """A key pressed while the vote is being opened means what comes after it."""
        page.route("**/action_open_vote", self.press_enter, times=1)
        page.keyboard.press("Enter")
        page.wait_for_selector(".modal .btn-primary")
        page.wait_for_selector(f'{row}[data-state="voting"]')
        page.keyboard.press("Escape")
        page.wait_for_selector(".modal", state="detached")

    def press_enter(self, route):
        route.request.frame.page.keyboard.press("Enter")
        route.continue_()

    def word_motion(self, page, row):
        """The secretary words the motion on the screen."""
        page.select_option("select[name=outcome]", "approve")
        page.select_option("select[name=fund_id]", str(self.fund_id))
        page.select_option("select[name=reason_id]", str(self.reason_id))
        page.fill("textarea[name=motion]", "Worded on the screen")
        # A click on the item that is shown leaves what is not saved yet.
        with page.expect_response("**/session_state"):
            page.click(row)
        page.click(".o_session_save")
        page.wait_for_selector(".o_session_save", state="detached")
        # Keys typed into a field are no steps: leave it.
        page.click(".o_session_quorum")

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def check_hidden(self, page, address):
        """Whoever stepped aside gets nothing: URL, RPC, search, attachment, chatter."""
        for model, number in self.hidden.items():
            with self.subTest(model=model):
                domain = [["id", "=", number]]
                for method in ("search", "search_count", "search_read"):
                    answer = self.rpc(page, address, model, method, domain)
                    self.assertFalse(answer["result"], method)
                answer = self.rpc(page, address, model, "name_search", domain=domain)
                self.assertFalse(answer["result"])
                for method in ("read", "web_read", "export_data"):
                    fields = {"display_name": {}} if method == "web_read" else ["id"]
                    answer = self.rpc(page, address, model, method, [number], fields)
                    self.assertIn("error", answer, method)
        attachment = self.hidden["ir.attachment"]
        paper = self.hidden["beneficiary.document.page"]
        request = self.hidden["beneficiary.aid.request"]
        for path in (
            f"/web/content/{attachment}",
            f"/web/content/beneficiary.document.page/{paper}/file",
            f"/odoo/beneficiary.aid.request/{request}",
        ):
            answer = page.context.request.get(address + path)
            for words in self.hidden_words:
                self.assertNotIn(words, answer.text(), path)
        answer = page.context.request.post(
            address + "/mail/thread/messages",
            data={
                "jsonrpc": "2.0",
                "params": {
                    "thread_model": "beneficiary.aid.request",
                    "thread_id": request,
                },
            },
        )
        self.assertNotIn(SECRET, answer.text())
        state = self.rpc(
            page,
            address,
            "beneficiary.meeting",
            "session_state",
            [self.meeting_id],
            item_id=self.item_ids[RECUSED],
        )
        for words in self.hidden_words:
            self.assertNotIn(words, str(state["result"]))

    def check_figures(self):
        """The figures of the minutes are those of a recount of the raw votes."""
        with self.environment() as env:
            items = env["beneficiary.agenda.item"].browse(self.item_ids)
            env.cr.execute(
                """SELECT item_id, member_id, value FROM beneficiary_vote
                    WHERE item_id IN %s ORDER BY item_id""",
                [tuple(self.item_ids)],
            )
            raw = {}
            for item_id, member_id, value in env.cr.fetchall():
                raw.setdefault(item_id, {})[member_id] = value
            lines = re.findall(
                r"For: (\d+), against: (\d+), abstained: (\d+)",
                items.meeting_id.minutes,
            )
            self.assertEqual(len(lines), ITEMS)
            for number, (item, line) in enumerate(zip(items, lines, strict=True)):
                with self.subTest(item=number):
                    self.assertEqual(
                        raw[item.id],
                        {
                            self.member_ids[name]: value
                            for name, value in self.planned(number).items()
                        },
                    )
                    given = Counter(raw[item.id].values())
                    figures = [given["yes"], given["no"], given["abstain"]]
                    self.assertEqual([int(figure) for figure in line], figures)
                    decision = item.decision_ids
                    self.assertEqual(len(decision), given["yes"] + given["no"] > 0)
                    if decision:
                        self.assertEqual(decision.passed, given["yes"] > given["no"])
                        self.assertEqual(
                            [
                                decision.yes_count,
                                decision.no_count,
                                decision.abstain_count,
                            ],
                            figures,
                        )
            self.assertEqual(items[WORDED].motion, "Worded on the screen")
