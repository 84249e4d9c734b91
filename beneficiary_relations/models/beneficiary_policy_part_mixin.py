from odoo import api, models
from odoo.exceptions import UserError


class BeneficiaryPolicyPartMixin(models.AbstractModel):
    """A line of a policy: it stays as it was when the version is over.

    Records keep the version they were received under, so that what it said then can
    be read for good.
    """

    _name = "beneficiary.policy.part.mixin"
    _description = "Line of a Policy"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_not_past()
        return parts

    def write(self, vals):
        self._check_not_past()
        result = super().write(vals)
        # The line may have been moved to another version.
        self._check_not_past()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        self._check_not_past()

    def _policies(self):
        """Return the policies the lines belong to."""
        return self.policy_id

    def _check_not_past(self):
        """Keep the lines of versions that are over as they were.

        :raise UserError: naming the version
        """
        if self.env.su:
            return
        past = self._policies().filtered(lambda policy: policy.state == "superseded")
        if past:
            raise UserError(
                self.env._(
                    "%(policy)s is over and stays as it was. Make the change in a new "
                    "version.",
                    policy=past[0].display_name,
                )
            )
