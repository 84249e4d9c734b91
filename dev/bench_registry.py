"""A registry of any size, and peers of the same size, for the benchmark.

People get names of the sample's lists and numbers that count up; they are created in
batches, as an import would. Requests are worked on or closed in the same
proportion as the peers' records, column by column.
"""

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from provision.base import ROOT, say

from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(ROOT / "data"))
sys.path.insert(0, str(ROOT / "beneficiary_relations/tests"))

from generator import names  # noqa: E402
from generator.numbers import luhn_check_digit  # noqa: E402
from registry_rows import copy_files  # noqa: E402

BATCH = 500
# Files beyond this many are copied by the database.
CREATED = 3000
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
FILLED = "beneficiary_bench.filled"
# The columns of the board that stand for work to be done.
OPEN_STATUSES = ("received", "verification", "decision", "approved", "delivery")


@dataclass
class Actors:
    """Who does the work that is measured, and on what."""

    officer: int
    salesman: int
    people: list
    partners: list
    aid_type: int
    project: int
    opened: int
    registered: int
    policy: int


def fill(registry, options):
    """Fill the database unless it is filled to these sizes already.

    :return: the users and records that the workloads need
    :rtype: Actors
    """
    sizes = f"{options.people}/{options.open}/{options.history}"
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, QUIET)
        parameters = env["ir.config_parameter"]
        filled = parameters.get_param(FILLED)
        if not filled:
            adopt(env)
            create_people(env, min(options.people, CREATED))
            copy_people(env, options.people - CREATED)
            create_contacts(env)
            create_requests(env, options.open, options.history)
            create_leads(env, options.open, options.history)
            create_tasks(env, options.open, options.history)
            parameters.set_param(FILLED, sizes)
            cr.commit()
            cr.execute("ANALYZE")
            cr.commit()
        elif filled != sizes:
            say(f"the database holds {filled} people/open/history: measuring those")
        actors = find_actors(env)
        cr.commit()
    return actors


