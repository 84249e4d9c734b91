"""Parallel sessions on cheques: real cursors and commits."""

import base64
import sys
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon
from odoo.addons.beneficiary_relations.tests.common import CITIZENS
from odoo.addons.beneficiary_relations.tests.common_portal import make_png

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402


class Steps(FinanceCommon):
    """The steps of the finance tests on an environment given from outside."""

    allow_inherited_tests_method = False
    FINANCE_ROLES = {
        **FinanceCommon.FINANCE_ROLES,
        "releaser2": FinanceCommon.FINANCE_ROLES["releaser"],
    }


@tagged("post_install", "-at_install", "beneficiary_race")
class TestChequeConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_finance(Steps, env)
            # Made at the first cheque of a bank; not what is raced for here.
            Steps.bank._beneficiary_method_line("cheque")
            Steps.aid_type = Steps._create_aid_type(name="Help", code="race")
            Steps.fund = Steps._create_fund(name="Race", code="RACE")
            Steps.beneficiary = Steps._create_beneficiary(
                name="Race", identity_number=CITIZENS[0]
            )
            Steps._donate(10000)
            cls.due = [
                Steps._disburse(Steps._approve(100), 100, pay_method="cheque").id
                for _number in range(4)
            ]

    def write_cheque(self, disbursement, number, user="releaser"):
        """Release by a cheque, as the payment screen does."""

        def work(env):
            one = env["beneficiary.disbursement"].browse(disbursement)
            action = one.action_register_payment()
            wizard = env[action["res_model"]].with_context(**action["context"])
            wizard.create({"beneficiary_cheque_number": number})._create_payments()
            return one.cheque_ids.ids

        return work, self.users[user]

    @mute_logger(*QUIET)
    def test_a_debt_is_paid_by_one_cheque(self):
        debt = self.due[0]
        results = self.race(
            [
                self.write_cheque(debt, "101"),
                self.write_cheque(debt, "102", "releaser2"),
            ]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            one = env["beneficiary.disbursement"].browse(debt)
            self.assertEqual(len(one.cheque_ids), 1)
            self.assertEqual(one.state, "sent")

    @mute_logger(*QUIET)
    def test_a_number_is_given_once(self):
        results = self.race(
            [
                self.write_cheque(self.due[1], "200"),
                self.write_cheque(self.due[2], "200", "releaser2"),
            ]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            debts = env["beneficiary.disbursement"].browse(self.due[1:3])
            self.assertEqual(sorted(debts.mapped("state")), ["due", "sent"])

    @mute_logger(*QUIET)
    def test_handed_over_or_void(self):
        work, user = self.write_cheque(self.due[3], "300")
        with self.environment(user) as env:
            [number] = work(env)

        def hand(env):
            slip = base64.b64encode(make_png())
            env["beneficiary.cheque"].browse(number)._hand_over("Taker", photo=slip)

        def void(env):
            env["beneficiary.cheque"].browse(number)._void("lost", "In the bus")

        results = self.race(
            [(hand, self.users["clerk"]), (void, self.users["releaser"])]
        )
        # A cheque that was handed over first may be void after it, not before it.
        self.assertNotIsInstance(results[1], Exception, results)
        with self.environment() as env:
            cheque = env["beneficiary.cheque"].browse(number)
            self.assertEqual(cheque.state, "void")
            handed = not isinstance(results[0], Exception)
            self.assertEqual(bool(cheque.handed_on), handed)
            self.assertEqual(cheque.disbursement_ids.state, "due")
