"""Parallel sessions on one person: registered, merged, and a bank account changed."""

import base64
import sys
from pathlib import Path

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon
from odoo.addons.beneficiary_relations.tests.common import CITIZENS, IBAN, PDF

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import CommittedCase  # noqa: E402

QUIET = ("odoo.sql_db", "odoo.service.model")
REFUSALS = (UserError, ValidationError)
OTHER_IBAN = "SA4420000001234567891234"


class Steps(FinanceCommon):
    """The steps of :class:`FinanceCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestRegistryConcurrency(CommittedCase):
    """Exactly one outcome, and a clear word to whoever came second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            Steps.env = env(context={**env.context, "tracking_disable": True})
            Steps._set_up_association()
            company = Steps.company
            cls.context = {
                "allowed_company_ids": company.ids,
                "tracking_disable": True,
            }
            company._beneficiary_setup_accounting()
            for name, groups in FinanceCommon.FINANCE_ROLES.items():
                setattr(Steps, name, Steps._create_finance_user(name, groups))
            second = Steps._create_user("officer2", "relations_officer")
            third = Steps._create_user("officer3", "relations_officer")
            fourth = Steps._create_user("manager2", "manager")
            cls.users = {
                "officer": Steps.officer.id,
                "officer2": second.id,
                "officer3": third.id,
                "manager": Steps.manager.id,
                "manager2": fourth.id,
                "releaser": Steps.releaser.id,
                "clerk": Steps.clerk.id,
            }
            Steps.bank = Steps._create_bank(company)
            Steps.aid_type = Steps._create_aid_type(name="Treatment", code="race")
            Steps.fund = Steps._create_fund(name="Race", code="RACE")
            Steps.donor = Steps.env["res.partner"].create({"name": "Race Donor"})
            Steps._donate(10000)
            cls.ids = {
                name: getattr(Steps, name).id
                for name in ("company", "bank", "aid_type", "fund")
            }

    def _world(self, env):
        """The steps of the finance tests on an environment."""
        names = {name: env["res.users"].browse(id_) for name, id_ in self.users.items()}
        models = {
            "company": "res.company",
            "bank": "account.journal",
            "aid_type": "beneficiary.aid.type",
            "fund": "beneficiary.fund",
        }
        records = {
            name: env[model].browse(self.ids[name]) for name, model in models.items()
        }
        return type("World", (Steps,), {"env": env, **names, **records})

    def assertOneOutcome(self, results, *words):
        """One session was done; the other was told why not, in these words."""
        refused = [one for one in results if isinstance(one, Exception)]
        self.assertEqual(len(refused), len(results) - 1, results)
        for error in refused:
            self.assertIsInstance(error, REFUSALS)
            for word in words:
                self.assertIn(word, str(error))

    # === Registering === #

    @mute_logger(*QUIET)
    def test_two_clerks_register_the_same_identity(self):
        def register(env):
            return (
                env["beneficiary.beneficiary"]
                .create({"name": "سعاد الحربي", "identity_number": CITIZENS[1]})
                .id
            )

        results = self.race(
            [(register, self.users["officer"]), (register, self.users["officer2"])]
        )
        self.assertOneOutcome(results)
        for error in results:
            self.assertNotIn(CITIZENS[1], str(error))
        with self.environment() as env:
            files = env["beneficiary.beneficiary"].search_count(
                [("identity_number", "=", CITIZENS[1])]
            )
            contacts = env["res.partner"].search_count([("name", "=", "سعاد الحربي")])
        self.assertEqual((files, contacts), (1, 1))

    # === Merging === #

    @mute_logger(*QUIET)
    def test_one_pair_is_merged_in_two_sessions(self):
        with self.environment() as env:
            File = env["beneficiary.beneficiary"]
            first = File.create({"name": "نورة", "identity_number": CITIZENS[2]})
            second = File.create({"name": "نورة"})
            pair = (first.id, second.id)
            merges = env["beneficiary.merge"].create(
                [
                    {"survivor_id": one, "double_id": other, "note": "Same person"}
                    for one, other in (pair, pair[::-1])
                ]
            )
            merge_ids = merges.ids

        def merge(merge_id):
            return lambda env: env["beneficiary.merge"].browse(merge_id).action_merge()

        results = self.race(
            [
                (merge(merge_ids[0]), self.users["manager"]),
                (merge(merge_ids[1]), self.users["manager2"]),
            ]
        )
        self.assertOneOutcome(results, "merged already")
        with self.environment() as env:
            files = env["beneficiary.beneficiary"].browse(pair)
            self.assertEqual(len(files.filtered("merged_into_id")), 1)
            done = env["beneficiary.merge"].browse(merge_ids).mapped("state")
        self.assertEqual(sorted(done), ["done", "draft"])

    @mute_logger(*QUIET)
    def test_pair_is_told_apart_by_two_at_once(self):
        with self.environment() as env:
            File = env["beneficiary.beneficiary"]
            pair = [File.create({"name": "هند"}).id for _one in range(2)]

        def tell_apart(first, second):
            def work(env):
                return (
                    env["beneficiary.distinct"]
                    .create(
                        {"first_id": first, "second_id": second, "reason": "Both came"}
                    )
                    .id
                )

            return work

        results = self.race(
            [
                (tell_apart(*pair), self.users["officer"]),
                (tell_apart(*pair[::-1]), self.users["officer2"]),
            ]
        )
        self.assertOneOutcome(results, "already")

    # === The bank account === #

    def _person_to_pay(self):
        """Commit a person with an account and a due payment; return their ids."""
        with self.environment() as env:
            world = self._world(env)
            number = env["beneficiary.beneficiary"].search_count([])
            world.beneficiary = world._create_beneficiary(
                name="محمد العتيبي",
                identity_kind="other",
                identity_number=f"R{number:05}",
                iban=IBAN,
            )
            disbursement = world._disburse(world._approve(50), 50)
            return world.beneficiary.id, disbursement.id

    def _ask(self, file_id):
        def work(env):
            return (
                env["beneficiary.iban.change"]
                .create(
                    {
                        "beneficiary_id": file_id,
                        "new_iban": OTHER_IBAN,
                        "holder_name": "محمد العتيبي",
                        "proof": base64.b64encode(PDF),
                        "proof_filename": "bank.pdf",
                    }
                )
                .id
            )

        return work

    def _confirm(self, change_id):
        return lambda env: (
            env["beneficiary.iban.change"].browse(change_id).action_confirm()
        )

    def _pay(self, disbursement_id):
        def work(env):
            disbursement = env["beneficiary.disbursement"].browse(disbursement_id)
            action = disbursement.action_register_payment()
            env["account.payment.register"].with_context(**action["context"]).create(
                {"journal_id": self.ids["bank"]}
            )._create_payments()

        return work

    def _paid_to(self, disbursement_id):
        """Return the accounts of the payments made for a disbursement."""
        with self.environment() as env:
            disbursement = env["beneficiary.disbursement"].browse(disbursement_id)
            payments = env["account.payment"].search([("memo", "=", disbursement.name)])
            return payments.partner_bank_id.mapped("sanitized_acc_number")

    @mute_logger(*QUIET)
    def test_one_change_is_confirmed_by_two_at_once(self):
        file_id, _disbursement_id = self._person_to_pay()
        change_id = self.session(self._ask(file_id), self.users["officer"])
        confirm = self._confirm(change_id)
        results = self.race(
            [(confirm, self.users["officer2"]), (confirm, self.users["officer3"])]
        )
        self.assertOneOutcome(results, "answered already")
        with self.environment() as env:
            file = env["beneficiary.beneficiary"].browse(file_id)
            accounts = file.partner_id.bank_ids.mapped("sanitized_acc_number")
        self.assertEqual(accounts, [OTHER_IBAN, IBAN])

    @mute_logger(*QUIET)
    def test_change_is_confirmed_while_a_payment_is_registered(self):
        file_id, disbursement_id = self._person_to_pay()
        change_id = self.session(self._ask(file_id), self.users["officer"])
        paid, confirmed = self.race(
            [
                (self._pay(disbursement_id), self.users["releaser"]),
                (self._confirm(change_id), self.users["officer2"]),
            ]
        )
        self.assertNotIsInstance(confirmed, Exception)
        accounts = self._paid_to(disbursement_id)
        if isinstance(paid, Exception):
            self.assertIsInstance(paid, REFUSALS)
            self.assertIn("being changed", str(paid))
            self.assertEqual(accounts, [])
        else:
            self.assertEqual(accounts, [OTHER_IBAN])

    @mute_logger(*QUIET)
    def test_change_is_asked_for_while_a_payment_is_registered(self):
        file_id, disbursement_id = self._person_to_pay()
        paid, asked = self.race(
            [
                (self._pay(disbursement_id), self.users["releaser"]),
                (self._ask(file_id), self.users["officer"]),
            ]
        )
        self.assertNotIsInstance(asked, Exception)
        accounts = self._paid_to(disbursement_id)
        if isinstance(paid, Exception):
            self.assertIsInstance(paid, REFUSALS)
            self.assertIn("being changed", str(paid))
            self.assertEqual(accounts, [])
        else:
            self.assertEqual(accounts, [IBAN])
