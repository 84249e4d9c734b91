from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged, warmup

from .common import CITIZENS, IBAN, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestSearch(BeneficiaryCommon):
    """Look up before registering: what matches, why, and who may know it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beneficiary.write(
            {"phone": "0501234567", "birth_date": "1990-03-25", "iban": IBAN}
        )
        cls.other_branch = cls.env["beneficiary.branch"].create(
            {"name": "South", "company_id": cls.company.id}
        )

    def _search(self, user=None, **values):
        search = (
            self.env["beneficiary.search"]
            .with_user(user or self.officer)
            .create(values)
        )
        search.action_search()
        return search

    def test_each_way_to_match_says_why(self):
        for values, why in (
            ({"identity_number": "١٠٠٠٠٠٠٠٠٨"}, "same identity number"),
            ({"phone": "٠٥٠ ١٢٣ ٤٥٦٧"}, "same phone"),
            ({"iban": "sa03 8000 0000 6080 1016 7519"}, "same IBAN"),
            (
                {"birth_date": "1990-03-25", "name": "محمد العتيبي"},
                "same birth date and similar name",
            ),
            ({"name": "محمد احمد العتيبى"}, "similar name"),
            ({"name": "محمّد بن أحمـد آل عتيبي"}, "similar name"),
        ):
            with self.subTest(values=values):
                lines = self._search(**values).line_ids
                self.assertEqual(lines.beneficiary_id, self.beneficiary)
                self.assertIn(why, lines.why)

    def test_somebody_else_is_not_shown(self):
        search = self._search(name="سارة الدوسري", phone="0559999999")
        self.assertFalse(search.line_ids)

    def test_closed_and_archived_files_are_found(self):
        reason = self.env.ref("beneficiary_relations.state_reason_death")
        self.beneficiary._change_state("closed", reason)
        self.beneficiary.active = False
        search = self._search(identity_number=CITIZENS[0])
        self.assertEqual(search.line_ids.state, "closed")

    def test_registering_with_a_number_that_has_a_file_is_refused(self):
        search = self._search(identity_number=CITIZENS[0], name="محمد")
        with self.assertRaisesRegex(UserError, "file with this identity number"):
            search.action_register()

    def test_registering_without_searching_shows_candidates_first(self):
        search = (
            self.env["beneficiary.search"]
            .with_user(self.officer)
            .create({"name": "محمد أحمد العتيبي", "identity_number": CITIZENS[1]})
        )
        action = search.action_register()
        self.assertEqual(action["res_model"], "beneficiary.search")
        self.assertTrue(search.line_ids)
        action = search.action_register()
        file = self.env["beneficiary.beneficiary"].browse(action["res_id"])
        self.assertEqual(file.identity_number, CITIZENS[1])
        self.assertEqual(file.state, "draft")

    def test_the_wizard_leaves_no_trace_in_the_address_of_the_file(self):
        search = self._search(name="سارة الدوسري", identity_number=CITIZENS[2])
        self.assertIs(search.action_register()["context"]["active_id"], False)
        line = self._search(identity_number=CITIZENS[0]).line_ids
        self.assertIs(line.action_open()["context"]["active_id"], False)

    def test_family_is_registered_one_after_the_other(self):
        form = Form(self.env["beneficiary.search"].with_user(self.officer))
        form.identity_number = CITIZENS[2]
        form.name = "سارة الدوسري"
        form.birth_date_hijri = "1410/08/28"
        form.is_new_household = True
        search = form.save()
        search.action_search()
        search.action_register_next()
        head = search.household_id.head_id
        self.assertEqual(head.identity_number, CITIZENS[2])
        self.assertEqual(str(head.birth_date), "1990-03-25")
        search.write({"name": "نورة الدوسري", "relationship": "daughter"})
        search.action_search()
        search.action_register_next()
        self.assertEqual(len(head.household_id.member_ids), 2)
        self.assertFalse(search.name)

    def _register_head(self, **values):
        """Return the screen after the head of a new household was registered."""
        search = (
            self.env["beneficiary.search"]
            .with_user(self.researcher)
            .create(
                {
                    "identity_number": CITIZENS[2],
                    "name": "خالد بن سعد الدوسري",
                    "birth_date": "1985-01-05",
                    "gender": "male",
                    "phone": "0557654321",
                    "is_new_household": True,
                    **values,
                }
            )
        )
        search.action_register_next()
        return search

    def test_what_usually_follows_is_proposed(self):
        search = self._register_head()
        head = search.household_id.head_id
        head.write(
            {"area_id": self.area.id, "branch_id": self.branch.id, "city": "أبها"}
        )
        self.assertEqual((search.relationship, search.gender), ("spouse", "female"))
        self.assertFalse(search.family_name)
        search.write({"name": "نورة القحطاني", "birth_date": "1988-03-02"})
        search.action_register_next()
        self.assertEqual((search.relationship, search.gender), ("son", "male"))
        self.assertEqual(search.family_name, "خالد بن سعد الدوسري")
        search.write({"name": "عبد الله", "birth_date": "2010-03-02"})
        search.action_register_next()
        child = search.household_id.member_ids.filtered(
            lambda member: member.relationship == "son"
        )
        self.assertEqual(child.name, "عبد الله خالد بن سعد الدوسري")
        self.assertEqual(child.area_id, self.area)
        self.assertEqual(child.branch_id, self.branch)
        self.assertEqual(child.city, "أبها")
        self.assertEqual(child.nationality_id, self.env.ref("base.sa"))
        search.write(
            {
                "name": "ليان سعد الدوسري",
                "birth_date": "2014-07-07",
                "relationship": "daughter",
            }
        )
        self.assertEqual(search.gender, "female")
        search.action_register_next()
        self.assertEqual(search.relationship, "daughter")
        self.assertIn("ليان سعد الدوسري", search.household_id.member_ids.mapped("name"))

    def test_family_name_typed_for_one_child_serves_the_next(self):
        search = self._register_head(gender="female", name="سارة الحربي")
        self.assertEqual(search.relationship, "son")
        self.assertFalse(search.family_name)
        search.write({"name": "فهد", "family_name": "ماجد الشهري"})
        search.action_register_next()
        self.assertEqual(search.family_name, "ماجد الشهري")

    def test_family_is_no_reason_to_ask_again(self):
        search = self._register_head()
        for name, birth in (("سعد", "2010-01-01"), ("سعيد", "2012-01-01")):
            search.write({"name": name, "birth_date": birth, "relationship": "son"})
            search.action_register_next()
            self.assertTrue(search.registered_note)
        self.assertEqual(len(search.household_id.member_ids), 3)

    def test_same_child_twice_is_asked(self):
        search = self._register_head()
        child = {"name": "سعد", "birth_date": "2010-01-01", "relationship": "son"}
        search.write(child)
        search.action_register_next()
        search.write(child)
        search.action_register_next()
        self.assertTrue(search.line_ids)
        self.assertEqual(len(search.household_id.member_ids), 2)

    def test_papers_follow_the_last_member(self):
        search = self._register_head()
        search.write({"name": "نورة القحطاني", "birth_date": "1988-03-02"})
        action = search.action_register_documents()
        self.assertEqual(action["res_model"], "beneficiary.document.capture")
        self.assertEqual(len(search.household_id.member_ids), 2)
        # A second click registers nobody twice.
        search.name = False
        search.action_register_documents()
        self.assertEqual(len(search.household_id.member_ids), 2)

    def test_papers_of_a_single_person(self):
        search = (
            self.env["beneficiary.search"]
            .with_user(self.officer)
            .create({"name": "ماجد الشهري", "identity_number": CITIZENS[3]})
        )
        action = search.action_register_documents()
        self.assertEqual(action["res_model"], "beneficiary.document.capture")

    def test_representative_learns_number_and_branch_of_a_foreign_file_only(self):
        self.beneficiary.branch_id = self.other_branch
        line = self._search(self.representative, identity_number=CITIZENS[0]).line_ids
        self.assertTrue(line.is_foreign)
        self.assertEqual(line.file_number, self.beneficiary.file_number)
        self.assertEqual(line.branch_name, "South")
        self.assertFalse(line.name or line.beneficiary_id or line.birth_date)
        self.assertFalse(line.state)

    def test_representative_does_not_read_another_branch_by_trying_names(self):
        self.beneficiary.branch_id = self.other_branch
        search = self._search(self.representative, name=self.beneficiary.name)
        self.assertFalse(search.line_ids)

    def test_representative_sees_the_own_branch(self):
        self.beneficiary.branch_id = self.branch
        line = self._search(self.representative, identity_number=CITIZENS[0]).line_ids
        self.assertEqual(line.beneficiary_id, self.beneficiary)

    def test_other_associations_are_not_searched(self):
        other = self._create_association("Other")
        user = self._create_user("stranger", "relations_officer", other)
        search = (
            self.env["beneficiary.search"]
            .with_user(user)
            .with_context(allowed_company_ids=other.ids)
        )
        search = search.create({"identity_number": CITIZENS[0]})
        search.action_search()
        self.assertFalse(search.line_ids)

    def test_others_do_not_register(self):
        for user in (self.employee, self.quality, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._search(user, identity_number=CITIZENS[0])

    def test_an_empty_search_is_refused(self):
        with self.assertRaisesRegex(UserError, "Type a number"):
            self._search()

    def test_file_warns_of_a_double(self):
        double = self._create_beneficiary(
            name="محمد احمد العتيبى", identity_kind="passport", identity_number="A12345"
        )
        note = double.with_user(self.officer).duplicate_note
        self.assertIn(self.beneficiary.file_number, note)
        self.assertIn("similar name", note)
        double.birth_date = "1991-01-01"
        self.assertFalse(double.with_user(self.officer).duplicate_note)

    def test_family_sharing_a_phone_is_no_double(self):
        child = self._create_beneficiary(
            name="ليان محمد",
            phone="0501234567",
            household_id=self.household.id,
            relationship="daughter",
        )
        self.assertFalse(child.duplicate_note)

    @warmup
    def test_searching_takes_a_fixed_number_of_queries(self):
        File = self.env["beneficiary.beneficiary"].with_user(self.officer)
        probe = {
            "identity_number": CITIZENS[0],
            "name": "محمد العتيبي",
            "phone": "0501234567",
            "iban": IBAN,
            "birth_date": "1990-03-25",
        }

        def count_queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            File._cards(File._matches(probe, self.company))
            return self.env.cr.sql_log_count - before

        count_queries()
        few = count_queries()
        self.env["beneficiary.beneficiary"].create(
            [
                {"name": f"محمد العتيبي {number}", "company_id": self.company.id}
                for number in range(100)
            ]
        )
        self.assertLessEqual(count_queries(), few + 2)
        self.assertLess(few, 25)

    def test_searches_ask_their_indexes(self):
        """Each exact way to match has an index; a large registry stays fast."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        company = self.company.id
        for query, index in (
            (
                "SELECT id FROM beneficiary_beneficiary"
                " WHERE identity_number = 'x' AND company_id = %s",
                "identity_number",
            ),
            (
                "SELECT id FROM beneficiary_beneficiary"
                " WHERE company_id = %s AND birth_date = '1990-01-01'",
                "birth_idx",
            ),
            (
                "SELECT id FROM beneficiary_beneficiary"
                " WHERE search_name %% 'abcdef ghijkl' AND company_id = %s",
                "search_name",
            ),
            (
                "SELECT id FROM res_partner WHERE phone_sanitized = 'x'"
                " AND company_id = %s",
                "phone_sanitized_idx",
            ),
        ):
            with self.subTest(index=index):
                self.env.cr.execute("EXPLAIN " + query, [company])
                plan = "\n".join(row[0] for row in self.env.cr.fetchall())
                self.assertIn("Index", plan)

    def test_new_files_start_with_the_search(self):
        views = self.env["beneficiary.beneficiary"].get_views(
            [(False, "list"), (False, "kanban"), (False, "form")]
        )
        for kind in ("list", "kanban", "form"):
            self.assertIn(
                f'js_class="beneficiary_{kind}"', views["views"][kind]["arch"]
            )

    def test_users_of_the_search_have_the_menu(self):
        menu = self.env.ref("beneficiary_relations.menu_beneficiary_search")
        visible = self.env["ir.ui.menu"].with_user(self.officer)._visible_menu_ids()
        self.assertIn(menu.id, visible)
