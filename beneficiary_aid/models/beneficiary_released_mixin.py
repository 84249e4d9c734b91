from odoo import models


class BeneficiaryReleasedMixin(models.AbstractModel):
    """A paper of a request that one person prepares and another one releases.

    The model has ``request_id`` and ``prepared_by_id``. Neither whoever prepared it
    nor whoever voted on its request releases it (domain.md, joint signature).
    """

    _name = "beneficiary.released.mixin"
    _description = "Released by Somebody Else"

    def _get_release_conflicts(self, user):
        """Which duties of a user stop him from releasing, see below."""
        return self._get_own_conflicts(user)

    def _get_own_conflicts(self, user):
        """Which duties of a user do not go together with releasing.

        :return: ``{paper: {pair}}``, see ``beneficiary.duty.exception``
        """
        # Only whether this user voted is asked; nobody learns how or who else.
        votes = dict(
            self.env["beneficiary.vote"]
            .sudo()
            ._read_group(
                [
                    ("item_id.request_id", "in", self.request_id.ids),
                    "|",
                    ("member_id.user_id", "=", user.id),
                    ("cast_by_id.user_id", "=", user.id),
                ],
                ["item_id"],
                ["__count"],
            )
        )
        voted = {item.request_id.id for item in votes}
        conflicts = {}
        if user._is_superuser():
            return conflicts
        for paper in self:
            if user in paper.prepared_by_id | paper.create_uid:
                conflicts[paper] = {"prepare_release"}
            if paper.request_id.id in voted:
                conflicts.setdefault(paper, set()).add("vote_release")
        return conflicts

    def _get_release_refusals(self, user):
        """Why a user may not release, for those he may not.

        :return: ``{paper: reason}``
        """
        reasons = {}
        for paper, pairs in self._get_release_conflicts(user).items():
            if "prepare_release" in pairs:
                reasons[paper] = self.env._(
                    "%(number)s: whoever prepared it does not release it. Ask another "
                    "releaser.",
                    number=paper.display_name,
                )
            else:
                reasons[paper] = self.env._(
                    "%(number)s: whoever voted on a request does not release its "
                    "money. Ask another releaser.",
                    number=paper.display_name,
                )
        return reasons