def batches(rows):
    """Yield lists of at most BATCH rows."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def create_all(model, rows):
    """Create records in batches and return them."""
    ids = []
    for batch in batches(rows):
        ids += model.create(batch).ids
        model.env.flush_all()
        model.env.invalidate_all()
        model.env.cr.commit()
    return model.browse(ids)


# ----------------------------------------------------------------
# Ours
# ----------------------------------------------------------------


def adopt(env):
    """Let the company adopt the Safe Treatment policy."""
    company = env.ref("base.main_company")
    company.country_id = env.ref("base.sa")
    policy = env["beneficiary.policy"]._adopt("ST", company)
    env["beneficiary.criterion"].create(
        [
            {
                "name": "Income",
                "policy_id": policy.id,
                "kind": "automatic",
                "mandatory": False,
                "value_field": "per_capita_income",
                "band_ids": [
                    (0, 0, {"no_lower": True, "upper": 500, "points": 40}),
                    (0, 0, {"lower": 500, "upper": 1000, "points": 20}),
                ],
            },
            {
                "name": "Women",
                "policy_id": policy.id,
                "kind": "automatic",
                "mandatory": False,
                "domain": "[('gender', '=', 'female')]",
                "weight": 5,
            },
        ]
    )


def create_people(env, count):
    """Create files: five to a household, so that figures are computed as usual."""
    random = Random(7)
    say(f"{count} people")
    households = create_all(
        env["beneficiary.household"],
        [
            {"line_ids": [(0, 0, {"amount": 100 + number % 97 * 80})]}
            for number in range(count // 5 + 1)
        ],
    )
    today = date.today()
    rows = []
    for number in range(count):
        body = f"1{number:08d}"
        rows.append(
            {
                "name": " ".join(
                    (
                        random.choice(names.MEN),
                        random.choice(names.MEN),
                        random.choice(names.ELDERS),
                        random.choice(names.FAMILIES["sa"]),
                    )
                ),
                "identity_kind": "citizen",
                "identity_number": body + luhn_check_digit(body),
                "birth_date": today - timedelta(days=random.randint(400, 30000)),
                "gender": random.choice(("male", "female")),
                "household_id": households[number // 5].id,
                "relationship": "head" if number % 5 == 0 else "other",
                "phone": f"05{50000000 + number:08d}",
            }
        )
    create_all(env["beneficiary.beneficiary"], rows)


def copy_people(env, count):
    """Copy files in the database, with names, numbers and households of their own."""
    if count <= 0:
        return
    say(f"{count} people more")
    words = [
        "(ARRAY[{}])[1 + n / {} % {}]".format(
            ", ".join(f"'{name}'" for name in column), divisor, len(column)
        )
        for column, divisor in (
            (names.MEN, 1),
            (names.ELDERS, len(names.MEN)),
            (names.FAMILIES["sa"], len(names.MEN) * len(names.ELDERS)),
        )
    ]
    name = " || ' ' || ".join(words)
    File = env["beneficiary.beneficiary"]
    households = env["beneficiary.household"].search([], order="id").ids
    copies = copy_files(
        File.search([("relationship", "=", "other")], limit=1),
        count,
        contact={
            "phone": "'+9665' || 60000000 + n",
            "phone_sanitized": "'+9665' || 60000000 + n",
        },
        name=name,
        search_name="'-'",
        file_number="'B' || LPAD(n::text, 9, '0')",
        identity_number="'19' || LPAD(n::text, 8, '0')",
        household_id=f"(ARRAY{households})[1 + n % {len(households)}]",
        gender="(ARRAY['male', 'female'])[1 + n % 2]",
        birth_date="DATE '1940-01-01' + n % 29000",
    )
    for batch in batches(copies.ids):
        files = File.browse(batch)
        env.add_to_compute(File._fields["search_name"], files)
        env.flush_all()
        env.invalidate_all()
        env.cr.commit()


def create_contacts(env):
    """Give every person a twin among the ordinary contacts, for the peer.

    The contacts behind files are hidden from whoever works with contacts only.
    """
    say("their twins among ordinary contacts")
    env.flush_all()
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'res_partner' AND table_schema = CURRENT_SCHEMA"
        " AND column_name <> ALL(%s)",
        [["id", "is_beneficiary", "company_id", "commercial_partner_id", "vat"]],
    )
    columns = ", ".join(f'"{name}"' for (name,) in env.cr.fetchall())
    env.cr.execute(
        f"INSERT INTO res_partner (id, commercial_partner_id, vat, {columns})"
        f" SELECT new_id, new_id, identity_number, {columns} FROM ("
        " SELECT NEXTVAL('res_partner_id_seq') AS new_id, file.identity_number,"
        " partner.* FROM beneficiary_beneficiary AS file"
        " JOIN res_partner AS partner ON partner.id = file.partner_id) AS twin"
    )
    env.invalidate_all()
    env.cr.commit()


def create_requests(env, opened, history):
    """Create requests: open ones over the columns of the board, the history closed."""
    say(f"{opened + history} requests")
    people = env["beneficiary.beneficiary"].search([]).ids
    types = env["beneficiary.aid.type"].search([("nature", "!=", "fund")]).ids
    requests = create_all(
        env["beneficiary.aid.request"],
        [
            {
                "beneficiary_id": person,
                "aid_type_id": aid_type,
                "reason": f"Request {number}",
                "amount_requested": 1000 + number % 900,
            }
            for number, (person, aid_type) in enumerate(
                zip(
                    spread(people, opened + history),
                    spread(types, opened + history),
                    strict=True,
                )
            )
        ],
    )
    Stage = env["beneficiary.aid.stage"]
    company = env.ref("base.main_company")
    for column, status in enumerate(OPEN_STATUSES):
        stage = Stage._of_status(status, company)
        move_to(
            env,
            "beneficiary_aid_request",
            requests.ids[:opened][column :: len(OPEN_STATUSES)],
            f"stage_id = {stage.id}, status = '{status}'",
        )
    closed = Stage._of_status("closed", company)
    move_to(
        env,
        "beneficiary_aid_request",
        requests.ids[opened:],
        f"stage_id = {closed.id}, status = 'closed', is_open = false",
    )


def spread(ids, count):
    """Return ``count`` of the ids, in turns."""
    return [ids[number % len(ids)] for number in range(count)]


def move_to(env, table, ids, assignments):
    """Put rows where a year of work would have put them.

    Only the benchmark fills tables like this: it measures reading them.
    """
    env.flush_all()
    for batch in batches(ids):
        env.cr.execute(
            f"UPDATE {table} SET {assignments} WHERE id = ANY(%s)", [list(batch)]
        )
    env.invalidate_all()
    env.cr.commit()


# ----------------------------------------------------------------
# Who works
# ----------------------------------------------------------------


def ordinary_user(env, login, *groups):
    """Return an ordinary user, made at the first time."""
    Users = env["res.users"]
    user = Users.search([("login", "=", login)])
    return user or Users.with_context(no_reset_password=True).create(
        {
            "name": login,
            "login": login,
            "lang": "en_US",
            "group_ids": [(4, env.ref(group).id) for group in groups],
        }
    )


def find_actors(env):
    """Return who works, and on what: other workloads bring associations of their
    own."""
    company = env.ref("base.main_company")
    own = [("company_id", "=", company.id)]
    officer = ordinary_user(
        env, "bench_officer", "beneficiary_relations.group_relations_officer"
    )
    salesman = ordinary_user(
        env,
        "bench_salesman",
        "sales_team.group_sale_salesman_all_leads",
        "project.group_project_user",
        "base.group_partner_manager",
    )
    Request = env["beneficiary.aid.request"]
    return Actors(
        officer=officer.id,
        salesman=salesman.id,
        people=env["beneficiary.beneficiary"].search(own, limit=5).ids,
        partners=env["res.partner"]
        .search(
            [("is_company", "=", True), ("company_id", "in", (False, company.id))],
            limit=5,
        )
        .ids,
        aid_type=env["beneficiary.aid.type"].search(own, limit=1).id,
        project=env["project.project"].search([("name", "=", "Benchmark")]).id,
        opened=Request.search_count([*own, ("is_open", "=", True)]),
        registered=env["beneficiary.beneficiary"].search_count(own),
        policy=env["beneficiary.policy"]._in_force(company).id,
    )


# ----------------------------------------------------------------
# Peers
# ----------------------------------------------------------------


def create_leads(env, opened, history):
    """Create leads of ``crm``: open ones over the stages, the history lost.

    Over as many columns as the requests, so that both boards show as many cards.
    """
    say(f"{opened + history} leads")
    env["crm.lead"].search([]).active = False
    stages = env["crm.stage"].search([("is_won", "=", False)])
    stages |= stages.create(
        [{"name": status} for status in OPEN_STATUSES[len(stages) :]]
    )
    partners = env["beneficiary.beneficiary"].search([]).partner_id.ids
    leads = create_all(
        env["crm.lead"],
        [
            {
                "name": f"Lead {number}",
                "type": "opportunity",
                "partner_id": partner,
                "stage_id": stage,
                "expected_revenue": 1000 + number % 900,
            }
            for number, (partner, stage) in enumerate(
                zip(
                    spread(partners, opened + history),
                    spread(stages.ids, opened + history),
                    strict=True,
                )
            )
        ],
    )
    move_to(env, "crm_lead", leads.ids[opened:], "active = false")


def create_tasks(env, opened, history):
    """Create tasks of ``project``: open ones over the stages, the history archived."""
    say(f"{opened + history} tasks")
    env["project.task"].search([]).active = False
    project = env["project.project"].create({"name": "Benchmark"})
    stages = env["project.task.type"].create(
        [
            {"name": status, "project_ids": [(4, project.id)], "sequence": number}
            for number, status in enumerate(OPEN_STATUSES)
        ]
    )
    tasks = create_all(
        env["project.task"],
        [
            {"name": f"Task {number}", "project_id": project.id, "stage_id": stage}
            for number, stage in enumerate(spread(stages.ids, opened + history))
        ],
    )
    move_to(env, "project_task", tasks.ids[opened:], "active = false")
