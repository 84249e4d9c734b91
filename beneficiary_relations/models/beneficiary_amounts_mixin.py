import math

from odoo import api, models
from odoo.exceptions import ValidationError

AMOUNT_LIMIT = 1e12


class BeneficiaryAmountsMixin(models.AbstractModel):
    """Records in which people enter amounts: what is no amount is refused in words.

    The database holds the same line by a CHECK; its message names no record.
    """

    _name = "beneficiary.amounts.mixin"
    _description = "Amounts That Are Entered"

    @api.model_create_multi
    def create(self, vals_list):
        names = self._amount_names()
        for vals in vals_list:
            self._check_amounts(names, vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_amounts(self._amount_names(), vals)
        return super().write(vals)

    @api.model
    def _amount_names(self):
        return {
            name
            for name, field in self._fields.items()
            # What the system works out may be below zero, such as what is left of an
            # income.
            if field.type in ("float", "monetary") and not field.readonly
        }

    def _check_amounts(self, names, vals):
        """Refuse what is no number, and money below zero or too large to be right.

        :param names: numbers of the model, as :meth:`_amount_names` gives them
        :param dict vals: values of ``create`` or ``write``
        :raise ValidationError: naming record and field
        """
        for name in names & vals.keys():
            try:
                value = float(vals[name] or 0.0)
            except (TypeError, ValueError):
                value = math.nan
            is_money = self._fields[name].type == "monetary"
            if math.isfinite(value) and (not is_money or 0.0 <= value < AMOUNT_LIMIT):
                continue
            words = {
                "record": self._amount_record_words(),
                "field": self._fields[name]._description_string(self.env),
            }
            raise ValidationError(
                self.env._(
                    "%(record)s: “%(field)s” must be a number from zero up, and below "
                    "a trillion. Correct it.",
                    **words,
                )
                if is_money
                else self.env._(
                    "%(record)s: “%(field)s” must be a number. Correct it.", **words
                )
            )

    def _amount_record_words(self):
        """The name of the record; a window that has none is named by its kind."""
        name = self[:1].display_name
        if not name or name.startswith(f"{self._name},"):
            return self.env["ir.model"]._get(self._name).name
        return name
