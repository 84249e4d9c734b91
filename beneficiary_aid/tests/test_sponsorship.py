from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from ..models import beneficiary_sliced_mixin, beneficiary_sponsorship_run
from ..tools.schedule import indexed, periods
from .batch_common import BatchCommon

TODAY = "2026-03-20"


@tagged("post_install", "-at_install")
class TestSchedule(BaseCase):
    """Days and amounts of a plan, without a database."""

    def test_last_days_of_months(self):
        days = periods(date(2026, 1, 31), date(2026, 4, 30), "monthly")
        self.assertEqual(
            days,
            [
                date(2026, 1, 31),
                date(2026, 2, 28),
                date(2026, 3, 31),
                date(2026, 4, 30),
            ],
        )

    def test_pauses_and_frequencies(self):
        start, end = date(2026, 1, 1), date(2026, 12, 31)
        self.assertEqual(len(periods(start, end, "quarterly")), 4)
        self.assertEqual(len(periods(start, end, "yearly")), 1)
        pause = (date(2026, 2, 1), date(2026, 3, 31))
        self.assertEqual(len(periods(start, end, "monthly", [pause])), 10)
        self.assertEqual(
            periods(start, end, "monthly", [(date(2026, 2, 1), None)]), [start]
        )

    def test_rises_on_the_anniversary(self):
        start = date(2026, 1, 31)
        self.assertEqual(indexed(100, 10, start, date(2027, 1, 30)), 100)
        self.assertAlmostEqual(indexed(100, 10, start, date(2027, 1, 31)), 110)
        self.assertAlmostEqual(indexed(100, 10, start, date(2028, 1, 31)), 121)


