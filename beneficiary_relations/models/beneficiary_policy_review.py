from odoo import fields, models

DEFAULT_REVIEW_MONTHS = 12
DEFAULT_REMINDER_DAYS = (60, 30, 7)
DEFAULT_GRACE_DAYS = 30


class BeneficiaryPolicy(models.Model):
    """How often files are reviewed, and what happens when nobody comes."""

    _inherit = "beneficiary.policy"

    review_months = fields.Integer(
        string="Review Every (months)",
        required=True,
        default=DEFAULT_REVIEW_MONTHS,
        tracking=True,
    )
    first_reminder_days = fields.Integer(
        string="First Reminder (days before)",
        required=True,
        default=DEFAULT_REMINDER_DAYS[0],
    )
    second_reminder_days = fields.Integer(
        string="Second Reminder (days before)",
        required=True,
        default=DEFAULT_REMINDER_DAYS[1],
    )
    last_reminder_days = fields.Integer(
        string="Last Reminder (days before)",
        required=True,
        default=DEFAULT_REMINDER_DAYS[2],
    )
    grace_days = fields.Integer(
        string="Closed Temporarily after (days)",
        required=True,
        default=DEFAULT_GRACE_DAYS,
        tracking=True,
        help="Days after the review date until a file that was not updated is "
        "suspended.",
    )

    _review_sound = models.Constraint(
        "CHECK(review_months BETWEEN 1 AND 120 AND grace_days BETWEEN 0 AND 3650)",
        "Files are reviewed every 1 to 120 months, and the grace has up to 3650 days.",
    )
    _reminders_sound = models.Constraint(
        "CHECK(first_reminder_days >= second_reminder_days"
        " AND second_reminder_days >= last_reminder_days"
        " AND last_reminder_days >= 0 AND first_reminder_days <= 3650)",
        "Reminders come one after the other: the first lies the most days before "
        "the review, the last the fewest.",
    )

    def _reminder_days(self):
        """Return the days before a review on which people are reminded, first first."""
        if not self:
            return DEFAULT_REMINDER_DAYS
        return (
            self.first_reminder_days,
            self.second_reminder_days,
            self.last_reminder_days,
        )
