from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .lists_common import SIGNATURE, ListsCommon


@tagged("post_install", "-at_install")
class TestDistributionList(ListsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poor = cls._create_family(1)
        cls.rich = cls._create_family(2, income=9000)
        cls.distribution = cls._create_distribution()

    def test_everybody_has_a_reason(self):
        self.distribution.action_make_list()
        poor = self._line(self.distribution, self.poor)
        rich = self._line(self.distribution, self.rich)
        self.assertEqual((poor.result, rich.result), ("in", "out"))
        self.assertEqual(poor.reason, "Need band: met (A)")
        self.assertEqual(rich.reason, "Need band: not met (B)")
        self.assertEqual(poor.value, 150)
        self.assertEqual(self.distribution.listed_by_id, self.officer)

    def test_scope_leaves_files_out_without_a_line(self):
        area = self.env["beneficiary.area"].create(
            {"name": "Far", "company_id": self.company.id}
        )
        self.distribution.area_ids = area
        self.poor.area_id = area
        self.distribution.action_make_list()
        self.assertEqual(self.distribution.line_ids.beneficiary_id, self.poor)

    def test_conditions_of_the_policy_with_the_value_seen(self):
        criterion = self.env["beneficiary.criterion"].create(
            {
                "name": "Widowed",
                "policy_id": self.policy.id,
                "kind": "automatic",
                "domain": "[('marital_status', '=', 'widowed')]",
                "value_field": "marital_status",
            }
        )
        self.distribution.criterion_ids = criterion
        self.poor.marital_status = "married"
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.poor)
        self.assertEqual(line.result, "out")
        self.assertIn("Widowed: not met (Married)", line.reason)

    def test_size_of_the_household(self):
        self.distribution.members_from = 2
        self._create_beneficiary(
            name="Son",
            identity_kind="other",
            identity_number="SON001",
            household_id=self.poor.household_id.id,
            relationship="son",
        )
        self.distribution.action_make_list()
        self.assertEqual(self._line(self.distribution, self.poor).result, "in")
        self.assertEqual(self._line(self.distribution, self.beneficiary).result, "out")

    def test_one_package_for_a_household(self):
        son = self._create_beneficiary(
            name="Son",
            identity_kind="other",
            identity_number="SON001",
            household_id=self.poor.household_id.id,
            relationship="son",
            state="active",
        )
        self.distribution.action_make_list()
        self.assertEqual(self._line(self.distribution, self.poor).result, "in")
        line = self._line(self.distribution, son)
        self.assertEqual(line.result, "out")
        self.assertIn(self.poor.file_number, line.reason)

    def test_those_in_need_most_come_first_and_others_wait(self):
        self._create_family(3, income=500)
        self.distribution.packages = 2
        self.distribution.action_make_list()
        lines = self.distribution.line_ids
        self.assertEqual(self.distribution.in_count, 2)
        self.assertEqual(
            lines.filtered(lambda line: line.result == "reserve").beneficiary_id.name,
            "Family 3",
        )

    def test_whoever_was_served_lately_is_left_out(self):
        earlier = self._opened(name="Earlier")
        self._fetch(self._line(earlier, self.poor))
        self.distribution.not_again_days = 30
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.poor)
        self.assertEqual(line.result, "out")
        self.assertIn(earlier.number, line.reason)

    def test_hand_needs_a_reason_and_stays_when_made_again(self):
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.rich).with_user(self.officer)
        line.write({"override": "in", "override_reason": "Fire in the house"})
        self.assertEqual((line.result, line.override_by_id), ("in", self.officer))
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.rich)
        self.assertEqual((line.result, line.override_by_id), ("in", self.officer))

    @mute_logger("odoo.sql_db")
    def test_hand_without_reason(self):
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.rich).with_user(self.officer)
        with self.assertRaises(IntegrityError):
            line.override = "in"
            line.flush_recordset()

    def test_results_are_not_typed_in(self):
        self.distribution.action_make_list()
        line = self._line(self.distribution, self.rich).with_user(self.officer)
        for values in ({"result": "in"}, {"state": "handed"}, {"value": 1}):
            with self.assertRaises(AccessError):
                line.write(values)
        with self.assertRaises(AccessError):
            self.distribution.state = "approved"
        with self.assertRaises(AccessError):
            self.distribution.item_ids.given = 3

    def test_sensitive_data_make_no_list(self):
        with self.assertRaises(ValidationError):
            self.distribution.domain = "[('special_needs', '=', 'sight')]"

    def test_search_that_is_none(self):
        with self.assertRaises(ValidationError):
            self.distribution.domain = "[('no_such_field', '=', 1)]"

    def test_nobody_in_the_scope(self):
        self.distribution.domain = "[('name', '=', 'Nobody at all')]"
        with self.assertRaises(UserError):
            self.distribution.action_make_list()

    def test_referring_names_what_is_missing(self):
        self.distribution.action_make_list()
        self.distribution.write({"place": False, "committee_id": False})
        with self.assertRaisesRegex(UserError, "committee.*picked up"):
            self.distribution.action_refer()

    def test_stock_must_reach(self):
        self.distribution.item_ids.stocked = 1
        self.distribution.action_make_list()
        with self.assertRaisesRegex(UserError, "not enough of Basket"):
            self.distribution.action_refer()

    def test_referred_list_stays(self):
        self.distribution.action_make_list()
        self.distribution.action_refer()
        for change in (
            lambda: self.distribution.write({"packages": 1}),
            lambda: self.distribution.line_ids[:1].write({"override": "out"}),
            lambda: self.distribution.line_ids[:1].unlink(),
            lambda: self.distribution.item_ids.write({"quantity": 2}),
            self.distribution.action_make_list,
        ):
            with self.assertRaises(UserError):
                change()
        self.distribution.item_ids.stocked = 90
        self.distribution.action_take_back()
        self.distribution.action_make_list()

    def test_roles(self):
        self.distribution.action_make_list()
        for user in (self.auditor, self.researcher, self.member_a, self.secretary):
            own = self.distribution.with_user(user)
            self.assertEqual(own.line_ids, self.distribution.line_ids)
            with self.assertRaises(AccessError):
                own.action_make_list()
            with self.assertRaises(AccessError):
                own.write({"name": "X"})
        with self.assertRaises(AccessError):
            self.distribution.with_user(self.employee).read(["name"])
        self.poor.branch_id = self.branch
        self.distribution.action_make_list()
        own = self.distribution.with_user(self.representative)
        self.assertEqual(own.line_ids.beneficiary_id, self.poor)
        with self.assertRaises(AccessError):
            own.action_refer()

    def test_other_company(self):
        other = self._other_company_officer()
        self.distribution.action_make_list()
        own = self.distribution.with_user(other).with_context(
            allowed_company_ids=other.company_ids.ids
        )
        self.assertFalse(own.search([]))
        with self.assertRaises(AccessError):
            own.action_make_list()
        lines = self.distribution.line_ids.with_env(own.env)
        with self.assertRaises(AccessError):
            lines.read(["result"])

    def _count(self):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.distribution.action_make_list()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_of_a_list_do_not_grow_with_it(self):
        self.distribution.action_make_list()
        few = self._count()
        for number in range(10, 100):
            self._create_family(number)
        self.env.flush_all()
        # Made once before, like the small one.
        self.distribution.action_make_list()
        many = self._count()
        self.assertEqual(self.distribution.in_count, 92)
        self.assertLessEqual(many, few)

    def test_thousand_lines_in_one_go(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P {n}", "company_id": self.company.id} for n in range(1000)]
        )
        self.env["beneficiary.beneficiary"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "identity_kind": "other",
                    "identity_number": f"T{partner.id}",
                    "state": "active",
                }
                for partner in partners
            ]
        )
        self.distribution.need_band_ids = False
        self.distribution.item_ids.stocked = 2000
        self.env.flush_all()
        queries = self._count()
        self.assertGreater(self.distribution.in_count, 1000)
        self.assertLess(queries, 60)
        self.distribution.action_refer()
        self._decide_list(self._list_item(self.distribution))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.distribution.action_start()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 30)


