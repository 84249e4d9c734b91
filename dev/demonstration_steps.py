"""The steps that make the demonstration; each one is committed when it is done."""

import sys
from datetime import date, datetime, timedelta

import generate
import sample
from demonstration_clock import clock
from demonstration_logo import draw_logo
from demonstration_replay import Replay
from demonstration_users import (
    COMMITTEE,
    PASSWORD,
    SYSTEM_LOGIN,
    create_users,
    write_logins,
)

DONE = "beneficiary_demonstration.done"
TODAY = "beneficiary_demonstration.today"
COMPANY = "جمعية الأمل التجريبية"
COMPANY_ENGLISH = "Hope Demonstration Association"
STEPS = (
    ("association", "association, chart of accounts, policy"),
    ("users", "one user for each role"),
    ("files", "importing the sample"),
    ("configuration", "committee and branches"),
    ("replay", "a year of work, day by day"),
    ("portal", "portal users"),
    ("logins", "logins"),
)
# Who imports which file; the rest is imported by the relations officer.
FUNDS = "beneficiary.fund.csv"
IMPORTERS = {
    "beneficiary.area.csv": "administrator",
    "beneficiary.branch.csv": "administrator",
    FUNDS: "administrator",
    "res.partner.csv": "clerk",
    "beneficiary.donation.csv": "clerk",
}
# These come in day by day while the year is replayed.
IMPORTED_LATER = {
    "beneficiary.document.csv",
    "beneficiary.aid.request.csv",
    "account.bank.statement.line.csv",
}
# The registry is older than the first request.
REGISTERED_DAYS = 445
# The policy is older than the registry.
POLICY_DAYS = 500


def say(text):
    """A line of progress."""
    print(f"    {text}", file=sys.stderr, flush=True)


