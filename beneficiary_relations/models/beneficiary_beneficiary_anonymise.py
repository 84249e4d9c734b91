from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.anonymise import ANONYMISING
from ..tools.lists import join_phrases

# What a model of ours holds about a person in words, and what it becomes. An addon
# that keeps more adds it through ``_anonymise_values``.
CUT = {
    "beneficiary.assessment": {"report": False},
    "beneficiary.assessment.line": {"value_seen": False, "note": False},
    "beneficiary.correction": {
        "value_before": False,
        "value_after": "—",
        "explanation": False,
        "refuse_reason": "—",
        "proof": False,
        "proof_filename": False,
    },
    "beneficiary.document": {"number": False, "reject_reason": "—"},
    "beneficiary.interaction": {
        "subject": "—",
        "description": False,
        "answer": False,
    },
    "beneficiary.mandate": {"note": False},
    "beneficiary.consent": {"withdrawal_note": False},
}
CONTACT_CUT = (
    "phone",
    "email",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "vat",
    "ref",
    "function",
    "website",
    "comment",
    "image_1920",
    "barcode",
)
FILE_CUT = (
    "identity_number",
    "identity_expiry",
    "residence_expiry",
    "birth_date",
    "health_condition",
    "special_needs",
    "prison_status",
    "sensitive_basis_note",
    "state_note",
    "household_id",
    "relationship",
    "education",
    "work_status",
    "marital_status",
)


