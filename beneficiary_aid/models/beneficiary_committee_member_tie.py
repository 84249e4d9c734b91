import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.beneficiary_relations.tools.text import (
    clean_text,
    normalise_arabic,
    normalise_identity,
    to_latin_digits,
)

from .beneficiary_beneficiary_tie import phone_digits

KEEPER = "beneficiary_relations.group_administrator"
EMPLOYER_MAX_LENGTH = 200


class BeneficiaryCommitteeMember(models.Model):
    """A member's own details, compared with those of the people before the committee.

    Only whoever configures the association keeps them; the secretary is told the
    kind of a tie and nothing of what was compared.
    """

    _inherit = "beneficiary.committee.member"

    own_identity_number = fields.Char(
        string="National ID or Residence Number", groups=KEEPER, copy=False
    )
    own_phone = fields.Char(string="Phone", groups=KEEPER, copy=False)
    own_iban = fields.Char(string="IBAN", groups=KEEPER, copy=False)
    own_short_address = fields.Char(
        string="Short National Address",
        groups=KEEPER,
        copy=False,
        help="Four letters and four digits, like RRRD2929.",
    )
    own_employer = fields.Char(string="Employer", groups=KEEPER, copy=False)

    _own_short_address_format = models.Constraint(
        "CHECK(own_short_address IS NULL OR own_short_address ~ '^[A-Z]{4}[0-9]{4}$')",
        "A short national address has four letters and four digits, like RRRD2929.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_own(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_own(vals))

    @api.model
    def _clean_own(self, vals):
        """Return values in the spelling in which the registry keeps them."""
        vals = dict(vals)
        if vals.get("own_identity_number"):
            vals["own_identity_number"] = normalise_identity(
                vals["own_identity_number"]
            )
        if vals.get("own_phone"):
            number = to_latin_digits(vals["own_phone"])
            vals["own_phone"] = (
                self.env["res.partner"]._phone_format(
                    number=number, country=self.env.ref("base.sa")
                )
                or number
            )
        for name in ("own_iban", "own_short_address"):
            if vals.get(name):
                text = to_latin_digits(clean_text(vals[name], max_length=50))
                vals[name] = re.sub(r"\W", "", text).upper()
        if vals.get("own_employer"):
            try:
                vals["own_employer"] = clean_text(
                    vals["own_employer"], max_length=EMPLOYER_MAX_LENGTH
                )
            except ValueError:
                raise ValidationError(
                    self.env._(
                        "The name of the employer has up to %(count)s characters.",
                        count=EMPLOYER_MAX_LENGTH,
                    )
                ) from None
        return vals

    def _own_files(self):
        """Return the members' own files: of the same contact, or the same number.

        Two queries for any number of members, as superuser: what is compared is
        shown to nobody.

        :rtype: dict
        """
        members = self.sudo()
        Files = self.env["beneficiary.beneficiary"].sudo()
        numbers = [number for number in members.mapped("own_identity_number") if number]
        files = Files.with_context(active_test=False).search(
            [
                ("company_id", "in", members.company_id.ids),
                "|",
                ("partner_id", "in", members.user_id.partner_id.ids),
                ("identity_number", "in", numbers),
            ]
        )
        return {
            member: files.filtered(
                lambda file, member=member: (
                    file.company_id == member.company_id
                    and (
                        file.partner_id == member.user_id.partner_id
                        or (
                            member.own_identity_number
                            and file.identity_number == member.own_identity_number
                        )
                    )
                )
            )
            for member in members
        }

    def _traces(self):
        """Return what of the members is met with the people before the committee.

        :rtype: dict
        """
        members = self.sudo()
        files = members._own_files()
        every = members.env["beneficiary.beneficiary"].union(*files.values())
        former = members.env["beneficiary.agenda.item"]._former_households(every)
        shared = every._traces_of_files()
        accounts = every._accounts_of(members.user_id.partner_id)
        traces = {}
        for member in members:
            own = files[member]
            contact = member.user_id.partner_id
            homes = set(own.household_id.ids)
            traces[member] = {
                "self": set(own.ids),
                "household": homes,
                "former_household": homes.union(
                    *(former.get(file.id, set()) for file in own)
                ),
                "mandate": set((own.partner_id | contact).ids),
                "phone": {phone_digits(member.own_phone), phone_digits(contact.phone)},
                "iban": {member.own_iban} | accounts.get(contact.id, set()),
                "address": {member.own_short_address},
                "employer": {normalise_arabic(member.own_employer or "")},
            }
            for kind in ("phone", "iban", "address", "employer"):
                theirs = (shared[file][kind] for file in own)
                traces[member][kind] = traces[member][kind].union(*theirs) - {False, ""}
        return traces
