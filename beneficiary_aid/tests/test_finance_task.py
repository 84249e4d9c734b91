from odoo.exceptions import AccessError
from odoo.tests import tagged

from .batch_common import BatchCommon


@tagged("post_install", "-at_install")
class TestFinanceTask(BatchCommon):
    def _cards(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            card.kind: card
            for card in self.env["beneficiary.finance.task"]
            .with_user(user or self.clerk)
            .search([("company_id", "=", self.company.id)])
        }

    def test_cards_count_what_waits(self):
        self._donate(1000)
        self._donate(70, channel="cheque", cheque_number="77")
        self._donate(30, **{"kind": "in_kind", "goods": "B", "valuation": "I"})
        due = self._create_due(5)
        due[1:].action_post()
        self._release(due[2])
        batch = self._pay(due[3:])
        batch._reject({batch.line_ids[0]: "Closed"})
        cards = self._cards()
        figures = {kind: (card.count, card.amount) for kind, card in cards.items()}
        self.assertEqual(
            figures,
            {
                "to_post": (1, 100),
                "to_release": (1, 100),
                "rejected": (1, 100),
                "to_reconcile": (2, 200),
                "unmatched": (1, 1000),
                "cheques": (1, 70),
            },
        )

    def test_click_leads_to_what_was_counted(self):
        self._donate(1000)
        self._donate(70, channel="cheque", cheque_number="77")
        self._create_due(2)[0].action_post()
        for card in self._cards().values():
            action = card.action_open_work()
            records = self.env[action["res_model"]].search(action["domain"])
            with self.subTest(kind=card.kind):
                self.assertEqual(len(records), card.count)
                self.assertEqual(sum(records.mapped("amount")), card.amount)

    def test_roles_and_other_company(self):
        for user in (self.releaser, self.aid_manager):
            self.assertEqual(len(self._cards(user)), 6)
        researcher = self._create_finance_user(
            "task_researcher", "beneficiary_relations.group_social_researcher"
        )
        with self.assertRaises(AccessError):
            self._cards(researcher)
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "task_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        cards = env["beneficiary.finance.task"].search([])
        self.assertEqual(cards.company_id, other)
        self.assertEqual(cards[0].count, 0)