class BeneficiaryBeneficiary(models.Model):
    """Destroying what is known of a person, keeping what the accounts need."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    anonymised_on = fields.Date(readonly=True, copy=False, groups="base.group_user")

    def write(self, vals):
        if "anonymised_on" in vals and not self.env.su:
            raise UserError(self.env._("Use the button to destroy personal data."))
        return super().write(vals)

    def action_anonymise(self):
        """Propose to destroy the personal data; a manager confirms it.

        :raise UserError: work on the file is open, it is named
        """
        self.check_access("read")
        self._require_group("group_privacy_officer")
        for file in self:
            file._check_can_anonymise()
        # A rejected proposal must leave the index before the next one enters it.
        self.env["beneficiary.destruction"].flush_model()
        destructions = (
            # Only this action proposes; the role was checked above.
            self.env["beneficiary.destruction"]
            .sudo()
            .create(
                [
                    {
                        "file_res_id": file.id,
                        "file_number": file.file_number,
                        "company_id": file.company_id.id,
                        "proposed_by_id": self.env.uid,
                    }
                    for file in self
                ]
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Destruction of Personal Data"),
            "res_model": destructions._name,
            "view_mode": "list,form",
            "domain": [("id", "in", destructions.ids)],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _anonymise_obstacles(self):
        """Return what must be finished before, in plain words.

        Addons with work of their own add theirs.

        :rtype: list[str]
        """
        self.ensure_one()
        # Confidential work counts too: only that there is some is told.
        file_sudo = self.sudo()
        obstacles = []
        if self.state != "closed":
            obstacles.append(self.env._("the file is not closed"))
        if file_sudo.interaction_ids.filtered(lambda one: one.state != "closed"):
            obstacles.append(self.env._("an interaction is open"))
        if file_sudo.assessment_ids.filtered(lambda one: one.state == "draft"):
            obstacles.append(self.env._("an assessment is open"))
        if file_sudo.mandate_ids.filtered(lambda one: one.state == "active"):
            obstacles.append(self.env._("a mandate is active"))
        corrections = self.env["beneficiary.correction"].sudo()
        if corrections.search_count(
            [("beneficiary_id", "=", self.id), ("state", "=", "open")], limit=1
        ):
            obstacles.append(self.env._("a correction request is open"))
        return obstacles

    def _check_can_anonymise(self):
        self.ensure_one()
        if self.sudo().anonymised_on:
            raise UserError(
                self.env._(
                    "The personal data of %(number)s have been destroyed already.",
                    number=self.file_number,
                )
            )
        obstacles = self._anonymise_obstacles()
        if obstacles:
            raise UserError(
                self.env._(
                    "The personal data of %(number)s are still needed: %(reasons)s. "
                    "Finish this first.",
                    number=self.file_number,
                    reasons=join_phrases(obstacles, self.env.lang),
                )
            )

    def _anonymise(self):
        """Destroy the personal data of a closed file for good.

        Accounting entries keep their contact, which gets a neutral name.

        :return: how many records of each model were cut
        :rtype: dict[str, int]
        """
        self.ensure_one()
        self._check_can_anonymise()
        # Two people decided; what they may not read themselves is destroyed as well.
        file = self.sudo().with_context(
            active_test=False,
            tracking_disable=True,
            mail_notrack=True,
            beneficiary_anonymising=ANONYMISING,
        )
        related = file._anonymise_records()
        counts = {model: len(records) for model, records in related.items()}
        threads = list(related.values())
        address = file.email
        file._anonymise_related(related)
        counts["res.partner.bank"] = file._anonymise_accounts()
        file._anonymise_logins()
        file._anonymise_file()
        # Last: the steps before write messages and mails of their own.
        file._anonymise_threads(threads)
        file._anonymise_mails(address)
        file._anonymise_audit(threads)
        return counts

    def _anonymise_records(self):
        """Return the records of our models that lead to the person, by model."""
        related = {}
        for model, paths in self._person_paths().items():
            domain = ["|"] * (len(paths) - 1)
            domain += [(path, "=", self.id) for path in paths]
            related[model] = self.env[model].search(domain)
        return related

    def _anonymise_values(self, model):
        """Return the values that overwrite the records of a model."""
        return CUT.get(model, {})

    def _anonymise_related(self, related):
        for model, records in related.items():
            values = self._anonymise_values(model)
            if values and records:
                records.write(values)
        related["beneficiary.document.page"].unlink()
        related["beneficiary.agreement"].write(
            {"signer_name": False, "signature": False, "scan": False}
        )
        related["beneficiary.mandate"]._cut_proof()
        related["beneficiary.portal.access"].unlink()
        self.env["beneficiary.message"].search(
            [("partner_id", "=", self.partner_id.id)]
        ).unlink()

    def _words_naming_person(self):
        """Return the words that say who the person is, each as people write it.

        :rtype: list[str]
        """
        self.ensure_one()
        phone = (self.phone or "").replace(" ", "")
        local = f"0{phone[4:]}" if phone.startswith("+966") else ""
        words = (self.name, self.identity_number, self.phone, phone, local, self.email)
        return list(dict.fromkeys(filter(None, words)))

    @api.model
    def _without(self, text, words):
        """Return a text in which some words are replaced by a dash."""
        for word in sorted(words, key=len, reverse=True):
            text = text.replace(word, "—")
        return text

    def _anonymise_threads(self, threads):
        """Cut the bodies of messages, and delete what hangs on the records."""
        for records in [*threads, self.partner_id]:
            domain = [("res_id", "in", records.ids)]
            of_model = [("model", "=", records._name), *domain]
            messages = self.env["mail.message"].search(of_model)
            messages.tracking_value_ids.unlink()
            self.env["mail.mail"].search(
                [("mail_message_id", "in", messages.ids)]
            ).unlink()
            messages.attachment_ids.unlink()
            messages.write({"body": "", "subject": False, "email_from": False})
            self.env["mail.activity"].with_context(active_test=False).search(
                [("res_model", "=", records._name), *domain]
            ).unlink()
            self.env["ir.attachment"].search(
                [
                    ("res_model", "=", records._name),
                    ("res_field", "=", False),
                    *domain,
                ]
            ).unlink()

    def _anonymise_accounts(self):
        """Cut the numbers of the person's bank accounts, which payments refer to."""
        accounts = self.partner_id.bank_ids
        if "allow_out_payment" in accounts._fields:
            accounts.write({"allow_out_payment": False})
        for account in accounts:
            account.write(
                {
                    "acc_number": f"FORMER-{account.id}",
                    "acc_holder_name": False,
                    "active": False,
                }
            )
        return len(accounts)

    def _anonymise_logins(self):
        """Close the person's own portal login, whose name is the e-mail address."""
        for user in self.env["res.users"].search(
            [("partner_id", "=", self.partner_id.id), ("share", "=", True)]
        ):
            user.write(
                {
                    "login": f"former-{user.id}",
                    "active": False,
                    "signature": False,
                }
            )

    def _anonymise_mails(self, address):
        """Delete mails to the person, those that wait and those that were sent."""
        domain = [("recipient_ids", "in", self.partner_id.ids)]
        if address:
            domain = ["|", ("email_to", "ilike", address), *domain]
        mails = self.env["mail.mail"].search(domain)
        messages = mails.mail_message_id
        mails.unlink()
        messages.exists().unlink()

    def _anonymise_file(self):
        partner = self.partner_id
        # The login is closed already; the contact looks for open ones only.
        partner.with_context(active_test=True).write(
            {name: False for name in CONTACT_CUT if name in partner._fields}
            | {
                "name": self.env._(
                    "Former beneficiary %(number)s", number=self.file_number
                ),
                "active": False,
            }
        )
        self.write(dict.fromkeys(FILE_CUT, False))
        self.write({"active": False, "anonymised_on": fields.Date.context_today(self)})

    def _anonymise_audit(self, threads):
        """Delete the values an audit addon copied, where one is installed."""
        if "auditlog.log" not in self.env:
            return
        for records in [*threads, self.partner_id]:
            self.env["auditlog.log"].search(
                [
                    ("model_id.model", "=", records._name),
                    ("res_id", "in", records.ids),
                ]
            ).unlink()
