from odoo import models
from odoo.exceptions import AccessError

from ..exceptions import PortalError

# What the person sees of his own file, in the order of the page.
SHOWN = (
    "file_number",
    "identity_kind",
    "identity_number",
    "birth_date",
    "gender",
    "nationality_id",
    "marital_status",
    "education",
    "work_status",
    "phone",
    "email",
    "street",
    "city",
)
LEFT_TO_RIGHT = {"file_number", "identity_number", "phone", "email"}


class BeneficiaryBeneficiary(models.Model):
    """The person's rights in the portal: to see, to correct, to take a copy."""

    _inherit = "beneficiary.beneficiary"

    def _portal_require_own(self):
        """Refuse a file the current user does not act for.

        :raise AccessError: whether the file exists is not told
        """
        if len(self) != 1 or self not in self._portal_own():
            raise AccessError(self.env._("This is not your file."))

    def _portal_may(self, scope):
        """Tell whether the user may do something for the person, by his mandate."""
        try:
            self.env["beneficiary.mandate"]._require_scope(self, scope)
        except PortalError:
            return False
        return True

    def _portal_data_values(self):
        """Return what the file says, for the page of one's own data.

        :return: ``name``, ``number``, ``for_other``, ``facts`` and ``household``
            (lists of ``label``, ``value``, ``is_ltr``), ``documents``, ``company``
        :raise AccessError: the file is not the user's
        """
        self._portal_require_own()
        (values,) = self._portal_values()
        return {
            **values,
            "facts": [
                {
                    "label": self._fields[name]._description_string(self.env),
                    "value": self._portal_field_text(name),
                    "is_ltr": name in LEFT_TO_RIGHT,
                }
                for name in SHOWN
                if name in self._fields
            ],
            "household": self._portal_household_values(),
        }

    def _portal_household_values(self):
        """Return what may be told of the household: no names, no money of others."""
        # The household is not readable by portal users; the owner was checked.
        household = self.sudo().household_id
        if not household:
            return []
        facts = [
            (self.env._("Number of your household"), household.code, True),
            (
                self.env._("People registered in it"),
                str(len(household.member_ids)),
                True,
            ),
            (
                self._fields["relationship"]._description_string(self.env),
                self._portal_field_text("relationship"),
                False,
            ),
        ]
        return [
            {"label": label, "value": value, "is_ltr": is_ltr}
            for label, value, is_ltr in facts
            if value
        ]

    def _portal_field_text(self, name):
        """Return a value of the file as people read it, empty when there is none."""
        # The owner was checked by the caller; only fields named by the pages come here.
        file = self.sudo()
        field, value = file._fields[name], file[name]
        if not value:
            return ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "many2one":
            return value.display_name
        if field.type == "date":
            return self._portal_date(value)
        return str(value)

    def _portal_copy(self, kind):
        """Return the copy of the person's data as a file.

        It is complete, health and prison data included: only the person himself, or
        whoever may sign for him, takes it. That it was taken is logged.

        :param str kind: ``json`` or ``text``
        :return: bytes
        :raise AccessError: the file is not the user's
        :raise PortalError: the mandate does not cover it
        """
        self._portal_require_own()
        mandate = self.env["beneficiary.mandate"]._require_scope(self, "sign")
        content = self._encoded(self._person_data(), kind)
        if mandate:
            mandate._log_act(self.env._("took a copy of the data"))
        return content
