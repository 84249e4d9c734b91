from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_list

from .beneficiary_aid_request_flow import MANAGER
from .beneficiary_aid_type_limit import SCOPES

# What an exception was given for; when it changes, the exception is asked for anew.
EXCEPTION_FIELDS = frozenset({"aid_type_id", "beneficiary_id", "repeat_reason"})


class BeneficiaryAidRequest(models.Model):
    """What a kind of help allows: how much, how often, and by which route.

    How often counts what the person, or the household, asked for and was not refused,
    in every branch. A request above it can be entered and has its number; it goes no
    further than the check of its papers until a manager allows it by name, with a
    reason.
    """

    _inherit = "beneficiary.aid.request"

    aid_ceiling = fields.Monetary(related="aid_type_id.ceiling", string="Ceiling")
    repeat_note = fields.Text(
        string="Given before",
        compute="_compute_repeat_note",
        help="Why this help may not be given again yet.",
    )
    repeat_reason = fields.Char(
        string="Reason of the Exception",
        copy=False,
        tracking=True,
        help="Why the help is given more often than its rule says. For colleagues.",
    )
    repeat_approved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Exception Allowed by",
        readonly=True,
        copy=False,
        tracking=True,
    )
    repeat_approved_on = fields.Date(
        string="Exception Allowed on", readonly=True, copy=False
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("aid_type_id", "beneficiary_id", "household_id", "date_received")
    @api.depends_context("uid")
    def _compute_repeat_note(self):
        breaches = self._limit_breaches()
        for request in self:
            request.repeat_note = request._limit_note(breaches[request])

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("aid_type_id")
    def _check_aid_type_can_be_asked(self):
        for request in self:
            if request.aid_type_id.nature == "fund":
                raise ValidationError(
                    self.env._(
                        "%(aid_type)s raises funds for the other kinds of help and "
                        "cannot be asked for. Choose the kind of help that is needed.",
                        aid_type=request.aid_type_id.name,
                    )
                )

    @api.constrains("urgency", "aid_type_id")
    def _check_urgent_allowed(self):
        for request in self:
            if request.urgency == "urgent" and not request.aid_type_id.urgent_allowed:
                raise ValidationError(
                    self.env._(
                        "%(aid_type)s has no urgent route. Leave request %(name)s at "
                        "normal urgency.",
                        aid_type=request.aid_type_id.name,
                        name=request.display_name,
                    )
                )

    @api.constrains("amount_recommended", "amount_requested", "aid_type_id")
    def _check_amount_recommended(self):
        for request in self:
            request._check_recommendable(request.amount_recommended)

    def _check_recommendable(self, amount):
        """Refuse to recommend more than was asked for or may be granted.

        :param float amount: in company currency
        :raise ValidationError: naming the limit
        """
        self.ensure_one()
        currency = self.currency_id
        ceiling, asked = self.aid_type_id.ceiling, self.amount_requested
        if ceiling and currency.compare_amounts(amount, ceiling) > 0:
            raise ValidationError(
                self.env._(
                    "Request %(name)s: %(amount)s cannot be recommended. The ceiling "
                    "of %(aid_type)s is %(ceiling)s.",
                    name=self.display_name,
                    amount=currency.format(amount),
                    aid_type=self.aid_type_id.name,
                    ceiling=currency.format(ceiling),
                )
            )
        if asked and currency.compare_amounts(amount, asked) > 0:
            raise ValidationError(
                self.env._(
                    "Request %(name)s: %(amount)s cannot be recommended. Asked for was "
                    "%(asked)s. Correct the requested amount first, if the person "
                    "needs more.",
                    name=self.display_name,
                    amount=currency.format(amount),
                    asked=currency.format(asked),
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Take an exception back with what it was given for."""
        result = super().write(vals)
        if EXCEPTION_FIELDS & vals.keys():
            # Results, not input; what they stood on was changed.
            self.sudo().filtered("repeat_approved_on").write(
                {"repeat_approved_by_id": False, "repeat_approved_on": False}
            )
        return result

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_allow_repeat(self):
        """Allow help more often than its rule says, with the reason entered.

        :raise UserError: without a reason, or where no rule is in the way
        """
        self.check_access("write")
        self._check_role(MANAGER)
        breaches = self._limit_breaches()
        for request in self:
            if not breaches[request]:
                raise UserError(
                    self.env._(
                        "Request %(name)s keeps the rule how often: no exception is "
                        "needed.",
                        name=request.display_name,
                    )
                )
            if not request.repeat_reason:
                raise UserError(
                    self.env._(
                        "Request %(name)s: enter the reason of the exception, then "
                        "allow it.",
                        name=request.display_name,
                    )
                )
        # Results, not input; the role was checked.
        self.sudo().write(
            {
                "repeat_approved_by_id": self.env.uid,
                "repeat_approved_on": self._business_day(),
            }
        )
        for request in self:
            # Requests of other branches are counted, not named: more people read
            # this history than may read those.
            request._message_log(
                body=self.env._(
                    "Help allowed once more by exception. Requests that count: "
                    "%(count)s. Reason: %(reason)s",
                    count=max(len(others) for _scope, others in breaches[request]),
                    reason=request.repeat_reason,
                )
            )

    def _granted_with(self):
        """Return what was granted already under the same ceiling, in company currency.

        :rtype: float
        """
        return 0.0

    # ------------------------------------------------------------------
    # How often
    # ------------------------------------------------------------------

    def _limit_breaches(self):
        """Return which rules how often the requests would break, and by what.

        One query for any number of requests; exceptions are not looked at.

        :return: ``{request: [(scope, others)]}``, the others as superuser, oldest
            first; an empty list where no rule is in the way
        :rtype: dict
        """
        # What the rule counts does not depend on who looks: also other branches.
        asking = self.sudo()
        limited = asking.filtered(
            lambda one: one.aid_type_id.person_limit or one.aid_type_id.household_limit
        )
        found = limited.browse()
        if limited:
            people = Domain("beneficiary_id", "in", limited.beneficiary_id.ids)
            homes = limited._limit_households().ids
            if homes:
                people |= Domain("household_id", "in", homes)
                people |= Domain("beneficiary_id.household_id", "in", homes)
            found = limited.with_context(active_test=False).search(
                Domain("aid_type_id", "in", limited.aid_type_id.ids)
                & Domain("status", "not in", ("rejected", "cancelled"))
                & people,
                order="date_received, id",
            )
            # One reading for all that is compared.
            found.beneficiary_id.fetch(["household_id"])
        return {
            request: request_sudo._own_breaches(found)
            for request, request_sudo in zip(self, asking, strict=True)
        }

    def _limit_households(self):
        return self.household_id | self.beneficiary_id.household_id

    def _own_breaches(self, found):
        self.ensure_one()
        breaches = []
        for scope in SCOPES:
            limit = self.aid_type_id[f"{scope}_limit"]
            if not limit:
                continue
            others = found.filtered(
                lambda other, scope=scope: self._counts_with(other, scope)
            )._one_of_each_whole()
            if len(others) >= limit:
                breaches.append((scope, others))
        return breaches

    def _counts_with(self, other, scope):
        """Tell whether another request counts towards a rule how often."""
        if other.aid_type_id != self.aid_type_id or other.id == self._origin.id:
            return False
        if scope == "person" or not self._limit_households():
            together = other.beneficiary_id == self.beneficiary_id
        else:
            together = bool(other._limit_households() & self._limit_households())
        return (
            together
            and other._was_given_or_may_be()
            and self._comes_after(other)
            and self._is_within(other, scope)
        )

    def _one_of_each_whole(self):
        """Return the requests, of those that were one before another, the first."""
        return self

    def _was_given_or_may_be(self):
        """Tell whether a request led, or may still lead, to help."""
        return self.status != "closed" or self.outcome == "served" or self.delivered_on

    def _comes_after(self, other):
        """Tell whether this request gives way to another one.

        The later one does, unless the later one was approved in the meantime.
        """
        if other.decision_id._is_approval():
            return True
        own = self._origin.id or float("inf")
        return (other.date_received, other.id) < (self.date_received, own)

    def _is_within(self, other, scope):
        days = sorted(
            self._business_day(one.date_received or fields.Datetime.now())
            for one in (self, other)
        )
        end = self.aid_type_id._limit_end(scope, days[0])
        return not end or days[1] < end

    def _limit_free_from(self, scope, others):
        """Return the day from which a rule lets the help be asked for again.

        :return: False for a rule without an end
        """
        self.ensure_one()
        aid_type = self.aid_type_id
        ends = [
            aid_type._limit_end(scope, self._business_day(other.date_received))
            for other in others
        ]
        # So many must have passed that there is room for one.
        return ends[len(ends) - aid_type[f"{scope}_limit"]]

    def _limit_note(self, breaches):
        """Say which rule is in the way, naming what the user may read."""
        lines = []
        for scope, others_sudo in breaches:
            others = others_sudo.with_env(self.env)
            known = others._filtered_access("read")
            names = [
                self.env._(
                    "%(number)s of %(day)s",
                    number=other.name,
                    day=format_date(self.env, self._business_day(other.date_received)),
                )
                for other in known
            ]
            if others - known:
                names.append(
                    self.env._(
                        "%(count)s that you may not read",
                        count=len(others - known),
                    )
                )
            lines.append(
                self.env._(
                    "%(rule)s Asked for before: %(names)s.",
                    rule=self.aid_type_id._limit_words(scope),
                    names=format_list(self.env, names),
                )
            )
        return "\n".join(lines)

    def _limit_refusals(self):
        """Return why requests may not go on, of those without an exception.

        :rtype: dict
        """
        breaches = self._limit_breaches()
        return {
            request: self.env._(
                "Request %(name)s: this help may not be given again yet. %(note)s A "
                "manager may allow an exception.",
                name=request.display_name,
                note=request._limit_note(breaches[request]),
            )
            for request in self
            if breaches[request] and not request.repeat_approved_on
        }

    def _check_limits(self):
        """Refuse help that its kind does not allow again yet.

        :raise UserError: naming the rule and the requests that count
        """
        refusals = self._limit_refusals()
        if refusals:
            raise UserError("\n".join(refusals.values()))

    def _check_can_enter(self, status, vals=None):
        """Stop what breaks the rule how often before its study and its decision."""
        reasons = super()._check_can_enter(status, vals)
        if status not in ("study", "decision"):
            return reasons
        going = self.filtered(
            lambda one: one.status in ("received", "verification", "study")
        )
        for request, refusal in going._limit_refusals().items():
            reasons[request] = "\n".join(filter(None, [reasons.get(request), refusal]))
        return reasons

    def _apply_decision(self, decisions):
        """Count anew how often: another request may have been approved meanwhile."""
        # What was decided on paper before going live stays as it was decided.
        counted = self._of_decisions(
            decisions.filtered(
                lambda decision: decision._is_approval() and decision.kind != "brought"
            )
        )
        counted._touch_limited()
        counted._check_limits()
        return super()._apply_decision(decisions)

    def _touch_limited(self):
        """Write the rows two approvals of the same person or household contend for.

        Of two sessions that count from the same moment, PostgreSQL lets one fail and
        Odoo runs it again on what the other one stored.
        """
        requests = self.sudo()
        people = requests.filtered("aid_type_id.person_limit").beneficiary_id
        self._touch_rows("beneficiary_beneficiary", people.ids)
        homes = requests.filtered("aid_type_id.household_limit")._limit_households()
        self._touch_rows("beneficiary_household", homes.ids)

    def _touch_rows(self, table, ids):
        if ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = create_date WHERE id IN %s",
                    SQL.identifier(table),
                    tuple(sorted(ids)),
                )
            )

    def _missing_lines(self):
        lines = super()._missing_lines()
        if self.status in ("received", "verification", "study") and (
            self.repeat_note and not self.repeat_approved_on
        ):
            lines.append(
                self.env._("Exception of a manager: given before as often as allowed")
            )
        return lines

    @api.depends("repeat_note", "repeat_approved_on")
    def _compute_missing_note(self):
        return super()._compute_missing_note()
