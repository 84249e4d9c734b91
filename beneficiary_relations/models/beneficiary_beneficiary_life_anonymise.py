from odoo import models

# What the life of a file holds about a person in words, and what it becomes.
CUT = {
    "beneficiary.branch.transfer": {"reason": "—", "answer_note": False},
    "beneficiary.iban.change": {
        "old_iban": False,
        "new_iban": "—",
        "holder_name": "—",
        "name_note": False,
        "refuse_reason": False,
        "proof": False,
        "proof_filename": False,
    },
    "beneficiary.household.membership": {"relationship": False},
    "beneficiary.life.event": {
        "relationship": False,
        "child_name": False,
        "child_gender": False,
        "child_identity_number": False,
        "note": False,
        "proof": False,
        "proof_filename": False,
    },
    "beneficiary.life.event.line": {
        "old_relationship": False,
        "new_relationship": False,
        "old_marital_status": False,
        "new_marital_status": False,
        "old_state_note": False,
    },
    "beneficiary.merge": {"note": "—", "old_state_note": False},
    "beneficiary.merge.line": {"name": False},
    "beneficiary.review": {"note": False},
}


class BeneficiaryBeneficiary(models.Model):
    """Destroying personal data reaches changes, transfers, merges, reviews and
    life events."""

    _inherit = "beneficiary.beneficiary"

    def _anonymise_values(self, model):
        return CUT.get(model) or super()._anonymise_values(model)

    def _anonymise_obstacles(self):
        obstacles = super()._anonymise_obstacles()
        if self._payment_held():
            obstacles.append(self.env._("a change of the IBAN is waiting"))
        return obstacles

    def _anonymise_file(self):
        result = super()._anonymise_file()
        self.write({"short_address": False, "building_number": False})
        return result