@tagged("post_install", "-at_install")
class TestDistributionDecision(ListsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poor = cls._create_family(1)
        cls.rich = cls._create_family(2, income=9000)
        cls.distribution = cls._create_distribution()
        cls.distribution.action_make_list()
        cls.distribution.action_refer()

    def test_one_decision_for_everybody_on_the_list(self):
        item = self._list_item(self.distribution)
        self.assertEqual(item.amount, self.distribution.value_in)
        self.assertIn("2 people", item.motion)
        self._decide_list(item)
        decision = self.distribution.decision_id
        self.assertEqual(self.distribution.state, "approved")
        self.assertEqual(decision.outcome, "in_kind")
        self.assertEqual(decision.distribution_id, self.distribution)
        self.assertTrue(decision._check_seal())
        lines = self.distribution.line_ids
        entitled = lines.filtered(lambda line: line.state == "entitled")
        self.assertEqual(entitled.decision_id, decision)
        self.assertIn(self.poor, entitled.beneficiary_id)
        self.assertFalse(self._line(self.distribution, self.rich).decision_id)
        self.assertFalse(self.env["beneficiary.decision"]._broken_seals(self.company))

    def test_list_on_the_session_screen(self):
        item = self._list_item(self.distribution)
        for name in ("secretary", "chair"):
            meeting = item.meeting_id.with_user(getattr(self, name))
            shown = meeting.session_state(item.id)["item"]
            self.assertEqual(shown["id"], item.id)
            self.assertIn(self.distribution.name, shown["name"])
            self.assertFalse(shown["person"])
            self.assertFalse(shown["studies"])
        item.action_open_vote()
        member = item.meeting_id.with_user(self.member_a)
        self.assertTrue(member.session_state(item.id)["item"]["can"]["vote"])

    def test_list_by_secret_ballot(self):
        self.committee.ballot = "secret"
        item = self._list_item(self.distribution)
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="no", member_b="yes")
        item.action_close_vote()
        decision = item.decision_ids
        self.assertEqual(self.distribution.state, "approved")
        self.assertEqual((decision.yes_count, decision.no_count), (2, 1))
        self.assertEqual(sorted(decision.ballot_snapshot), ["no", "yes", "yes"])
        self.assertFalse(any(item.sudo().vote_ids.mapped("value")))
        item.meeting_id.action_close()
        content = str(item.meeting_id.minutes_ids.sudo().content)
        self.assertIn(decision.name, content)
        rows = [
            row
            for section in item.meeting_id.minutes_ids.sudo().content["sections"]
            if section["key"] == f"item_{item.id}"
            for row in section["rows"]
        ]
        self.assertNotIn(self.member_a.name, str(rows))

    def test_declined_list_can_be_corrected_and_come_again(self):
        item = self._list_item(
            self.distribution, outcome="decline", reason_id=self.reason_declined.id
        )
        self._decide_list(item)
        self.assertEqual(self.distribution.state, "declined")
        with self.assertRaises(UserError):
            self.distribution.action_start()
        self.distribution.action_take_back()
        self.distribution.action_refer()
        self._decide_list(self._list_item(self.distribution))
        self.assertEqual(self.distribution.state, "approved")

    def test_agenda_takes_waiting_lists(self):
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        self.assertEqual(meeting.item_ids.distribution_id, self.distribution)

    def test_session_screen_shows_no_sum_nobody_asked_for(self):
        """It read: asked for 0.00, recommended 0.00, no study, no papers."""
        item = self._list_item(self.distribution)
        shown = item.meeting_id.session_state(item.id)["item"]
        self.assertTrue(shown["is_list"])
        self.assertEqual((shown["requested"], shown["recommended"]), ("", ""))
        self.assertIn(self.distribution.name, shown["motion"]["motion"])
        single = self._put_on_agenda(
            item.meeting_id, self._refer(self._create_request())
        )
        shown = item.meeting_id.session_state(single.id)["item"]
        self.assertFalse(shown["is_list"])
        self.assertTrue(shown["requested"])

    def test_list_is_on_one_agenda_only(self):
        self._list_item(self.distribution)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._list_item(self.distribution)

    def test_list_that_is_not_referred(self):
        other = self._create_distribution(name="Other")
        with self.assertRaises(UserError):
            self._list_item(other)

    def test_list_of_another_committee(self):
        committee = self.env["beneficiary.committee"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self.distribution.action_take_back()
        self.distribution.committee_id = committee
        self.distribution.action_refer()
        with self.assertRaisesRegex(UserError, "is for Other"):
            self._list_item(self.distribution)

    def test_list_is_not_changed_by_its_motion(self):
        item = self._list_item(self.distribution, outcome="approve_less")
        with self.assertRaises(UserError):
            item.action_open_vote()

    def test_member_with_kin_on_the_list_leaves(self):
        self._create_beneficiary(
            name="Member A",
            identity_kind="other",
            identity_number="SON001",
            partner_id=self.member_a.partner_id.id,
            household_id=self.poor.household_id.id,
            relationship="son",
        )
        item = self._list_item(self.distribution)
        tie = item.sudo().conflict_ids.filtered(
            lambda one: one.member_id == self.seats["member_a"]
        )
        self.assertTrue(tie)
        with self.assertRaisesRegex(UserError, "kin"):
            item.action_open_vote()
        tie.with_user(self.secretary).action_confirm()
        item.action_open_vote()
        self.assertNotIn(self.seats["member_a"], item.eligible_member_ids)
        with self.assertRaises(AccessError):
            item.with_user(self.member_a)._vote("yes")

    def test_whoever_made_the_list_does_not_vote(self):
        self.member_b.group_ids = [
            Command.link(
                self.env.ref("beneficiary_relations.group_relations_officer").id
            )
        ]
        self.distribution.action_take_back()
        self.distribution.with_user(self.member_b).action_make_list()
        self.distribution.action_refer()
        item = self._list_item(self.distribution)
        item.action_open_vote()
        self.assertNotIn(self.seats["member_b"], item.eligible_member_ids)

    def test_minutes_name_the_list_and_nobody_on_it(self):
        item = self._list_item(self.distribution)
        self._decide_list(item)
        item.meeting_id.action_close()
        minutes = item.meeting_id.minutes
        self.assertIn(self.distribution.number, minutes)
        self.assertIn(self.distribution.decision_id.name, minutes)
        self.assertNotIn(self.poor.name, minutes)

    def test_list_before_the_vote_is_not_taken_back(self):
        item = self._list_item(self.distribution)
        item.action_open_vote()
        with self.assertRaises(UserError):
            self.distribution.action_take_back()
        with self.assertRaises(UserError):
            self.distribution.action_cancel()

    def test_two_subjects(self):
        request = self._refer()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._list_item(self.distribution, request_id=request.id)


@tagged("post_install", "-at_install")
class TestDistributionPickup(ListsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poor = cls._create_family(1, phone="0505555555")
        cls.distribution = cls._opened()
        cls.line = cls._line(cls.distribution, cls.poor)

    def test_code_fetches_once(self):
        self._fetch(self.line)
        self.assertEqual(self.line.state, "handed")
        self.assertEqual(self.distribution.item_ids.given, 1)
        self.assertEqual(self.distribution.item_ids.left, 99)
        handout = self.line.handout_ids
        self.assertEqual(handout.handed_by_id, self.officer)
        self.assertEqual(handout.taker_name, self.poor.name)
        with self.assertRaisesRegex(UserError, "already"):
            self._fetch(self.line)
        self.assertEqual(self.distribution.item_ids.given, 1)

    @mute_logger("odoo.sql_db")
    def test_database_holds_one_handing_out(self):
        self._fetch(self.line)
        with self.assertRaises(IntegrityError):
            self.line.handout_ids.sudo().copy()
            self.env.flush_all()

    def test_arabic_digits_and_spaces(self):
        code = self._code(self.line)
        arabic = "".join("٠١٢٣٤٥٦٧٨٩"[int(digit)] for digit in code)
        self._fetch(self.line, code=f"{arabic[:4]} {arabic[4:]}")
        self.assertEqual(self.line.state, "handed")

    def test_wrong_code(self):
        wrong = f"{(int(self._code(self.line)) + 1) % 10**8:08}"
        for code in (wrong, "1", "x" * 8):
            with self.assertRaises(UserError):
                self._fetch(self.line, code=code)

    def test_without_proof(self):
        with self.assertRaises(ValidationError):
            self._fetch(self.line, signature=False)
        self._fetch(self.line, signature=False, photo=SIGNATURE)

    def test_outside_the_days(self):
        self.distribution.sudo().write(
            {
                "date_from": fields.Date.subtract(fields.Date.today(), days=9),
                "date_to": fields.Date.subtract(fields.Date.today(), days=3),
            }
        )
        with self.assertRaisesRegex(UserError, "only"):
            self._fetch(self.line)

    def test_last_piece_goes_out_once(self):
        self.distribution.item_ids.stocked = 1
        self._fetch(self.line)
        with self.assertRaisesRegex(UserError, "not enough left"):
            self._fetch(self._line(self.distribution, self.beneficiary))

    def test_member_of_the_household_takes_it(self):
        son = self._create_beneficiary(
            name="Son",
            identity_kind="other",
            identity_number="SON001",
            household_id=self.poor.household_id.id,
            relationship="son",
        )
        with self.assertRaises(ValidationError):
            self._fetch(self.line, taker_kind="household", taker_id=self.beneficiary.id)
        self._fetch(self.line, taker_kind="household", taker_id=son.id)
        self.assertEqual(self.line.handout_ids.taker_name, "Son")

    def test_mandate_must_allow_to_receive(self):
        holder = self.env["res.partner"].create(
            {"name": "Holder", "company_id": self.company.id}
        )
        mandate = self.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": self.poor.id,
                "holder_id": holder.id,
                "kind": "agent",
                "can_receive": True,
                "proof": SIGNATURE,
                "proof_filename": "deed.png",
            }
        )
        with self.assertRaises(ValidationError):
            self._fetch(self.line, taker_kind="mandate", mandate_id=mandate.id)
        mandate.with_user(self.officer).action_activate()
        self._fetch(self.line, taker_kind="mandate", mandate_id=mandate.id)
        self.assertEqual(self.line.handout_ids.taker_name, "Holder")

    def test_codes_are_read_by_nobody(self):
        for user in (self.officer, self.manager, self.administrator, self.auditor):
            line = self.line.with_user(user)
            with self.assertRaises(AccessError):
                line.read(["code"])
            with self.assertRaises(AccessError):
                line.search([("code", "=", "1")])

    def test_branch_hands_out_to_its_own_only(self):
        with self.assertRaises(UserError):
            self._fetch(self.line, user=self.representative)
        self.line.sudo().branch_id = self.branch
        self._fetch(self.line, user=self.representative)
        self.assertEqual(self.line.state, "handed")

    def test_wrong_roles_hand_nothing_out(self):
        for user in (self.auditor, self.researcher, self.secretary):
            with self.assertRaises(AccessError):
                self.line.with_user(user)._hand_out(self._code(self.line), {})
            with self.assertRaises(AccessError):
                self.distribution.with_user(user).action_hand_out()
        with self.assertRaises(AccessError):
            self.env["beneficiary.distribution.handout"].with_user(self.officer).create(
                {"line_id": self.line.id, "taker_name": "x"}
            )

    def test_manager_takes_a_mistake_back(self):
        self._fetch(self.line)
        values = {"line_id": self.line.id, "reason": "Wrong person"}
        Void = self.env["beneficiary.distribution.void"]
        with self.assertRaises(AccessError):
            Void.with_user(self.officer).create(values)
        Void.with_user(self.manager).create(values).action_void()
        self.assertEqual(self.line.state, "entitled")
        self.assertEqual(self.distribution.item_ids.given, 0)
        self.assertEqual(self.line.handout_ids.void_by_id, self.manager)
        self._fetch(self.line)
        self.assertEqual(len(self.line.handout_ids), 2)

    def test_messages_are_neutral_and_stored_at_once(self):
        self.distribution.action_notify()
        message = self.env["beneficiary.message"].search(
            [("partner_id", "=", self.poor.partner_id.id)]
        )
        self.assertEqual(message.kind, "code")
        self.assertIn(self._code(self.line), message.body)
        self.assertIn("North branch", message.body)
        self.assertNotIn("Ramadan", message.body)

    def test_closing_lists_what_was_not_fetched(self):
        self._fetch(self.line)
        self.distribution.action_close()
        self.assertEqual(self.distribution.handed_count, 1)
        self.assertEqual(self.distribution.rest_count, 1)
        self.assertEqual(self.distribution.value_handed, 150)
        rest = self._line(self.distribution, self.beneficiary)
        self.assertEqual(rest.state, "not_fetched")
        with self.assertRaises(UserError):
            self._fetch(rest)

    def test_cancel_only_before_something_went_out(self):
        self._fetch(self.line)
        with self.assertRaises(UserError):
            self.distribution.action_cancel()

    def test_slips(self):
        html = str(self.distribution._slips_html())
        self.assertIn(self._code(self.line), html)
        self.assertEqual(html.count('class="slip"'), 2)
        with self.assertRaises(AccessError):
            self.distribution.with_user(self.auditor)._slips_html()

    def test_slips_speak_the_language_of_those_who_read_them(self):
        """Whatever language the colleague works in who prints them."""
        self.env["res.lang"]._activate_lang("ar_001")
        html = str(self.distribution.with_context(lang="en_US")._slips_html())
        self.assertIn('dir="rtl"', html)
        self.assertNotIn("From", html)

    def test_more_for_a_larger_household(self):
        self._create_beneficiary(
            name="Son",
            identity_kind="other",
            identity_number="SON001",
            household_id=self.poor.household_id.id,
            relationship="son",
        )
        item = {"name": "Coat", "per_member": True, "unit_value": 50, "stocked": 9}
        distribution = self._opened(name="Winter", item_ids=[Command.create(item)])
        line = self._line(distribution, self.poor)
        self.assertEqual(line.value, 100)
        self._fetch(line)
        self.assertEqual(distribution.item_ids.given, 2)


@tagged("post_install", "-at_install")
class TestDistributionPrivacy(ListsCommon):
    def test_destroyed_with_the_person(self):
        person = self._create_family(1)
        distribution = self._opened()
        line = self._line(distribution, person)
        self._fetch(line)
        paths = self.env["beneficiary.beneficiary"]._person_paths()
        self.assertIn("beneficiary.agenda.item", paths)
        self.assertIn("beneficiary.decision", paths)
        self.assertIn("beneficiary.distribution.handout", paths)
        data = person._person_data()
        self.assertEqual(len(data["beneficiary.distribution.line"]), 1)
        self.assertNotIn("code", data["beneficiary.distribution.line"][0])
        self.assertNotIn("rank", data["beneficiary.distribution.line"][0])
