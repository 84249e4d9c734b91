"""Money: a batch of disbursements beside the payments of Odoo and the orders of OCA.

W9 pays people who are owed money, W10 posts what they are owed, W11 matches the lines
of the bank. Each side does the same for the same number of payees, as the people who
do it in practice: a clerk prepares, two others release. The last line of each is the
limit: the rows that were written, by COPY.
"""

from bench_harness import Side, compare
from bench_raw import raw_side

from odoo import SUPERUSER_ID, api, fields

# The web client would not show more payments at once; the law is linear beyond.
PAYEES = 100
BANK_LINES = 50
COMPANY = "Benchmark of Money"
QUIET = {"tracking_disable": True}
# Of the time of the peers; bare entries reach it, ours also looks at every payee,
# request, account, mandate and fund.
AIM = 0.1
PARTIAL = "account_partial_reconcile"


class _World:
    """What the sides need: ids of users and records, made once and kept."""


def prepare(registry):
    """Return an association with people who wait for their money.

    :rtype: _World
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, QUIET)
        steps = _steps(env)
        fresh = not env["res.company"].search([("name", "=", COMPANY)])
        if fresh:
            _fill(steps)
            cr.commit()
            cr.execute("ANALYZE")
            cr.commit()
        world = _find(env)
        cr.commit()
    return world


def _steps(env):
    """The steps of the addon's tests on an environment."""
    # Importable only when Odoo runs.
    from odoo.addons.beneficiary_aid.tests.batch_common import BatchCommon

    return type("Steps", (BatchCommon,), {"env": env})


def _fill(steps):
    env = steps.env
    company = steps._create_association(COMPANY)
    steps.env = env(context={**QUIET, "allowed_company_ids": company.ids})
    steps.company = company.with_env(steps.env)
    steps.company._beneficiary_setup_accounting()
    for name, groups in steps.FINANCE_ROLES.items():
        setattr(steps, name, steps._create_finance_user(f"bench_{name}", groups))
    steps.bank = steps._create_bank(steps.company)
    steps.policy = steps._create_policy(steps.company)
    steps.aid_type = steps._create_aid_type(name="Aid", code="bench")
    steps.fund = steps._create_fund(name="Aid", code="BENCH")
    steps.donor = env["res.partner"].create({"name": "Donor"})
    steps._donate(10 * PAYEES * 100)
    env["account.payment.mode"].create(
        {
            "name": "Transfer",
            "company_id": company.id,
            "payment_method_id": env.ref(
                "account.account_payment_method_manual_out"
            ).id,
            "payment_order_ok": True,
            "bank_account_link": "fixed",
            "fixed_journal_id": steps.bank.id,
        }
    )
    steps._create_due(PAYEES)
    steps._create_due(PAYEES).action_post()
    paid = steps._create_due(BANK_LINES)
    steps._pay(paid, booking="line")
    env["account.bank.statement.line"].create(
        [
            {
                "journal_id": steps.bank.id,
                "payment_ref": f"Transfer {one.name}",
                "amount": -one.amount,
                "date": fields.Date.context_today(one),
            }
            for one in paid
        ]
    )


def _find(env):
    world = _World()
    company = env["res.company"].search([("name", "=", COMPANY)])
    world.context = {"allowed_company_ids": company.ids, **QUIET}
    users = env["res.users"].search([("login", "=like", "ba_bench_%")])
    world.users = {user.login.removeprefix("ba_bench_"): user.id for user in users}
    world.bank = (
        env["account.journal"]
        .search([("company_id", "=", company.id), ("code", "=", "ABNK")])
        .id
    )
    found = env["beneficiary.disbursement"].search([("company_id", "=", company.id)])
    world.drafts = found.filtered(lambda one: one.state == "draft").ids
    world.due = found.filtered(lambda one: one.state == "due").ids
    world.sent = found.filtered(lambda one: one.state == "sent").ids
    return world


def _batch(env, world, ids):
    """A batch of the clerk with these payees."""
    batch = (
        env["beneficiary.disbursement.batch"]
        .with_user(world.users["clerk"])
        .create(
            {
                "company_id": env.context["allowed_company_ids"][0],
                "journal_id": world.bank,
            }
        )
    )
    batch._add(env["beneficiary.disbursement"].browse(ids))
    return batch


def _core_payments(env, world, ids):
    """Odoo's own way: a payment for each payee, created together and posted."""
    due = env["beneficiary.disbursement"].browse(ids).sudo()
    payments = env["account.payment"].create(
        [
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": one.payee_id.id,
                "amount": one.amount,
                "journal_id": world.bank,
                "memo": one.name,
                "destination_account_id": one.company_id._beneficiary_payable(
                    one.payee_id
                ).id,
                "date": fields.Date.context_today(one),
            }
            for one in due
        ]
    )
    payments.action_post()
    return payments


