"""The steps of a monthly run, each done and measured; see ``bench_run.py``."""

import base64
import cProfile
import csv
import io
import resource
import time

from bench_raw import copy, take_rows

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.tools import SQL

COMPANY = "Benchmark of Runs"
QUIET = {"tracking_disable": True}
INSTALMENT, APPROVED = 100.0, 1200.0
# Of a thousand payees so many have no account any more.
REJECTED = 3
# What the run writes of its own, one row or more a payee.
WRITTEN = {
    "beneficiary_disbursement": "sponsorship_id IS NOT NULL",
    "beneficiary_disbursement_batch_line": "TRUE",
    "account_move_line": "company_id = {company}",
    "account_partial_reconcile": "company_id = {company}",
}


def do(registry, options):
    """Do a step.

    :return: seconds, queries, memory in MB and a note
    :rtype: dict
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if options.step == "fill":
            return fill(env, options.payees)
        world = find(env)
        if options.step == "raw":
            return raw(env, world)
        profile = cProfile.Profile(time.process_time) if options.profile else None
        queries, start = cr.sql_log_count, time.perf_counter()
        cpu = time.process_time()
        if profile:
            profile.enable()
        note = globals()[options.step.replace(" ", "_")](world)
        cr.commit()
        if profile:
            profile.disable()
            profile.dump_stats(f"/tmp/{options.step.replace(' ', '_')}.prof")
        return {
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - cpu,
            "queries": cr.sql_log_count - queries,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "note": note or "",
        }


class _World:
    """Who works, and on what."""

    def __init__(self, env, company):
        context = {"allowed_company_ids": company.ids}
        self.env = env(context=context)
        self.company = company.with_env(self.env)
        self.bank = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("code", "=", "ABNK")]
        )
        self.batch = self.env["beneficiary.disbursement.batch"].search(
            [("company_id", "=", company.id)]
        )

    def user(self, name):
        """The user of a role."""
        return self.env["res.users"].search([("login", "=", f"ba_run_{name}")])

    def batch_as(self, name):
        """The batch as the user of a role sees it."""
        return self.batch.with_user(self.user(name))


def find(env):
    """Return the association of the run."""
    return _World(env, env["res.company"].search([("name", "=", COMPANY)]))


# === Filling === #


def fill(env, payees):
    """Make an association with a running plan for each payee, unless it is there."""
    if env["res.company"].search_count([("name", "=", COMPANY)]):
        return {}
    # Importable only when Odoo runs.
    from odoo.addons.beneficiary_aid.tests.batch_common import BatchCommon

    steps = type("Steps", (BatchCommon,), {"env": env(context=QUIET)})
    company = steps._create_association(COMPANY)
    steps.env = env(context={**QUIET, "allowed_company_ids": company.ids})
    steps.company = company.with_env(steps.env)
    steps.company._beneficiary_setup_accounting()
    for name, groups in steps.FINANCE_ROLES.items():
        setattr(steps, name, steps._create_finance_user(f"run_{name}", groups))
    steps.bank = steps._create_bank(steps.company)
    steps.policy = steps._create_policy(steps.company)
    steps.aid_type = steps._create_aid_type(name="Aid", code="run", nature="recurring")
    steps.fund = steps._create_fund(name="Aid", code="RUN")
    steps.donor = steps.env["res.partner"].create({"name": "Donor"})
    steps._donate(payees * APPROVED)
    _create_sheet(steps)
    first = _create_first(steps)
    _copy(first, payees - 1)
    env.cr.execute(
        SQL(
            "UPDATE beneficiary_fund_counter SET committed = %s WHERE fund_id = %s",
            payees * APPROVED,
            steps.fund.id,
        )
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    assert not steps.fund._recount(), "the promises are not those of the fund"
    return {}


def _create_sheet(steps):
    contents = ("reference", "payee", "account", "amount")
    steps.env["beneficiary.bank.sheet"].create(
        {
            "name": "Bank",
            "company_id": steps.company.id,
            "file_format": "csv",
            "column_ids": [
                Command.create({"header": content.title(), "content": content})
                for content in contents
            ],
        }
    )


def _create_first(steps):
    """A family with a plan, made as people make it."""
    request = steps._create_due(1, APPROVED).request_id
    request.disbursement_ids.sudo().unlink()
    plan = steps.env["beneficiary.sponsorship"].create(
        {
            "request_id": request.id,
            "amount": INSTALMENT,
            "date_start": fields.Date.today(),
            "date_end": fields.Date.add(fields.Date.today(), months=11),
        }
    )
    plan.with_user(steps.aid_manager).action_start()
    return plan


def _copy(plan, count):
    """Copy the family, its account, request, decision and plan in the database."""
    # As above.
    from odoo.addons.beneficiary_relations.tests.registry_rows import (
        _copy_rows,
        copy_files,
    )

    env, request = plan.env, plan.request_id
    env.flush_all()
    files = copy_files(request.beneficiary_id, count)
    partner = files[:1].partner_id.id - 1
    _copy_rows(
        env,
        "res_partner_bank",
        request.beneficiary_id.partner_id.bank_ids.id,
        count,
        {
            "partner_id": f"{partner} + n",
            "acc_number": _IBAN,
            "sanitized_acc_number": _IBAN,
        },
    )
    requests = _copy_rows(
        env,
        "beneficiary_aid_request",
        request.id,
        count,
        {
            "name": "'RUN/' || n",
            "beneficiary_id": f"{files.ids[0] - 1} + n",
        },
    )
    decisions = _copy_rows(
        env,
        "beneficiary_decision",
        request.decision_id.id,
        count,
        {
            "name": "'RUN/' || n",
            "request_id": f"{requests[0] - 1} + n",
            "round": "n + 1",
            "previous_hash": "MD5(n::text)",
        },
    )
    env.cr.execute(
        SQL(
            "UPDATE beneficiary_aid_request SET decision_id = id + %s"
            " WHERE id BETWEEN %s AND %s",
            decisions[0] - requests[0],
            requests[0],
            requests[-1],
        )
    )
    _copy_rows(
        env,
        "beneficiary_sponsorship",
        plan.id,
        count,
        {
            "name": "'RUN/' || n",
            "request_id": f"{requests[0] - 1} + n",
            "beneficiary_id": f"{files.ids[0] - 1} + n",
        },
    )
    env.invalidate_all()


_ACCOUNT = "'81000' || LPAD(n::text, 15, '0')"
# SA is 2810 in the arithmetic of ISO 13616.
_IBAN = (
    f"'SA' || LPAD((98 - MOD(({_ACCOUNT} || '281000')::numeric, 97))::text, 2, '0')"
    f" || {_ACCOUNT}"
)


# === Steps === #


def instalments(world):
    """The clerk makes the instalments that are due; they come into one batch."""
    runs = world.env["beneficiary.sponsorship.run"]
    run = runs.with_user(world.user("clerk")).create({"company_id": world.company.id})
    run.action_run()
    world.env.cr.commit()
    runs._cron_work()
    assert run.step == "done" and not run.problem_count, run.problem
    run.batch_id.journal_id = world.bank
    return f"{run.batch_id.line_count} instalments"


def prepare(world):
    """The clerk checks every payee and freezes the totals."""
    world.batch_as("clerk").action_prepare()


def post(world):
    """The scheduled action posts the payables in one entry."""
    world.env["beneficiary.disbursement.batch"]._cron_work()
    assert world.batch.step == "prepared", world.batch.problem


def first_signature(world):
    """A releaser signs."""
    world.batch_as("releaser").action_release()


def second_signature(world):
    """Another releaser signs."""
    world.batch_as("second").action_release()


def pay(world):
    """The scheduled action makes the outgoing entry and matches the debts."""
    world.env["beneficiary.disbursement.batch"]._cron_work()
    assert world.batch.step == "released", world.batch.problem


def bank_file(world):
    """The second releaser takes the file for the bank."""
    world.batch_as("second").action_export()
    return f"{len(base64.b64decode(world.batch.export_file)) // 1024} KB"


def answer(world):
    """The clerk takes the answer of the bank: some payees are rejected."""
    rows = list(
        csv.DictReader(io.StringIO(base64.b64decode(world.batch.export_file).decode()))
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Reference", "Amount", "Status", "Reason"])
    for number, row in enumerate(rows):
        bad = number % 1000 < REJECTED
        writer.writerow(
            [
                row["Reference"],
                row["Amount"],
                "REJECTED" if bad else "PAID",
                "Account closed" if bad else "",
            ]
        )
    wizard = (
        world.env["beneficiary.bank.result.import"]
        .with_user(world.user("clerk"))
        .create(
            {
                "batch_id": world.batch.id,
                "file": base64.b64encode(out.getvalue().encode()),
                "filename": "answer.csv",
            }
        )
    )
    wizard.action_check()
    assert wizard.is_ready, wizard.faults
    wizard.action_import()
    return f"{wizard.rejected_count} rejected"


def bank_line(world):
    """The bank shows what left as one line; the accountant matches it."""
    batch = world.batch
    line = world.env["account.bank.statement.line"].create(
        {
            "journal_id": world.bank.id,
            "payment_ref": f"Transfer {batch.name}",
            "amount": -(batch.control_amount - batch.rejected_amount),
            "date": fields.Date.today(),
        }
    )
    line.with_user(world.user("accountant")).action_beneficiary_match()
    world.env.flush_all()
    assert batch.state == "settled", batch.state
    assert not world.env["beneficiary.fund"].search([])._recount(), "funds differ"
    return f"{batch.paid_count} paid"


# === Limit === #


def raw(env, world):
    """Write the rows of the run once more by COPY, with their indexes."""
    seconds = rows = 0
    for table, where in WRITTEN.items():
        buffer = take_rows(env, table, where.format(company=world.company.id))
        start = time.perf_counter()
        rows += copy(env, f"COPY raw_{table} FROM STDIN", buffer)
        seconds += time.perf_counter() - start
    env.cr.rollback()
    return {"seconds": seconds, "rows": rows}
