from odoo import api, fields, models
from odoo.tools import SQL


class BeneficiaryDocumentRequirement(models.Model):
    """One line of a person's checklist: a paper that is asked for, and its state.

    Nothing is stored: it is read from the document types and the wallet (C38).
    """

    _name = "beneficiary.document.requirement"
    _description = "Required Document"
    _auto = False
    _order = "beneficiary_id desc, sequence, type_id"
    _rec_name = "type_id"
    _depends = {
        "beneficiary.beneficiary": ["category_id", "company_id", "household_id"],
        "beneficiary.document": ["beneficiary_id", "expiry_date", "state", "type_id"],
        "beneficiary.document.type": [
            "active",
            "category_ids",
            "company_id",
            "required_for_all",
            "sequence",
        ],
    }

    beneficiary_id = fields.Many2one(comodel_name="beneficiary.beneficiary")
    household_id = fields.Many2one(comodel_name="beneficiary.household")
    company_id = fields.Many2one(comodel_name="res.company")
    type_id = fields.Many2one(comodel_name="beneficiary.document.type", string="Paper")
    sequence = fields.Integer()
    document_id = fields.Many2one(
        comodel_name="beneficiary.document",
        help="The valid paper of this kind, or the one handed in last.",
    )
    expiry_date = fields.Date()
    state = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.document"]
            ._fields["status"]
            ._description_selection(self.env)
        )
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT (person.id::bigint << 20) + kind.id AS id,
                   person.id AS beneficiary_id,
                   person.household_id,
                   person.company_id,
                   kind.id AS type_id,
                   kind.sequence,
                   paper.id AS document_id,
                   paper.expiry_date,
                   CASE WHEN paper.id IS NULL THEN 'missing'
                        WHEN paper.state = 'verified'
                             AND paper.expiry_date < %(today)s THEN 'expired'
                        ELSE paper.state
                   END AS state
              FROM beneficiary_beneficiary person
              JOIN beneficiary_document_type kind
                ON kind.company_id = person.company_id AND (%(required)s)
         LEFT JOIN LATERAL (
                   SELECT document.id, document.state, document.expiry_date
                     FROM beneficiary_document document
                    WHERE document.beneficiary_id = person.id
                      AND document.type_id = kind.id
                 ORDER BY (document.state = 'not_applicable'
                           OR (document.state = 'verified'
                               AND (document.expiry_date IS NULL
                                    OR document.expiry_date >= %(today)s))) DESC,
                          document.id DESC
                    LIMIT 1
                   ) paper ON TRUE
            """,
            today=fields.Date.context_today(self),
            required=self._sql_required(),
        )

    @api.model
    def _sql_required(self):
        """Return when a ``kind`` of paper is asked from a ``person``."""
        categories = self.env["beneficiary.document.type"]._fields["category_ids"]
        return SQL(
            """kind.active AND (
                kind.required_for_all
                OR EXISTS (
                    SELECT 1 FROM %(relation)s rel
                     WHERE rel.%(kind)s = kind.id
                       AND rel.%(category)s = person.category_id
                )
            )""",
            relation=SQL.identifier(categories.relation),
            kind=SQL.identifier(categories.column1),
            category=SQL.identifier(categories.column2),
        )

    def action_add(self):
        """Open the paper that waits, or a new one of the kind that is asked for."""
        self.ensure_one()
        self.check_access("read")
        waiting = self.state in ("missing", "not_available") and self.document_id
        return {
            "type": "ir.actions.act_window",
            "name": self.type_id.name,
            "res_model": "beneficiary.document",
            "res_id": waiting.id if waiting else False,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_beneficiary_id": self.beneficiary_id.id,
                "default_type_id": self.type_id.id,
            },
        }

    def action_open(self):
        """Open the paper, or a new one where there is none."""
        self.ensure_one()
        self.check_access("read")
        if not self.document_id:
            return self.action_add()
        return {
            "type": "ir.actions.act_window",
            "res_model": "beneficiary.document",
            "res_id": self.document_id.id,
            "view_mode": "form",
        }