class Demonstration:
    """Builds the association in the database of an environment."""

    def __init__(self, env, logins_path):
        self.env = env(context=dict(env.context, lang="en_US", tz="Asia/Riyadh"))
        self.company = env.ref("base.main_company")
        self.logins_path = logins_path
        # The sample is dated on a fixed day; here it ends on the day of the first run.
        parameters = env["ir.config_parameter"]
        if not parameters.get_param(TODAY):
            parameters.set_param(TODAY, str(date.today()))
        self.today = date.fromisoformat(parameters.get_param(TODAY))
        self.days = (self.today - generate.TODAY).days
        self.users = {}

    def build(self):
        """Do the steps that are not done yet."""
        parameters = self.env["ir.config_parameter"]
        done = parameters.get_param(DONE, "").split()
        for name, title in STEPS:
            if name not in done or name == "users":
                say(title)
                getattr(self, f"_step_{name}")()
                self.mark(name)
        say("the demonstration is complete")

    def mark(self, name):
        """Remember that a step is done, and keep its work."""
        parameters = self.env["ir.config_parameter"]
        done = parameters.get_param(DONE, "").split()
        if name not in done:
            parameters.set_param(DONE, " ".join([*done, name]))
        self.env.cr.commit()

    def is_done(self, name):
        """Tell whether a step was marked."""
        return name in self.env["ir.config_parameter"].get_param(DONE, "").split()

    def as_user(self, login, **context):
        """Return an environment of one of the users."""
        user = self.users[login]
        return self.env(
            user=user.id,
            su=False,
            context=dict(
                allowed_company_ids=self.company.ids,
                lang=user.lang,
                tz="Asia/Riyadh",
                **context,
            ),
        )

    def ref(self, xmlid):
        """Return a record of the sample by its external id, or an empty value."""
        return self.env.ref(f"{sample.NAMESPACE}.{xmlid}")

    def name(self, xmlid, record):
        """Give a record an external id beside those of the sample."""
        self.env["ir.model.data"].create(
            {
                "module": sample.NAMESPACE,
                "name": xmlid,
                "model": record._name,
                "res_id": record.id,
            }
        )

    def moved(self, text):
        """Return the day on which a day of the sample falls here."""
        return date.fromisoformat(text[:10]) + timedelta(days=self.days)

    def today_of(self, env):
        """Return the day it is in the replay."""
        return env["beneficiary.aid.request"]._business_day()

    def now(self):
        """Return the time it is in the replay."""
        return datetime.now().replace(microsecond=0)

    def stage(self, env, code):
        """Return a column of the board by its code."""
        return env["beneficiary.aid.stage"].search([("code", "=", code)], limit=1)

    def bank_journal(self, env):
        """Return the journal of the association's bank account."""
        return env["beneficiary.fund"]._default_bank(self.company)

    def zakat_journal(self, env):
        """Return the journal of the bank account that holds zakat alone."""
        return self.ref("fund_zakat").with_env(env).bank_journal_id

    def fee_account(self, env):
        """Return the account for what the bank charges."""
        accounts = env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)]
        )
        fees = accounts.with_context(lang="en_US").filtered(
            lambda account: "bank" in account.name.lower()
        )
        return (fees or accounts)[:1]

    # ------------------------------------------------------------
    # Association and users
    # ------------------------------------------------------------

    def _step_association(self):
        env, company = self.env, self.company
        env["res.lang"]._activate_lang("ar_001")
        # The association writes to people in Arabic unless their file says otherwise.
        env["ir.default"].set("res.partner", "lang", "ar_001")
        company.write(
            {
                "name": COMPANY,
                "country_id": env.ref("base.sa").id,
                "street": "شارع فلسطين",
                "city": "جدة",
                "email": "info@example.org",
                "report_header": COMPANY_ENGLISH,
                # Invented, like the association.
                "beneficiary_zakat_approval": "قرار تجريبي للهيئة الشرعية رقم 3",
                "beneficiary_zakat_approval_date": self.today
                - timedelta(days=POLICY_DAYS),
                "logo": draw_logo(),
            }
        )
        chart = env["account.chart.template"]
        if company.chart_template != "sa":
            chart.try_loading("sa", company, install_demo=False)
        # Riyals also where the database was made with another currency.
        company.currency_id = env.ref("base.SAR")
        env["beneficiary.policy"]._adopt(
            "ST", company, date_from=self.today - timedelta(days=POLICY_DAYS)
        )
        company._beneficiary_setup_accounting()

    def _step_users(self):
        self.users = create_users(self.env, self.company)
        admin = self.env["res.users"].search([("login", "=", SYSTEM_LOGIN)])
        if not self.is_done("users"):
            admin.password = PASSWORD

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

    def _step_files(self):
        day = self.today - timedelta(days=REGISTERED_DAYS)
        with clock(self.env, day) as hands:
            for name in sample.FILES:
                if name not in IMPORTED_LATER and not self.is_done(name):
                    hands.move(day)
                    env = self.as_user(IMPORTERS.get(name, "officer"))
                    ids = sample.load(env, name, self.days)
                    if name == FUNDS:
                        self._open_zakat_bank()
                    say(f"    {name}: {len(ids)} rows")
                    self.mark(name)

    def _open_zakat_bank(self):
        """Keep zakat on a bank account of its own, and the capital of the waqf."""
        journal = self.env["account.journal"].create(
            {
                "name": "حساب الزكاة",
                "code": "ZKT",
                "type": "bank",
                "company_id": self.company.id,
            }
        )
        self.company._beneficiary_setup_accounting()
        self.ref("fund_zakat").bank_journal_id = journal
        self.ref("fund_waqf").yield_fund_id = self.ref("fund_general")

    # ------------------------------------------------------------
    # Configuration
    # ------------------------------------------------------------

    def _step_configuration(self):
        self._set_branches()
        self._set_referral()
        self._set_committee()
        self._confirm_policy()
        self._put_texts_in_force()

    def _set_branches(self):
        branch = self.ref("branch_south")
        branch.with_env(self.as_user("administrator")).write(
            {"user_ids": [(4, self.users["branch"].id)]}
        )

    def _set_referral(self):
        """Let this association refer people, which its policy does not ask for."""
        kinds = self.as_user("administrator")["beneficiary.interaction.type"]
        if not kinds.search_count([("kind", "=", "referral")]):
            kinds.create(
                {
                    "name": "إحالة إلى مسؤول البحث الاجتماعي",
                    "kind": "referral",
                    "reply_days": 2,
                }
            )

    def _set_committee(self):
        env = self.as_user("administrator")
        committee = env["beneficiary.committee"].search([], limit=1)
        start = self.today - timedelta(days=480)
        env["beneficiary.committee.member"].create(
            [
                {
                    "committee_id": committee.id,
                    "user_id": self.users[login].id,
                    "role": role,
                    "votes": votes,
                    "date_from": start,
                }
                for login, role, votes in COMMITTEE
            ]
        )

    def _confirm_policy(self):
        """Record the decision of the board on the policy as it now stands.

        The association is invented, and so is its board's decision.
        """
        env = self.as_user("administrator")
        policy = env["beneficiary.policy"]._in_force(self.company)
        policy.write(
            {
                "approval_body": "مجلس إدارة جمعية الأمل التجريبية",
                "approval_reference": "قرار تجريبي رقم 1",
                "approval_date": self.today - timedelta(days=POLICY_DAYS + 7),
                "approval_raw": False,
                "reply_max_to_confirm": False,
                "approval_status": "confirmed",
            }
        )

    def _put_texts_in_force(self):
        """Put the proposed privacy notice and agreement in force, as a board would."""
        env = self.as_user("administrator")
        for model in ("beneficiary.privacy.notice", "beneficiary.agreement.text"):
            for text in env[model].search([("state", "=", "draft")]):
                text.action_put_in_force()

    # ------------------------------------------------------------
    # Work
    # ------------------------------------------------------------

    def _step_replay(self):
        Replay(self).run()

    def _step_portal(self):
        for person, child in self.portal_people():
            person.with_env(self.as_user("officer")).action_grant_portal()
            user = self.portal_user(person)
            user.write({"password": PASSWORD, "lang": "ar_001", "tz": "Asia/Riyadh"})
            self._ask(person)
            if child:
                self.as_user("officer")["beneficiary.portal.access"]._link(
                    user, child, "mandate"
                )

    def _ask(self, person):
        """Leave the person one survey to answer in the portal."""
        if "beneficiary.survey.rule" in self.env:
            rule = self.env["beneficiary.survey.rule"].search(
                [("event", "=", "yearly")], limit=1
            )
            self.env["beneficiary.survey.invitation"]._plan(
                [(rule, person, "demonstration")]
            )

    def portal_people(self):
        """Return who uses the portal, with a child the person acts for.

        One person for each situation: help received, help on its way, a paper missing.
        """
        people = {}
        plan = sample.records("plan/requests.csv")
        for end in ("closed", "delivery", "waiting"):
            for row in plan:
                asking = self.ref(row["request"]).beneficiary_id
                person = asking if asking.email else asking.household_id.head_id
                if row["end"] == end and person.email and person not in people:
                    people[person] = asking - person
                    break
        return people.items()

    def portal_user(self, person):
        """Return the portal user of a file."""
        return self.env["res.users"].search(
            [("partner_id", "=", person.partner_id.id)], limit=1
        )

    def _step_logins(self):
        users = [self.portal_user(person) for person, _child in self.portal_people()]
        for line in write_logins(self.logins_path, users):
            say(line)
