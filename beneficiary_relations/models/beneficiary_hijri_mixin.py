from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.hijri import (
    FIRST_YEAR,
    LAST_YEAR,
    format_hijri,
    hijri_month_length,
    hijri_parts,
    parse_hijri,
)


class BeneficiaryHijriMixin(models.AbstractModel):
    """Dates that papers carry in the Hijri calendar, typed as they stand there.

    Only the Gregorian date is stored; its companion shows and takes the Hijri one.
    """

    _name = "beneficiary.hijri.mixin"
    _description = "Hijri Dates"

    @api.model
    def _hijri_text(self, day):
        """Return a date as people read it on papers, with the mark of the era."""
        hijri = format_hijri(day)
        return self.env._("%(date)s AH", date=hijri) if hijri else False

    def _set_from_hijri(self, hijri_name, name):
        """Store the Gregorian date of what was typed; nothing typed changes nothing."""
        for record in self:
            if record[hijri_name]:
                day = self._parse_hijri(record[hijri_name])
                if day != record[name]:
                    record[name] = day

    @api.model
    def _parse_hijri(self, value):
        """Return the Gregorian date of a Hijri one.

        :param str value: see ``tools.hijri.parse_hijri``
        :raise ValidationError: with what is wrong and how to write it
        """
        try:
            return parse_hijri(value)
        except ValueError as error:
            raise ValidationError(self._hijri_message(value, str(error))) from None

    @api.model
    def _hijri_message(self, value, fault):
        if fault == "day":
            year, month, _day = hijri_parts(value)
            return self.env._(
                "%(value)s: month %(month)s of the year %(year)s AH has %(days)s days. "
                "Read the date again on the paper.",
                value=value,
                month=month,
                year=year,
                days=hijri_month_length(year, month),
            )
        messages = {
            "month": self.env._(
                "%(value)s: a year has twelve months. Correct the month.", value=value
            ),
            "year": self.env._(
                "%(value)s: only the years %(first)s to %(last)s AH can be converted. "
                "Enter the Gregorian date.",
                value=value,
                first=str(FIRST_YEAR),
                last=str(LAST_YEAR),
            ),
            "library": self.env._(
                "Hijri dates cannot be converted here: the Python package hijridate "
                "is missing. Enter the Gregorian date."
            ),
        }
        return messages.get(
            fault,
            self.env._(
                "%(value)s is no Hijri date. Write it like 1446/08/28.", value=value
            ),
        )
