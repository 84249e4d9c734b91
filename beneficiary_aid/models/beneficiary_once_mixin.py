from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

from ..tools.append_only import protect, release


class BeneficiaryOnceMixin(models.AbstractModel):
    """Records that are written once: the model refuses changes, and so does the table.

    A model says what is refused (:meth:`_once_words`, :meth:`_once_delete_words`,
    :meth:`_once_typed_words`) and names what may be cut when the personal data of
    somebody are destroyed (:attr:`_cut_fields`); every other column stays for good.
    """

    _name = "beneficiary.once.mixin"
    _description = "Written Once"

    # Words about a person, files beside the row among them.
    _cut_fields = frozenset()

    def _auto_init(self):
        if self._auto:
            # Odoo may have to change the columns.
            release(self.env.cr, self._table)
        return super()._auto_init()

    def init(self):
        """Let the database refuse changes of the rows."""
        result = super().init()
        if self._auto:
            columns = [
                name
                for name in sorted(self._cut_fields)
                if self._fields[name].column_type
            ]
            protect(self.env.cr, self._table, words=columns)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        words = self._once_typed_words()
        if words and not self.env.su:
            raise UserError(words)
        return super().create(vals_list)

    def write(self, vals):
        if self and not (
            is_anonymising(self.env) and self._cut_fields.issuperset(vals)
        ):
            raise UserError(self._once_words())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._once_delete_words())

    @api.model
    def _once_words(self):
        """Return what is said to somebody who changes a record."""
        raise NotImplementedError

    def _once_delete_words(self):
        """Return what is said to somebody who deletes records."""
        return self._once_words()

    @api.model
    def _once_typed_words(self):
        """Return what is said to somebody who enters a record by hand.

        :return: words, or nothing where people enter it themselves
        """
        return None
