from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.identity import check_identity
from odoo.addons.beneficiary_relations.tools.text import (
    clean_text,
    normalise_identity,
    to_latin_digits,
)

from .beneficiary_emergency import BRANCH, OFFICER, RESEARCHER

CUT = "—"
NAME_LENGTH = 200


class BeneficiaryEmergencyHousehold(models.Model):
    """A household hit by an emergency, as it was seen on the spot.

    Few fields, for a telephone in the street; no file is needed first. Registering it
    finds the file with that identity, or opens one with what is known; from then on
    name and numbers are those of the file.
    """

    _name = "beneficiary.emergency.household"
    _description = "Household in an Emergency"
    _inherit = ["beneficiary.company.mixin", "beneficiary.results.mixin"]
    _check_company_auto = True
    _order = "emergency_id desc, priority desc, id"
    _rec_name = "person_name"

    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'open')]",
    )
    company_id = fields.Many2one(
        related="emergency_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    person_name = fields.Char(string="Head of Household", required=True)
    phone = fields.Char()
    identity_kind = fields.Selection(
        selection=[
            ("citizen", "National ID"),
            ("resident", "Resident ID"),
            ("other", "Other"),
        ],
        required=True,
        default="citizen",
    )
    identity_number = fields.Char(index="btree_not_null", copy=False)
    area_id = fields.Many2one(
        comodel_name="beneficiary.area",
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
    )
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch",
        index="btree_not_null",
        check_company=True,
        default=lambda self: self.env["beneficiary.beneficiary"]._default_branch_id(),
    )
    members = fields.Integer(required=True, default=1)
    damage = fields.Selection(
        selection=[
            ("none", "None seen"),
            ("some", "Some"),
            ("severe", "Severe"),
            ("lost", "Home lost"),
        ],
        required=True,
        default="some",
    )
    priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Soon"), ("2", "At once")],
        required=True,
        default="0",
    )
    needs = fields.Char(
        string="Needs First", help="Food, blankets, a roof. No details of health."
    )
    assessed_on = fields.Datetime(
        required=True, default=fields.Datetime.now, readonly=True, copy=False
    )
    assessed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Assessed by",
        default=lambda self: self.env.user,
        readonly=True,
        copy=False,
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="File",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    request_ids = fields.One2many(
        comodel_name="beneficiary.aid.request", inverse_name="emergency_household_id"
    )
    state = fields.Selection(
        selection=[
            ("assessed", "Assessed"),
            ("registered", "Registered"),
            ("requested", "Request Opened"),
            ("dismissed", "No Need"),
        ],
        required=True,
        default="assessed",
        readonly=True,
        copy=False,
        index=True,
        group_expand=True,
    )

    _members_bounds = models.Constraint(
        "CHECK(members BETWEEN 1 AND 99)",
        "A household has between 1 and 99 members.",
    )
    _identity_uniq = models.UniqueIndex(
        "(emergency_id, identity_kind, identity_number)"
        " WHERE identity_number IS NOT NULL",
        "This household was assessed in this emergency already.",
    )
    _person_uniq = models.UniqueIndex(
        "(emergency_id, beneficiary_id) WHERE beneficiary_id IS NOT NULL",
        "This file is in this emergency already.",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("identity_kind", "identity_number")
    def _check_identity(self):
        for household in self.filtered("identity_number"):
            if check_identity(household.identity_kind, household.identity_number):
                raise ValidationError(
                    self.env._(
                        "The identity number is not right. Look at the card again, or "
                        "leave it empty for now."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_results(vals)
        households = super().create(vals_list)
        if not self.env.su:
            for emergency in households.emergency_id:
                emergency._check_open()
        return households

    def write(self, vals):
        if is_anonymising(self.env):
            return super().write(vals)
        vals = self._clean_vals(vals)
        self._check_results(vals)
        if (
            not self.env.su
            and self.filtered("beneficiary_id")
            and (
                vals.keys()
                & {"emergency_id", "person_name", "phone", "identity_number"}
            )
        ):
            raise UserError(
                self.env._(
                    "The household is registered: correct name and numbers in its file."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_assessed(self):
        for household in self:
            if household.beneficiary_id or household.request_ids:
                raise UserError(
                    self.env._("A household that was registered or helped is kept.")
                )

    def _results_words(self, results):
        return self.env._("Who assessed, file and state are not typed in.")

    def _clean_vals(self, vals):
        vals = dict(vals)
        self._refuse_hidden_characters(vals)
        if vals.get("person_name"):
            try:
                vals["person_name"] = clean_text(vals["person_name"], NAME_LENGTH)
            except ValueError:
                raise ValidationError(
                    self.env._("The name is too long. Shorten it.")
                ) from None
        if vals.get("phone"):
            vals["phone"] = to_latin_digits(vals["phone"])
        if "identity_number" in vals:
            vals["identity_number"] = (
                normalise_identity(vals["identity_number"]) or False
            )
        return vals

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_save_next(self):
        """Save the household and open the form for the next one of the same area."""
        self.ensure_one()
        self.check_access("write")
        self.emergency_id._check_may_assess()
        return self._quick_form(self.emergency_id, self.area_id)

    def action_register(self):
        """Open a file for each household, or find the one with that identity."""
        self.check_access("write")
        self.emergency_id._require(OFFICER, RESEARCHER, BRANCH)
        self._register_files()

    def action_dismiss(self):
        """Note that a household needs nothing."""
        self.check_access("write")
        self.emergency_id._check_may_assess()
        for household in self:
            if household.request_ids:
                raise UserError(
                    self.env._(
                        "%(name)s has a request. Cancel the request instead.",
                        name=household.display_name,
                    )
                )
        # The state is not typed in; the role was checked.
        self.sudo().write({"state": "dismissed"})

    @api.model
    def _quick_form(self, emergency, area=None):
        """Return the window of an empty quick form."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Quick Assessment"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "beneficiary_aid.beneficiary_emergency_household_view_quick"
                    ).id,
                    "form",
                )
            ],
            # One after the other in the same place: no trail of pages behind.
            "target": "new",
            "context": {
                "default_emergency_id": emergency.id,
                "default_area_id": (area or emergency.area_ids[:1]).id,
            },
        }

    # ------------------------------------------------------------------
    # Registering
    # ------------------------------------------------------------------

    def _register_files(self):
        """Find or open the files of the households, all at once.

        A file opened here is a draft with what is known; its papers come later.
        """
        waiting = self.filtered(lambda one: not one.beneficiary_id)
        known = waiting._known_files()
        # Files are opened with the few fields of the street; the role was checked, and
        # the rules of a branch do not hide that a file is there already.
        waiting = waiting.sudo()
        new = waiting.filtered(lambda one: one.id not in known)
        homes = (
            self.env["beneficiary.household"]
            .sudo()
            .create(
                [
                    {
                        "company_id": one.company_id.id,
                        "area_id": one.area_id.id,
                        "branch_id": one.branch_id.id,
                    }
                    for one in new
                ]
            )
        )
        files = (
            self.env["beneficiary.beneficiary"]
            .sudo()
            .create(
                [
                    {
                        "name": one.person_name,
                        "company_id": one.company_id.id,
                        "identity_kind": one.identity_kind,
                        "identity_number": one.identity_number,
                        "phone": one.phone,
                        "area_id": one.area_id.id,
                        "branch_id": one.branch_id.id,
                        "household_id": home.id,
                        "relationship": "head",
                    }
                    for one, home in zip(new, homes, strict=True)
                ]
            )
        )
        opened = dict(zip(new.ids, files, strict=True))
        for household in waiting:
            file = known.get(household.id) or opened[household.id]
            household.write(
                {
                    "beneficiary_id": file.id,
                    "person_name": file.name,
                    # Kept once: in the file.
                    "phone": False,
                    "identity_number": False,
                    "state": "registered",
                }
            )

    def _known_files(self):
        """Return the files that have the identity of a household: ``{id: file}``."""
        numbered = self.filtered("identity_number")
        files = (
            self.env["beneficiary.beneficiary"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("identity_number", "in", numbered.mapped("identity_number")),
                ]
            )
        )
        found = {
            (file.company_id, file.identity_kind, file.identity_number): file
            for file in files
        }
        known = {}
        for one in numbered:
            key = (one.company_id, one.identity_kind, one.identity_number)
            if key in found:
                known[one.id] = found[key]
        return known

    def _forget_unregistered(self):
        """Cut who the households were that never got a file."""
        self.filtered(lambda one: not one.beneficiary_id).write(
            {
                "person_name": CUT,
                "phone": False,
                "identity_number": False,
                "needs": False,
                "state": "dismissed",
            }
        )

    # ------------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------------

    def _open_requests(self, aid_type, amount, per_member=False):
        """Open a request for each household, all in one batch.

        :param aid_type: ``beneficiary.aid.type``
        :param float amount: for a household, or for each of its members
        :return: the new requests; households that have one of this kind get none
        """
        self._register_files()
        # Where a request comes from is not typed in; the caller checked the role.
        households = self.sudo().filtered(
            lambda one: aid_type not in one.request_ids.aid_type_id
        )
        requests = (
            self.env["beneficiary.aid.request"]
            .sudo()
            .create(
                [
                    {
                        "beneficiary_id": one.beneficiary_id.id,
                        "aid_type_id": aid_type.id,
                        "company_id": one.company_id.id,
                        "reason": one.needs,
                        "amount_requested": amount * (one.members if per_member else 1),
                        "urgency": "urgent" if aid_type.urgent_allowed else "normal",
                        "urgent_reason": one.emergency_id.display_name,
                        "origin": "emergency",
                        "emergency_id": one.emergency_id.id,
                        "emergency_household_id": one.id,
                        "user_id": self.env.uid,
                    }
                    for one in households
                ]
            )
        )
        households.write({"state": "requested"})
        return requests.with_env(self.env)
