from odoo import fields, models
from odoo.tools import SQL

AID = "beneficiary.disbursement"
GIFT = "beneficiary.donation"
# What is counted, and behind which records a click leads: the same condition twice.
TASKS = {
    "to_post": (AID, SQL("state = 'draft'"), [("state", "=", "draft")]),
    "to_release": (
        AID,
        SQL("state = 'due' AND is_rejected IS NOT TRUE"),
        [("state", "=", "due"), ("is_rejected", "=", False)],
    ),
    "rejected": (AID, SQL("is_rejected"), [("is_rejected", "=", True)]),
    "to_reconcile": (AID, SQL("state = 'sent'"), [("state", "=", "sent")]),
    "unmatched": (
        GIFT,
        SQL(
            "state = 'posted' AND kind = 'money' AND is_matched IS NOT TRUE"
            " AND is_undeposited IS NOT TRUE"
        ),
        [
            ("state", "=", "posted"),
            ("kind", "=", "money"),
            ("is_matched", "=", False),
            ("is_undeposited", "=", False),
        ],
    ),
    "cheques": (GIFT, SQL("is_undeposited"), [("is_undeposited", "=", True)]),
}


class BeneficiaryFinanceTask(models.Model):
    """What waits for finance, counted: a card a kind of work."""

    _name = "beneficiary.finance.task"
    _description = "Finance Overview"
    _auto = False
    _order = "company_id, id"
    _rec_name = "kind"
    _depends = {
        AID: ["amount", "company_id", "is_rejected", "state"],
        GIFT: [
            "amount",
            "company_id",
            "is_matched",
            "is_undeposited",
            "kind",
            "state",
        ],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("to_post", "To Post"),
            ("to_release", "To Release"),
            ("rejected", "Rejected by the Bank"),
            ("to_reconcile", "Sent, Not on the Bank Statement"),
            ("unmatched", "Donations Not on the Bank Statement"),
            ("cheques", "Cheques to Deposit"),
        ],
        readonly=True,
    )
    count = fields.Integer(readonly=True)
    amount = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        parts = [
            SQL(
                """
                SELECT company.id * 10 + %(number)s AS id, company.id AS company_id,
                       %(kind)s AS kind, COUNT(work.id) AS count,
                       COALESCE(SUM(work.amount), 0) AS amount
                  FROM res_company company
             LEFT JOIN (SELECT id, company_id, amount FROM %(table)s WHERE %(where)s)
                    AS work ON work.company_id = company.id
              GROUP BY company.id
                """,
                number=number,
                kind=kind,
                table=SQL.identifier(self.env[model]._table),
                where=where,
            )
            for number, (kind, (model, where, _domain)) in enumerate(TASKS.items())
        ]
        return SQL(" UNION ALL ").join(parts)

    def action_open_work(self):
        """Open what is counted.

        :return: a window
        """
        self.ensure_one()
        self.check_access("read")
        model, _where, domain = TASKS[self.kind]
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": labels[self.kind],
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("company_id", "=", self.company_id.id), *domain],
        }
