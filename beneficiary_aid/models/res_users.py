from odoo import models

# Roles that open files by themselves, without a committee.
FILE_ROLES = (
    "beneficiary_relations.group_auditor",
    "beneficiary_relations.group_branch_representative",
    "beneficiary_relations.group_privacy_officer",
    "beneficiary_relations.group_complaints_officer",
    "beneficiary_relations.group_social_researcher",
    "beneficiary_relations.group_relations_officer",
    "beneficiary_aid.group_finance_clerk",
    "beneficiary_aid.group_finance_releaser",
)


class ResUsers(models.Model):
    """Whether somebody reads files for a committee and for nothing else."""

    _inherit = "res.users"

    def _reads_files_for_committee(self):
        """Tell whether only a seat on a committee opens people's files to the user.

        Asked by the record rules: recusal closes the file to those people.
        """
        self.ensure_one()
        return self.has_group("beneficiary_aid.group_committee_member") and not any(
            self.has_group(role) for role in FILE_ROLES
        )
