from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .beneficiary_aid_request_finance import DONE_STATUSES, LIVE_STATES
from .beneficiary_voucher import BOUGHT_NATURES, CLERK, LIVE_VOUCHERS


class BeneficiaryAidRequest(models.Model):
    """Vouchers of a request: what they hold of its approval and of its promise.

    What a voucher may still buy, and what a shop is owed, counts as disbursed: it is
    not paid a second time in another way. The promise of the fund to the request
    stands behind it.
    """

    _inherit = "beneficiary.aid.request"

    voucher_ids = fields.One2many(
        comodel_name="beneficiary.voucher", inverse_name="request_id"
    )
    voucher_count = fields.Integer(compute="_compute_voucher_count")

    def _compute_voucher_count(self):
        vouchers = self.env["beneficiary.voucher"]
        counts = (
            dict(
                vouchers._read_group(
                    [("request_id", "in", self.ids)], ["request_id"], ["__count"]
                )
            )
            if vouchers.has_access("read")
            else {}
        )
        for request in self:
            request.voucher_count = counts.get(request, 0)

    @api.depends("voucher_ids.amount_reserved")
    def _compute_is_fully_disbursed(self):
        return super()._compute_is_fully_disbursed()

    # === Actions === #

    def action_prepare_vouchers(self):
        """Open the window that prepares vouchers for approved requests.

        :return: a window
        :raise AccessError: when the user is no finance clerk
        :raise UserError: when none of them can have a voucher
        """
        self.check_access("read")
        self._check_role(CLERK)
        return self._open_voucher_window()

    def action_open_vouchers(self):
        """Open the vouchers of the request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_voucher_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {"default_request_id": self.id}
        return action

    def _open_voucher_window(self):
        """Return the window with those that can have a voucher.

        :raise UserError: when there is none
        """
        possible = self._get_voucherable()
        if not possible:
            raise UserError(
                self.env._(
                    "No voucher is possible here: it needs an approved request for "
                    "help that is bought, and an amount that is not paid yet."
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_voucher_prepare_action"
        )
        action["context"] = {"voucher_request_ids": possible.ids}
        return action

    def _get_voucherable(self):
        """Those that are approved for help that is bought, with an open amount."""
        found = self.filtered(
            lambda request: (
                request._is_payable()
                and request.fund_id
                and request.aid_type_id.nature in BOUGHT_NATURES
            )
        )
        amounts = found._get_open_amounts()
        return found.filtered(
            lambda request: request.currency_id.compare_amounts(amounts[request], 0) > 0
        )

    # === What vouchers hold === #

    def _get_voucher_reserves(self):
        """What live vouchers may still buy, and what shops are owed.

        :return: ``{request: amount}``; requests without are left out
        """
        # The ceiling counts every voucher, also one the user may not read.
        totals = (
            self.env["beneficiary.voucher"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("request_id", "in", self._origin.ids),
                    ("amount_reserved", ">", 0),
                ],
                ["request_id"],
                ["amount_reserved:sum"],
            )
        )
        return {self.browse(request.id): total for request, total in totals}

    def _get_voucher_drafts(self):
        """What drafts of vouchers are meant for; it counts only once it is issued.

        :return: ``{request: amount}``; requests without are left out
        """
        rows = self.env["beneficiary.voucher"]._read_group(
            [("request_id", "in", self._origin.ids), ("state", "=", "draft")],
            ["request_id"],
            ["amount:sum"],
        )
        return dict(rows)

    def _get_disbursed_amounts(self, states=LIVE_STATES):
        totals = super()._get_disbursed_amounts(states)
        if "draft" in states:
            # What is not posted yet counts, and so does what is left on a voucher.
            for request, amount in self._get_voucher_reserves().items():
                totals[request] = totals.get(request, 0.0) + amount
        return totals

    def _get_open_amounts(self):
        """What is approved and neither disbursed, delivered nor on a voucher.

        :return: ``{request: amount}``, not below zero
        """
        requests = self._origin
        totals = requests._get_given_amounts()
        return {
            request: max(
                request.currency_id.round(
                    request.amount_approved - totals.get(request, 0.0)
                ),
                0.0,
            )
            for request in requests
        }

    def _check_vouchers_covered(self):
        """Refuse vouchers beyond the approval, and let the fund promise what is
        needed for them when an earlier promise was given back.

        :raise ValidationError: naming the request and both amounts
        :raise UserError: when the fund has less free
        """
        totals = self._get_given_amounts()
        reserves = self._get_voucher_reserves()
        # Amounts of money are not written by people; whoever issues is checked.
        for request in self.sudo().sorted("id"):
            currency = request.currency_id
            total = totals.get(request, 0.0)
            if currency.compare_amounts(total, request.amount_approved) > 0:
                raise ValidationError(
                    self.env._(
                        "%(request)s: payments, goods and vouchers of %(total)s exceed "
                        "the approved %(approved)s. Lower the limit of the voucher.",
                        request=request.display_name,
                        total=currency.format(total),
                        approved=currency.format(request.amount_approved),
                    )
                )
            missing = currency.round(
                reserves.get(request, 0.0) - request.amount_committed
            )
            if missing > 0:
                request.fund_id._commit(missing)
                request.amount_committed += missing

    # === The promise of the fund === #

    def _use_commitments(self, amounts):
        """Leave what vouchers need of the promises to them."""
        reserves = self._get_voucher_reserves()
        unbound = {}
        for request, amount in amounts.items():
            kept = reserves.get(request, 0.0)
            left = request.currency_id.round(request.amount_committed - kept)
            unbound[request] = min(amount, max(left, 0.0))
        return super()._use_commitments(unbound)

    def _release_voucher_rests(self, rests):
        """Give back to the funds what is left of vouchers that are over.

        What the other vouchers of a request need stays promised.

        :param dict rests: ``{voucher: amount}``
        """
        reserves = self._get_voucher_reserves()
        # Amounts of money are not written by people; the caller checked the right.
        for request in self.sudo().sorted("id"):
            rest = sum(
                amount
                for voucher, amount in rests.items()
                if voucher.request_id.id == request.id
            )
            unbound = request.amount_committed - reserves.get(request, 0.0)
            given = request.currency_id.round(max(min(rest, unbound), 0.0))
            if given:
                request.fund_id._release(given)
                request.amount_committed -= given

    def _release_commitment(self):
        self._end_vouchers()
        return super()._release_commitment()

    def _end_vouchers(self):
        """Cancel the vouchers of requests that end.

        :raise UserError: when a shop is still owed something for one
        """
        ended = self.filtered(
            lambda request: request.status in DONE_STATUSES or not request.active
        )
        for request, amount in ended._get_owed_to_shops().items():
            raise UserError(
                self.env._(
                    "%(request)s: a shop is still owed %(amount)s for vouchers. Enter "
                    "its bill first.",
                    request=request.display_name,
                    amount=request.currency_id.format(amount),
                )
            )
        # Whoever may end a request ends its vouchers with it.
        vouchers = (
            self.env["beneficiary.voucher"]
            .sudo()
            .search(
                [
                    ("request_id", "in", ended.ids),
                    ("state", "in", ("draft", *LIVE_VOUCHERS)),
                ]
            )
        )
        if vouchers:
            vouchers._touch()
            vouchers._end("cancelled", self.env._("The request ended."))

    def _get_owed_to_shops(self):
        """What shops gave and are not paid for: ``{request: amount}``."""
        # As for the reserves.
        totals = (
            self.env["beneficiary.voucher"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [("request_id", "in", self.ids), ("amount_owed", ">", 0)],
                ["request_id"],
                ["amount_owed:sum"],
            )
        )
        return {self.browse(request.id): total for request, total in totals}

    def _leave_fund(self, vals):
        for request, amount in self._get_voucher_reserves().items():
            if request.fund_id.id != vals["fund_id"]:
                raise UserError(
                    self.env._(
                        "%(request)s: vouchers of %(amount)s stand on the fund "
                        "%(fund)s. Cancel them, or let the shop's bill be entered, "
                        "before another fund is taken.",
                        request=request.display_name,
                        amount=request.currency_id.format(amount),
                        fund=request.fund_id.display_name,
                    )
                )
        return super()._leave_fund(vals)

    def _note_voucher_expired(self, voucher, rest):
        """Tell whoever is responsible that something was not bought in time."""
        self.ensure_one()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id or self.env.uid,
            summary=self.env._("Voucher not used in time"),
            note=self.env._(
                "%(amount)s was left on %(voucher)s. The fund has it back; pay from "
                "what the fund has free, or close the request.",
                amount=self.currency_id.format(rest),
                voucher=voucher.name,
            ),
        )


class BeneficiarySponsorship(models.Model):
    """An instalment that is given as a voucher is not paid out."""

    _inherit = "beneficiary.sponsorship"

    voucher_ids = fields.One2many(
        comodel_name="beneficiary.voucher", inverse_name="sponsorship_id"
    )

    @api.depends("voucher_ids.period_date", "voucher_ids.state")
    def _compute_next_date(self):
        return super()._compute_next_date()

    @api.depends("voucher_ids.period_date", "voucher_ids.state")
    def _compute_planned_amount(self):
        return super()._compute_planned_amount()

    def _get_disbursed_days(self):
        """Days of the plan that were paid out, or are going to be."""
        self.ensure_one()
        # As for the plan.
        disbursements = self.sudo().disbursement_ids
        live = disbursements.filtered(lambda one: one.state in LIVE_STATES)
        return set(live.mapped("period_date"))

    def _open_days(self):
        days = super()._open_days()
        # An instalment counts, also one the user may not read.
        rows = (
            self.env["beneficiary.voucher"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("sponsorship_id", "in", self._origin.ids),
                    "|",
                    ("state", "in", ("draft", *LIVE_VOUCHERS)),
                    ("amount_used", ">", 0),
                ],
                ["sponsorship_id"],
                ["period_date:array_agg"],
            )
        )
        given = {sponsorship.id: set(dates) for sponsorship, dates in rows}
        return {
            one: [day for day in open_days if day not in given.get(one._origin.id, ())]
            for one, open_days in days.items()
        }
