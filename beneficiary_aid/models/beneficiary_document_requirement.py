from odoo import api, models
from odoo.tools import SQL


class BeneficiaryDocumentRequirement(models.Model):
    """The checklist asks for the papers of the help asked for, too."""

    _inherit = "beneficiary.document.requirement"
    _depends = {
        "beneficiary.aid.request": ["aid_type_id", "beneficiary_id", "status"],
        "beneficiary.aid.type": ["document_type_ids"],
    }

    @api.model
    def _sql_required(self):
        """Ask until the study of the request begins: then its papers are kept."""
        documents = self.env["beneficiary.aid.type"]._fields["document_type_ids"]
        return SQL(
            """(%(required)s) OR EXISTS (
                SELECT 1
                  FROM beneficiary_aid_request request
                  JOIN %(relation)s rel ON rel.%(aid_type)s = request.aid_type_id
                 WHERE request.beneficiary_id = person.id
                   AND request.status IN ('received', 'verification')
                   AND rel.%(kind)s = kind.id
            )""",
            required=super()._sql_required(),
            relation=SQL.identifier(documents.relation),
            aid_type=SQL.identifier(documents.column1),
            kind=SQL.identifier(documents.column2),
        )