def _order(env, world, ids):
    """OCA's way: a payment order, confirmed, its file made and at the bank."""
    due = env["beneficiary.disbursement"].browse(ids).sudo()
    journal = env["account.journal"].browse(world.bank)
    # Setting it up is no part of the work.
    mode = env["account.payment.mode"].search(
        [("fixed_journal_id", "=", world.bank)], limit=1
    )
    order = env["account.payment.order"].create(
        {
            "payment_mode_id": mode.id,
            "payment_type": "outbound",
            "journal_id": journal.id,
            "company_id": journal.company_id.id,
        }
    )
    env["account.payment.line"].create(
        [
            {
                **one.move_line_id._prepare_payment_line_vals(order),
                "communication": one.name,
                "partner_bank_id": one.payee_bank_id.id,
            }
            for one in due
        ]
    )
    order.draft2open()
    order.open2generated()
    order.generated2uploaded()
    return order


def _check_order(env, order):
    assert order.state == "uploaded", order.state
    assert set(order.payment_ids.mapped("state")) <= {"in_process", "paid"}


def _check_payments(env, payments):
    assert set(payments.mapped("state")) == {"in_process"}, "payments are not posted"


def pay(registry, _actors, repetitions):
    """W9: everything from the gathered batch to payments that are sent."""
    world = prepare(registry)

    def batch(env):
        one = _batch(env, world, world.due)
        one.action_prepare()
        one.with_user(world.users["releaser"]).action_release()
        one.with_user(world.users["second"]).action_release()
        return one

    def check(env, one):
        assert one.state == "released", one.state
        states = one.line_ids.disbursement_id.mapped("state")
        assert set(states) == {"sent"}, states

    def core(env):
        payments = _core_payments(env, world, world.due)
        due = env["beneficiary.disbursement"].browse(world.due).sudo()
        for payment, one in zip(payments, due, strict=True):
            items = payment.move_id.line_ids.filtered(
                lambda item: item.account_id.account_type == "liability_payable"
            )
            (items | one.move_line_id).reconcile()
        return payments

    clerk = world.users["clerk"]
    peers = [
        (
            Side(
                "account.payment",
                SUPERUSER_ID,
                core,
                _check_payments,
                world.context,
            ),
            AIM,
        ),
        (
            Side(
                "OCA payment order",
                SUPERUSER_ID,
                lambda env: _order(env, world, world.due),
                _check_order,
                world.context,
            ),
            AIM,
        ),
        (
            raw_side(
                lambda env: batch(env(user=clerk)),
                ["beneficiary_disbursement_batch_line", "account_move_line", PARTIAL],
                world.context,
            ),
            180,
        ),
    ]
    return _compare_all(
        registry,
        f"W9 pay {PAYEES} people",
        Side("batch", clerk, batch, check, world.context),
        peers,
        budget=300,
        repetitions=repetitions,
    )


def post(registry, _actors, repetitions):
    """W10: one entry with a line for each payee, funds and promises settled."""
    world = prepare(registry)

    def batch(env):
        one = _batch(env, world, world.drafts)
        one.action_prepare()
        return one

    def check(env, one):
        assert one.state == "prepared", one.state
        assert len(one.entry_id.line_ids) == PAYEES + 1, "the entry is not whole"

    clerk = world.users["clerk"]
    peers = [
        (
            Side(
                "account.payment",
                SUPERUSER_ID,
                lambda env: _core_payments(env, world, world.drafts),
                _check_payments,
                world.context,
            ),
            AIM,
        ),
        (
            raw_side(
                lambda env: batch(env(user=clerk)),
                ["beneficiary_disbursement_batch_line", "account_move_line"],
                world.context,
            ),
            130,
        ),
    ]
    return _compare_all(
        registry,
        f"W10 post {PAYEES} payees in one entry",
        Side("batch", clerk, batch, check, world.context),
        peers,
        budget=150,
        repetitions=repetitions,
    )


def match(registry, _actors, repetitions):
    """W11: lines of the bank matched by our reference in one plan, or one by one."""
    world = prepare(registry)

    def lines(env):
        return env["account.bank.statement.line"].search(
            [("journal_id", "=", world.bank), ("is_reconciled", "=", False)]
        )

    def together(env):
        found = lines(env)
        found.action_beneficiary_match()
        return found

    def one_by_one(env):
        found = lines(env)
        for line in found:
            _name, items = line._get_beneficiary_suggestions()[line]
            _liquidity, suspense, _others = line._seek_for_lines()
            suspense.account_id = items.account_id
            (suspense | items).reconcile()
        return found

    def check(env, found):
        assert all(found.mapped("is_reconciled")), "a line is not matched"
        sent = env["beneficiary.disbursement"].browse(world.sent)
        assert set(sent.mapped("state")) == {"paid"}, "a payee is not paid"

    clerk = world.users["clerk"]
    peers = [
        (Side("one by one", SUPERUSER_ID, one_by_one, check, world.context), AIM),
        (
            raw_side(lambda env: together(env(user=clerk)), [PARTIAL], world.context),
            300,
        ),
    ]
    return _compare_all(
        registry,
        f"W11 match {BANK_LINES} bank lines",
        Side("one plan", clerk, together, check, world.context),
        peers,
        budget=8 * BANK_LINES,
        repetitions=repetitions,
    )


def _compare_all(registry, workload, product, peers, *, budget, repetitions):
    """Measure the product beside each of its peers."""
    return [
        compare(
            registry,
            workload,
            product,
            peer,
            aim=aim,
            budget=budget,
            repetitions=max(3, repetitions // 2),
        )
        for peer, aim in peers
    ]


WORKLOADS = {"W9": pay, "W10": post, "W11": match}
