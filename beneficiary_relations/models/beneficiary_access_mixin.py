from odoo import api, models
from odoo.tools import format_date

from ..tools.hijri import format_hijri


class BeneficiaryAccessMixin(models.AbstractModel):
    """What a portal user may read of a record, named field by field.

    The record rules say *which* records a person reads; this says *what* of them.
    A field nobody named here is refused to portal users by every path (read, search,
    order, grouping, export), also one that an addon adds later: least exposure is
    the default. Pages that must say more, in plain words, ask the private
    ``_portal_values()`` of the model, which checks the owner first.
    """

    _name = "beneficiary.access.mixin"
    _description = "Fields Portal Users May Read"

    _portal_fields = frozenset()

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        if not allowed or self.env.su or not self.env.user.share:
            return allowed
        return operation == "read" and field.name in self._portal_fields

    @api.model
    def _portal_date(self, value):
        """Return a day as people read it: Gregorian, with the Hijri day beside it.

        :param value: a date, or a moment, of which the day at the association counts
        :return: an empty text for no value
        """
        if not value:
            return ""
        if hasattr(value, "hour"):
            value = self.env.company._beneficiary_day(value)
        day = format_date(self.env, value, date_format="d MMMM y")
        hijri = format_hijri(value)
        if not hijri:
            return day
        # Isolated, so that the digits keep their order inside Arabic words.
        return self.env._(
            "%(day)s (%(hijri)s H)", day=day, hijri=f"\u2066{hijri}\u2069"
        )