class SponsorshipCommon(BatchCommon):
    """A recurring help whose first two instalments are due."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(TODAY))
        super().setUpClass()
        cls.aid_type.nature = "recurring"
        cls._donate(100000)
        cls.sponsor = cls.env["res.partner"].create({"name": "A Sponsor"})

    @classmethod
    def _create_plan(cls, approved=1200, start=True, request=None, **values):
        request = request or cls._approve(approved)
        if not request.beneficiary_id.partner_id.bank_ids:
            cls._give_accounts(request.beneficiary_id)
        plan = cls.env["beneficiary.sponsorship"].create(
            {
                "request_id": request.id,
                "amount": 100,
                "date_start": "2026-02-01",
                "date_end": "2027-01-31",
                **values,
            }
        )
        if start:
            plan.with_user(cls.aid_manager).action_start()
        return plan

    @classmethod
    def _run(cls, day=TODAY, user=None):
        run = (
            cls.env["beneficiary.sponsorship.run"]
            .with_user(user or cls.clerk)
            .create({"date": day, "company_id": cls.company.id})
        )
        run.action_run()
        return run


@tagged("post_install", "-at_install")
class TestSponsorship(SponsorshipCommon):
    # === The plan === #

    def test_plan_within_the_approval(self):
        plan = self._create_plan()
        self.assertEqual((plan.state, plan.planned_amount), ("running", 1200))
        self.assertEqual(plan.next_date, date(2026, 2, 1))
        self.assertRegex(plan.name, r"^SPO/\d{4}/\d{5}$")
        with self.assertRefused("1,200", "1,199"):
            self._create_plan(1199)

    def test_rise_counts_against_the_approval(self):
        with self.assertRefused("2,520"):
            self._create_plan(2500, date_end="2028-01-31", indexation=10)
        self._create_plan(2520, date_end="2028-01-31", indexation=10)

    def test_two_plans_of_one_request_share_the_approval(self):
        plan = self._create_plan()
        other = self._create_plan(request=plan.request_id, start=False)
        with self.assertRefused("2,400"):
            other.with_user(self.aid_manager).action_start()

    def test_only_recurring_help(self):
        self.aid_type.nature = "cash"
        with self.assertRaises(ValidationError):
            self._create_plan()

    def test_plan_stays_once_it_began(self):
        plan = self._create_plan().with_user(self.clerk)
        for values in ({"amount": 1}, {"date_end": "2030-01-01"}, {"state": "ended"}):
            with self.assertRaises(UserError):
                plan.write(values)
        with self.assertRefused(plan.name):
            plan.unlink()

    def test_bad_amounts(self):
        for amount in (0, -1, float("nan"), 1e12):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self._create_plan(amount=amount, start=False)

    def test_shares_make_a_hundred_on_each_day(self):
        other = self.env["res.partner"].create({"name": "Another Sponsor"})
        line = Command.create({"partner_id": self.sponsor.id, "share": 60})
        with self.assertRaises(ValidationError):
            self._create_plan(line_ids=[line])
        second = {"partner_id": other.id, "share": 40}
        plan = self._create_plan(line_ids=[line, Command.create(second)])
        with self.assertRaises(ValidationError):
            plan.line_ids[1].date_to = "2026-05-31"

    def test_no_sponsor_with_a_file(self):
        values = {"partner_id": self.beneficiary.partner_id.id}
        with self.assertRaises(ValidationError):
            self._create_plan(line_ids=[Command.create(values)])

    # === Running === #

    def test_run_makes_what_is_due_into_one_batch(self):
        plan = self._create_plan()
        run = self._run()
        self.assertEqual(run.step, "done")
        self.assertEqual(
            plan.disbursement_ids.sorted("period_date").mapped("period_date"),
            [date(2026, 2, 1), date(2026, 3, 1)],
        )
        self.assertEqual(run.batch_id.line_ids.disbursement_id, plan.disbursement_ids)
        self.assertEqual(plan.next_date, date(2026, 4, 1))
        self.assertEqual(plan.planned_amount, 1000)
        self._sign(self._prepared(run.batch_id))
        self.assertEqual(set(plan.disbursement_ids.mapped("state")), {"sent"})
        self.assertFund(99800, 1000)

    def _prepared(self, batch):
        batch.with_user(self.clerk).action_prepare()
        return batch

    def test_second_run_makes_nothing_twice(self):
        plan = self._create_plan()
        run = self._run()
        with self.assertRefused("No instalment"):
            self._run()
        with self.assertRefused("made already"):
            run.action_run()
        self.assertEqual(len(plan.disbursement_ids), 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["beneficiary.disbursement"].create(
                {
                    "request_id": plan.request_id.id,
                    "sponsorship_id": plan.id,
                    "period_date": "2026-03-01",
                    "amount": 1,
                }
            )

    def test_cancelled_instalment_is_due_again(self):
        plan = self._create_plan()
        run = self._run()
        first = plan.disbursement_ids.sorted("period_date")[0]
        run.batch_id.action_cancel()
        first.with_user(self.clerk).action_cancel()
        self.assertEqual(plan.next_date, date(2026, 2, 1))
        self._run()
        self.assertEqual(len(plan.disbursement_ids), 3)

    def test_run_is_resumable(self):
        plans = self._create_plan()
        for number in (1, 2):
            file = self._create_beneficiary(identity_number=CITIZENS[number])
            request = self._approve(
                1200, request=self._create_request(beneficiary_id=file.id)
            )
            plans |= self._create_plan(request=request)
        with (
            patch.object(beneficiary_sliced_mixin, "AT_ONCE", 1),
            patch.object(beneficiary_sponsorship_run, "SLICE", 1),
        ):
            run = self._run()
            self.assertEqual((run.step, run.waiting_count), ("working", 3))
            run._work_slice()
            run.invalidate_recordset()
            self.assertEqual((run.step, run.waiting_count), ("working", 2))
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._run()
            run.action_continue()
            while run._work_slice():
                pass
        self.assertEqual(run.step, "done")
        self.assertEqual(len(run.batch_id.line_ids), 6)

    def test_queries_of_a_slice_do_not_grow(self):
        plans = self.env["beneficiary.sponsorship"]
        for disbursement in self._create_due(24):
            request = disbursement.request_id
            disbursement.action_cancel()
            plans |= plans.create(
                {
                    "request_id": request.id,
                    "amount": 10,
                    "date_start": "2026-03-01",
                    "date_end": "2026-05-31",
                }
            )
        plans.with_user(self.aid_manager).action_start()
        counts = []
        for some in (plans[:4], plans[4:]):
            run = (
                self.env["beneficiary.sponsorship.run"]
                .with_user(self.clerk)
                .create({"date": TODAY, "company_id": self.company.id})
            )
            batch = self._gather(self.env["beneficiary.disbursement"])
            run.sudo().write({"step": "working", "batch_id": batch.id})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.clerk)._make_instalments(run)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            run.sudo().step = "done"
            self.env.flush_all()
        # Five times as many, hardly more questions.
        self.assertLess(counts[1], counts[0] + 12, counts)

    def test_pause_is_left_out(self):
        plan = self._create_plan()
        self.env["beneficiary.sponsorship.pause"].with_user(self.aid_manager).create(
            {
                "sponsorship_id": plan.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "reason": "Abroad",
            }
        )
        self.assertTrue(plan.is_paused)
        self._run()
        self.assertEqual(
            plan.disbursement_ids.mapped("period_date"), [date(2026, 2, 1)]
        )
        self.assertEqual(plan.planned_amount, 1000)
        with self.assertRaises(AccessError):
            plan.pause_ids.with_user(self.clerk).unlink()

    def test_approval_lowered_holds_the_plan_up(self):
        plan = self._create_plan()
        plan.request_id.sudo().amount_approved = 150
        run = self._run()
        self.assertEqual(len(plan.disbursement_ids), 1)
        self.assertIn("does not cover", plan.problem)
        self.assertEqual(run.problem_count, 1)

    def test_shared_approval_is_never_exceeded_in_a_run(self):
        plan = self._create_plan(date_end="2026-07-31")
        other = self._create_plan(request=plan.request_id, date_end="2026-07-31")
        plan.request_id.sudo().amount_approved = 300
        self._run()
        made = plan.disbursement_ids | other.disbursement_ids
        self.assertEqual(sum(made.mapped("amount")), 300)

    # === Stopping === #

    def test_stops_with_a_reason(self):
        cases = {
            "age": ({"birth_date": "2008-03-20"}, {"age_limit": 18}),
            "review": ({"next_review_date": "2026-03-19"}, {}),
            "death": ({"death_date": "2026-03-01"}, {}),
        }
        for reason, (person, plan_values) in cases.items():
            with self.subTest(reason=reason), self.cr.savepoint():
                plan = self._create_plan(**plan_values)
                self.beneficiary.write(person)
                run = self._run()
                self.assertEqual((plan.state, plan.stop_reason), ("stopped", reason))
                self.assertFalse(plan.disbursement_ids)
                self.assertEqual(run.problem_count, 1)
                plan.sudo().write({"state": "ended"})
                self.beneficiary.write(dict.fromkeys(person, False))

    def test_condition_gone(self):
        criterion = self.env["beneficiary.criterion"].create(
            {
                "name": "A woman",
                "kind": "automatic",
                "domain": "[('gender', '=', 'female')]",
                "policy_id": self.policy.id,
            }
        )
        self.beneficiary.gender = "female"
        plan = self._create_plan(criterion_ids=criterion.ids)
        plan._watch(fields.Date.today())
        self.assertEqual(plan.state, "running")
        self.beneficiary.gender = "male"
        plan._watch(fields.Date.today())
        self.assertEqual((plan.state, plan.stop_reason), ("stopped", "condition"))
        with self.assertRefused(plan.name):
            plan.with_user(self.aid_manager).action_resume()
        self.beneficiary.gender = "female"
        plan.with_user(self.aid_manager).action_resume()
        self.assertEqual(plan.state, "running")

    def test_death_event_stops_at_once(self):
        plan = self._create_plan()
        self.env["beneficiary.life.event"].with_user(self.officer).create(
            {
                "kind": "death",
                "household_id": self.household.id,
                "beneficiary_id": self.beneficiary.id,
            }
        ).action_record()
        self.assertEqual((plan.state, plan.stop_reason), ("stopped", "death"))
        self.assertFalse(plan.next_date)

    def test_watch_once_a_day(self):
        plan = self._create_plan(date_end="2026-03-15")
        self._run()
        job = self.env.ref("beneficiary_aid.ir_cron_sponsorship_watch")
        with freeze_time("2026-03-21"), self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertEqual(plan.state, "ended")

    def test_stop_says_why(self):
        plan = self._create_plan().with_user(self.aid_manager)
        with self.assertRefused("why it stops"):
            plan.action_stop()
        plan.stop_note = "Moved abroad"
        plan.action_stop()
        self.assertEqual((plan.state, plan.stop_reason), ("stopped", "manual"))
        with self.assertRefused("Stopped"):
            plan.action_stop()

    # === Renewal === #

    def test_renewal_needs_a_decision_that_covers_it(self):
        plan = self._create_plan()
        action = plan.with_user(self.aid_manager).action_renew()
        renewal = self.env["beneficiary.sponsorship"].browse(action["res_id"])
        self.assertEqual(
            (renewal.date_start, renewal.date_end, renewal.state),
            (date(2027, 2, 1), date(2028, 1, 31), "draft"),
        )
        with self.assertRefused("2,400"):
            renewal.with_user(self.aid_manager).action_start()
        self._approve(2400, request=plan.request_id)
        renewal.with_user(self.aid_manager).action_start()
        self.assertEqual(renewal.state, "running")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            plan.with_user(self.aid_manager).action_renew()

    # === Roles === #

    def test_roles(self):
        plan = self._create_plan(start=False)
        for user in (self.officer, self.clerk, self.releaser, self.researcher):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                plan.with_user(user).action_start()
        for user in (self.aid_manager, self.releaser, self.officer):
            with self.subTest(run=user.login), self.assertRaises(AccessError):
                self._run(user=user)
        for user in (self.employee, self.representative, self.accountant):
            with self.subTest(read=user.login), self.assertRaises(AccessError):
                plan.with_user(user).read(["amount"])
        plan.with_user(self.auditor).read(["amount"])

    def test_other_company(self):
        plan = self._create_plan()
        company = self._create_association("Other")
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_aid_manager", company
        )
        found = self.env["beneficiary.sponsorship"].with_user(stranger)
        found = found.with_context(allowed_company_ids=company.ids)
        self.assertFalse(found.search([]))
        with self.assertRaises(AccessError):
            found.browse(plan.id).action_start()

    def test_instalments_are_not_typed_in(self):
        plan = self._create_plan()
        with self.assertRefused("its run"):
            self._disburse(plan.request_id, 1, sponsorship_id=plan.id)

    def test_new_run_says_what_is_due_before_it_is_saved(self):
        plan = self._create_plan()
        runs = self.env["beneficiary.sponsorship.run"].with_user(self.clerk)
        with Form(runs.with_company(self.company)) as form:
            form.date = plan.date_start
            self.assertEqual((form.waiting_count, form.problem_count), (1, 0))

    # === What the sponsor reads === #

    def test_statement_names_nobody_without_consent(self):
        line = Command.create({"partner_id": self.sponsor.id, "share": 100})
        plan = self._create_plan(line_ids=[line])
        batch = self._run().batch_id
        statement = (
            self.env["beneficiary.sponsor.statement"]
            .with_user(self.clerk)
            .create({"sponsor_id": self.sponsor.id, "company_id": self.company.id})
        )
        with self.assertRefused("Nothing was paid"):
            statement.action_print()
        self._prepared(batch)
        statement.action_print()
        paper = statement._statement_html()
        self.assertIn(plan.name, paper)
        for word in (
            self.beneficiary.name,
            self.beneficiary.file_number,
            plan.request_id.name,
            self.aid_type.name,
        ):
            self.assertNotIn(word, paper)
        notice = self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "What we do with your data."}
        )
        notice.action_put_in_force()
        self.env["beneficiary.consent"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "purpose": "donor",
                "notice_id": notice.id,
            }
        )
        self.assertIn(self.beneficiary.name, statement._statement_html())

    def test_statement_tells_the_share_of_the_day(self):
        lines = [
            {"partner_id": self.sponsor.id, "share": 100, "date_to": "2026-02-28"},
            {"partner_id": self.donor.id, "share": 75, "date_from": "2026-03-01"},
            {"partner_id": self.sponsor.id, "share": 25, "date_from": "2026-03-01"},
        ]
        self._create_plan(line_ids=[Command.create(line) for line in lines])
        self._prepared(self._run().batch_id)
        statement = self.env["beneficiary.sponsor.statement"].create(
            {"sponsor_id": self.sponsor.id, "company_id": self.company.id}
        )
        self.assertEqual([share for _one, share in statement._rows()], [100, 25])

    def test_shares_add_up_to_the_instalment(self):
        sponsors = self.env["res.partner"].create(
            [{"name": f"Sponsor {number}"} for number in range(3)]
        )
        lines = [
            {"partner_id": sponsor.id, "share": share}
            for sponsor, share in zip(sponsors, (33.33, 33.33, 33.34), strict=True)
        ]
        plan = self._create_plan(
            amount=0.05, line_ids=[Command.create(line) for line in lines]
        )
        self._prepared(self._run().batch_id)
        parts = []
        for sponsor in sponsors:
            statement = self.env["beneficiary.sponsor.statement"].create(
                {"sponsor_id": sponsor.id, "company_id": self.company.id}
            )
            parts.append([part for _one, part in statement._rows()])
        self.assertTrue(parts[0])
        for instalment in zip(*parts, strict=True):
            self.assertAlmostEqual(sum(instalment), plan.amount)
            self.assertGreaterEqual(min(instalment), 0)
