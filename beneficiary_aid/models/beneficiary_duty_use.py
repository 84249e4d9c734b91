from odoo import api, fields, models


class BeneficiaryDutyUse(models.Model):
    """What somebody did by an exception, or on behalf of another: written once."""

    _name = "beneficiary.duty.use"
    _description = "Use of an Exception or Substitution"
    _inherit = "beneficiary.once.mixin"
    _check_company_auto = True
    _order = "id desc"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Who Acted", required=True, ondelete="restrict"
    )
    on_behalf_id = fields.Many2one(
        comodel_name="res.users", string="On behalf of", ondelete="restrict"
    )
    exception_id = fields.Many2one(
        comodel_name="beneficiary.duty.exception",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    substitute_id = fields.Many2one(
        comodel_name="beneficiary.substitute",
        string="Substitution",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    name = fields.Char(string="What Was Done", required=True)
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )

    _use_idx = models.Index("(res_model, res_id)")
    _by_something = models.Constraint(
        "CHECK(num_nonnulls(exception_id, substitute_id) = 1)",
        "A use is of an exception or of a substitution.",
    )

    @api.model
    def _once_words(self):
        return self.env._("The record of uses stays as it is.")

    @api.model
    def _once_typed_words(self):
        return self.env._("Uses are recorded where they happen.")

    @api.model
    def _log(self, sources, record, name):
        """Record that something was done by exceptions or substitutions.

        :param sources: exceptions or substitutions
        :param record: what was done it to
        :param str name: what was done, without a personal word
        """
        return self._log_many([(source, record, name) for source in sources])

    @api.model
    def _log_many(self, rows):
        """Record uses in one go.

        :param list rows: ``(exception or substitution, record, what was done)``
        """
        vals_list = []
        for source, record, name in rows:
            # The names of both are kept, whatever the user may read.
            source = source.sudo()
            is_exception = source._name == "beneficiary.duty.exception"
            vals_list.append(
                {
                    "company_id": source.company_id.id,
                    "user_id": (
                        source.user_id if is_exception else source.substitute_id
                    ).id,
                    "on_behalf_id": False if is_exception else source.user_id.id,
                    "exception_id": is_exception and source.id,
                    "substitute_id": not is_exception and source.id,
                    "name": name,
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )
        # The record follows from what was done; nobody has a right to type it.
        return self.sudo().create(vals_list)

    @api.model
    def _of(self, record):
        """Return the uses on a record."""
        return self.search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )
