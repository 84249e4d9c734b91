from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain


class BeneficiaryDocument(models.Model):
    """Reminding of matched papers before they run out."""

    _inherit = "beneficiary.document"

    expiry_reminders = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        groups="base.group_user",
        help="Reminders sent before the paper runs out.",
    )

    _expiry_reminder_idx = models.Index(
        "(company_id, expiry_date) WHERE state = 'verified'"
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Count reminders anew for each expiry date."""
        if "expiry_date" in vals and "expiry_reminders" not in vals:
            vals = dict(vals, expiry_reminders=0)
        return super().write(vals)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind_of_expiry(self):
        """Remind of papers that run out soon, once for each paper and threshold.

        A second run on the same day finds nothing left to do.
        """
        cron = self.env["ir.cron"]
        # All associations, also those without a policy.
        for company in self.env["res.company"].search([]):
            policy = self.env["beneficiary.policy"]._in_force(company)
            for number, days in policy._document_reminder_days():
                domain = self._expiry_reminder_domain(company, number, days)
                if not cron._in_slices(self, domain, "_remind_of_expiry", number):
                    return

    @api.model
    def _expiry_reminder_domain(self, company, number, days):
        today = fields.Date.context_today(self)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "verified")
            & Domain("expiry_date", ">=", today)
            & Domain("expiry_date", "<=", today + relativedelta(days=days))
            & Domain("expiry_reminders", "<", number)
            & Domain("beneficiary_id.active", "=", True)
            & Domain("beneficiary_id.state", "!=", "closed")
        )

    def _remind_of_expiry(self, number):
        """Remind the colleague in charge and, in neutral words, each person once.

        The number of queries does not grow with the number of papers. Papers whose
        successor has been handed in are only marked.

        :param int number: which reminder it is
        """
        self.write({"expiry_reminders": number})
        papers = self - self._with_successor()
        last_days = {
            file: min(documents.mapped("expiry_date"))
            for file, documents in papers.grouped("beneficiary_id").items()
        }
        self._plan_renewals(last_days)
        self._notify_expiry(last_days)

    def _with_successor(self):
        """Return the papers after which a newer one of their kind was handed in."""
        newest = {
            (beneficiary, kind): last_id
            for beneficiary, kind, last_id in self._read_group(
                [
                    ("beneficiary_id", "in", self.beneficiary_id.ids),
                    ("type_id", "in", self.type_id.ids),
                    ("state", "in", ("submitted", "verified")),
                ],
                ["beneficiary_id", "type_id"],
                ["id:max"],
            )
        }
        return self.filtered(
            lambda document: (
                newest.get((document.beneficiary_id, document.type_id), 0) > document.id
            )
        )

    @api.model
    def _plan_renewals(self, last_days):
        """Give the colleague in charge of each file one activity.

        :param dict last_days: files with the first day on which a paper expires
        """
        kind = self.env.ref("beneficiary_relations.mail_activity_type_renewal")
        users = {file: file._review_user() for file in last_days}
        Activity = self.env["mail.activity"]
        planned = Activity.search(
            [
                ("res_model", "=", "beneficiary.beneficiary"),
                ("res_id", "in", [file.id for file in last_days]),
                ("activity_type_id", "=", kind.id),
            ]
        )
        busy = set(planned.mapped("res_id"))
        model_id = self.env["ir.model"]._get_id("beneficiary.beneficiary")
        # No e-mail for each: the activity stands in the colleague's list.
        Activity.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": file.id,
                    "activity_type_id": kind.id,
                    "summary": users[file]._in_own_language(kind).summary,
                    "date_deadline": day,
                    "user_id": users[file].id,
                }
                for file, day in last_days.items()
                if file.id not in busy
            ]
        )

    @api.model
    def _notify_expiry(self, last_days):
        """Send each person one text that names neither the paper nor the help.

        :param dict last_days: files with the first day on which a paper expires
        """
        notices = []
        for file, day in last_days.items():
            partner = file.partner_id
            if partner.phone:
                here = self.with_context(lang=partner.lang or self.env.lang)
                text = here.env._(
                    "%(company)s: one of your papers runs out on %(day)s. Please bring "
                    "us the new one.",
                    company=file.company_id.name,
                    day=day,
                )
                notices.append((partner, text, file))
        self.env["beneficiary.message"]._send_many(notices)
