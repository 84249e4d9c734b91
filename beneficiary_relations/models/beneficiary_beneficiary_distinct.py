from odoo import api, fields, models


class BeneficiaryBeneficiary(models.Model):
    """Files told apart by an officer are not proposed as doubles again."""

    _inherit = "beneficiary.beneficiary"

    distinct_count = fields.Integer(
        string="Told Apart", compute="_compute_distinct_count", groups="base.group_user"
    )

    def _compute_distinct_count(self):
        pairs = self.env["beneficiary.distinct"]._pairs_of(self)
        for file in self:
            file.distinct_count = len(
                pairs.filtered(
                    lambda pair, file=file: (
                        file._origin in (pair.first_id | pair.second_id)
                    )
                )
            )

    def action_tell_apart(self):
        """Open the screen that records that another file is another person."""
        self.ensure_one()
        self.check_access("read")
        self._require_group("group_relations_officer")
        alike = list(self._matches_of_file())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not the Same Person"),
            "res_model": "beneficiary.distinct",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_first_id": self.id,
                "default_second_id": alike[0] if alike else False,
            },
        }

    def action_open_distinct(self):
        """Open whom the file is not."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_distinct_action"
        )
        action["domain"] = [
            "|",
            ("first_id", "=", self.id),
            ("second_id", "=", self.id),
        ]
        return action

    def _matches_of_file(self):
        matches = super()._matches_of_file()
        pairs = self.env["beneficiary.distinct"]._pairs_of(self._origin)
        others = (pairs.first_id | pairs.second_id).ids
        return {key: why for key, why in matches.items() if key not in others}

    @api.model
    def _cards(self, matches):
        """Say of files that were found together when they are two persons."""
        cards = super()._cards(matches)
        found = self.browse(matches)
        numbers = {}
        for pair in self.env["beneficiary.distinct"]._pairs_of(found):
            for file, other in (
                (pair.first_id, pair.second_id),
                (pair.second_id, pair.first_id),
            ):
                if other.id in matches:
                    numbers.setdefault(file.file_number, []).append(other.file_number)
        for card in cards:
            card["told_apart"] = self.env._(", ").join(
                numbers.get(card["file_number"], [])
            )
        return cards

    @api.model
    def _person_copy(self):
        return super()._person_copy() | {
            "beneficiary.distinct": "says who somebody else is not: data of two persons"
        }

    def _anonymise_values(self, model):
        if model == "beneficiary.distinct":
            return {"reason": "—"}
        return super()._anonymise_values(model)
