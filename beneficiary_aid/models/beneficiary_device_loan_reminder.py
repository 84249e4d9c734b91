from odoo import api, fields, models
from odoo.tools import format_date

OVERDUE = "beneficiary_aid.mail_activity_type_loan_overdue"


class BeneficiaryDeviceLoan(models.Model):
    """A device that is not back in time: the person is reminded, and somebody asks.

    Once every so many days as the association sets, until the device is back or the
    person got more time. The message says nothing of the device, which may tell of an
    illness.
    """

    _inherit = "beneficiary.device.loan"

    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("date_due", "returned_on")
    def _compute_is_overdue(self):
        for loan in self:
            loan.is_overdue = bool(
                not loan.returned_on and loan.date_due and loan.date_due < loan._today()
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        late = fields.Domain("returned_on", "=", False) & fields.Domain(
            "date_due", "<", self._today()
        )
        return late if True in value else ~late

    def _today(self):
        """The business day of the association."""
        company = self[:1].company_id or self.env.company
        return company._beneficiary_day(
            fields.Datetime.now(), fallback=self.env.user.tz
        )

    # === Reminding === #

    @api.model
    def _cron_remind(self):
        """Remind of devices that are not back, association by association."""
        late = self._read_group(
            [("returned_on", "=", False), ("date_due", "!=", False)], ["company_id"]
        )
        for (company,) in late:
            today = company._beneficiary_day(fields.Datetime.now())
            before = fields.Date.subtract(
                today, days=company.beneficiary_loan_reminder_days
            )
            domain = [
                ("company_id", "=", company.id),
                ("returned_on", "=", False),
                ("date_due", "<", today),
                "|",
                ("reminded_on", "=", False),
                ("reminded_on", "<=", before),
            ]
            if not self.env["ir.cron"]._in_slices(self, domain, "_remind", today):
                return

    def _remind(self, today):
        """Send each person a message, and plan an activity for a colleague."""
        notices = []
        for loan in self:
            # The contact is the recipient and nothing else of it is used.
            file = loan.beneficiary_id.sudo()
            partner = file.partner_id
            # Of a closed file somebody else has to be asked.
            if partner.phone and file.state != "closed":
                words = loan.with_context(lang=partner.lang or self.env.lang)
                notices.append((partner, words._reminder_text(), loan))
            loan._plan_asking()
        self.env["beneficiary.message"]._send_many(notices)
        self._message_log_batch(
            {
                loan.id: self.env._("Reminder to the person: %(text)s", text=text)
                for _partner, text, loan in notices
            }
        )
        self.reminded_on = today

    def _reminder_text(self):
        """The words of the reminder: no device and no reason."""
        self.ensure_one()
        return self.env._(
            "%(company)s: a return under your number %(number)s was due on %(day)s. "
            "Please contact us.",
            company=self.company_id.sudo().name,
            number=self.request_id.name,
            day=format_date(self.env, self.date_due),
        )

    def _plan_asking(self):
        """Plan that somebody asks for the device; one activity at a time."""
        self.ensure_one()
        if self.activity_search([OVERDUE]):
            return
        user = self._asking_user()
        if user:
            user._in_own_language(self).activity_schedule(
                OVERDUE, date_deadline=self.date_due, user_id=user.id
            )

    def _asking_user(self):
        """Whoever lent it, or is responsible for the request, else the manager."""
        lender = self.lent_by_id
        if lender.active and not lender.share and lender._is_internal():
            return lender
        request = self.request_id
        return request._follow_up_user() or request._escalation_manager(self.company_id)

    def _forget_reminder(self):
        """Begin anew: the device is back, or due on another day."""
        self.reminded_on = False
        self.activity_unlink([OVERDUE])
