from odoo import fields, models

DEFAULT_DOCUMENT_REMINDER_DAYS = (30, 7)


class BeneficiaryPolicy(models.Model):
    """When people are reminded of papers that run out."""

    _inherit = "beneficiary.policy"

    first_document_reminder_days = fields.Integer(
        string="First Reminder of a Paper (days before)",
        required=True,
        default=DEFAULT_DOCUMENT_REMINDER_DAYS[0],
        help="Days before a matched paper expires. 0: no reminder.",
    )
    last_document_reminder_days = fields.Integer(
        string="Last Reminder of a Paper (days before)",
        required=True,
        default=DEFAULT_DOCUMENT_REMINDER_DAYS[1],
        help="Days before a matched paper expires. 0: no reminder.",
    )

    _document_reminders_sound = models.Constraint(
        "CHECK(first_document_reminder_days BETWEEN last_document_reminder_days"
        " AND 3650 AND last_document_reminder_days >= 0)",
        "Reminders of papers come one after the other: the first lies the most days "
        "before the paper expires, the last the fewest.",
    )

    def _document_reminder_days(self):
        """Return the days before a paper expires on which people are reminded.

        :return: the numbers of the reminders with their days, the last one first
        :rtype: list[tuple[int, int]]
        """
        days = (
            (self.first_document_reminder_days, self.last_document_reminder_days)
            if self
            else DEFAULT_DOCUMENT_REMINDER_DAYS
        )
        steps = [(number, day) for number, day in enumerate(days, start=1) if day]
        return steps[::-1]
