from odoo import api, fields, models
from odoo.exceptions import AccessError

AUDITOR = "beneficiary_relations.group_auditor"
ADMINISTRATOR = "beneficiary_relations.group_administrator"
ALARM = "beneficiary_aid.mail_activity_type_seal_alarm"
# How many records a note names.
NAMED = 50


class BeneficiarySealCheck(models.Model):
    """One look at all seals of an association, and what it found.

    Runs every night and when an auditor asks. What does not hold is an alarm: an
    activity and a mail for auditors and administrators, without a personal word.
    """

    _name = "beneficiary.seal.check"
    _description = "Check of the Seals"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "checked_on"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    checked_on = fields.Datetime(required=True, readonly=True)
    decision_count = fields.Integer(string="Decisions", readonly=True)
    seal_count = fields.Integer(string="Votes and Minutes", readonly=True)
    broken_count = fields.Integer(string="Do Not Hold", readonly=True)
    state = fields.Selection(
        selection=[("ok", "All seals hold"), ("broken", "Alarm")],
        required=True,
        readonly=True,
        index=True,
    )
    note = fields.Text(string="What Does Not Hold", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        self._check_system()
        return super().write(vals)

    def unlink(self):
        self._check_system()
        return super().unlink()

    @api.model
    def _check_system(self):
        if not self.env.su:
            raise AccessError(self.env._("A check of the seals is not typed in."))

    def action_check_now(self):
        """Check the seals of the current association now.

        :return: the check
        """
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(AUDITOR, ADMINISTRATOR)
        # Every record is looked at, whatever the auditor may read.
        check = self.sudo()._run(self.env.company)
        return check.with_env(self.env)._get_records_action(
            name=self.env._("Check of the Seals")
        )

    @api.model
    def _run(self, company):
        """Check everything that is sealed, keep the result, and raise the alarm.

        :param company: ``res.company``
        :return: the check as superuser
        """
        Decision = self.env["beneficiary.decision"].sudo()
        Seal = self.env["beneficiary.seal"].sudo()
        self.env.flush_all()
        own = [("company_id", "=", company.id)]
        decisions = Decision._broken_seals(company)
        seals = Seal._broken(company)
        votes = Seal._unsealed_votes(company)
        found = [
            *(f"beneficiary.decision {one.name}" for one in decisions),
            *(f"{one.res_model} {one.res_id}" for one in seals),
            *(f"beneficiary.vote {one.id}" for one in votes),
        ]
        # A check is the result of this look; nobody types one.
        check = self.sudo().create(
            [
                {
                    "company_id": company.id,
                    "checked_on": fields.Datetime.now(),
                    "decision_count": Decision.search_count(own),
                    "seal_count": Seal.search_count(own),
                    "broken_count": len(found),
                    "state": "broken" if found else "ok",
                    "note": "\n".join(found[:NAMED]),
                }
            ]
        )
        if found:
            check._raise_alarm()
        return check

    def _raise_alarm(self):
        """Tell auditors and administrators; who was told and has not looked yet gets
        no second activity."""
        self.ensure_one()
        users = self._alarmed_users()
        waiting = (
            self.env["mail.activity"]
            .search(
                [
                    ("res_model", "=", self._name),
                    ("activity_type_id", "=", self.env.ref(ALARM).id),
                    ("user_id", "in", users.ids),
                    ("res_id", "in", self._of_company().ids),
                ]
            )
            .user_id
        )
        for user in users - waiting:
            words = user._in_own_language(self)
            words.activity_schedule(
                ALARM,
                user_id=user.id,
                summary=words.env._("Seals do not hold: look at once"),
            )
        for lang, own in users.grouped("lang").items():
            words = self.with_context(lang=lang or self.env.lang)
            words.message_notify(
                partner_ids=own.partner_id.ids,
                subject=words.env._("Seals do not hold"),
                body=words.env._(
                    "The check of the seals found records that were changed after "
                    "they were stored: %(count)s. Open the check and look at once.",
                    count=self.broken_count,
                ),
            )

    def _of_company(self):
        return self.search([("company_id", "=", self.company_id.id)])

    def _alarmed_users(self):
        """Return the auditors and administrators of the association."""
        self.ensure_one()
        return self.env["res.users"]._holding([AUDITOR, ADMINISTRATOR], self.company_id)
