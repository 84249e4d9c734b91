"""Donations, payments and the bank's weekly statement, as events of the replay."""

import base64
import csv
import io
from datetime import timedelta

import sample
from demonstration_papers import page

STATEMENT = "account.bank.statement.line.csv"
MAPPING = "account.statement.import.sheet.mapping"
FILE = "Bank file (CSV)"
SUNDAY = 6
# The newest lines stay open, for whoever wants to match some by hand.
OPEN_DAYS = 13
DRAFT_DAYS = 3
PREPARED = 2
BATCHED = 2
CAMPAIGN_DAYS = 60
VOUCHERS = 4
VOUCHER_DAYS = 30
SHOP = "أسواق النخيل"
GOODS = "مواد غذائية ومنظفات"
# A photo of a signed slip, as small as a picture can be.
SLIP = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


class Money:
    """What the clerk and the releaser do."""

    def __init__(self, demonstration):
        self.demonstration = demonstration
        self.today = demonstration.today
        self.payments = [
            {**row, "amount": float(row["amount"])}
            for row in sample.records("plan/payments.csv")
        ]
        self.references = {row["reference"]: row for row in self.payments}

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        move = self.demonstration.moved
        for row in sample.records("beneficiary.donation.csv"):
            # The newest receipts are still to be posted.
            if (self.today - move(row["date"])).days >= DRAFT_DAYS:
                yield move(row["date"]), 10, self.receive, (row["id"],)
        for row in self.payments:
            yield move(row["posted"]), 80, self.post, (row,)
            if row["sent"]:
                yield move(row["sent"]), 85, self.send, (row,)
        yield self.today, 80, self.prepare, ()
        yield self.today, 86, self.reverse, ()
        yield self.today, 87, self.campaign, ()
        yield self.today, 88, self.batch, ()
        yield self.today, 89, self.vouchers, ()
        yield self.today, 89, self.cheque, ()
        for day in self._statement_days():
            yield day, 90, self.import_statement, (day,)

    # ------------------------------------------------------------
    # Donations and payments
    # ------------------------------------------------------------

    def receive(self, xmlid):
        """Post a donation."""
        donation = self.demonstration.ref(xmlid)
        donation.with_env(self.demonstration.as_user("clerk")).action_post()

    def post(self, row):
        """Prepare and post what is owed."""
        env = self.demonstration.as_user("clerk")
        request = self.demonstration.ref(row["request"]).with_env(env)
        payee = self.demonstration.ref(row["payee"])
        if payee._name != "res.partner":
            payee = payee.partner_id
        self._authorise(request.beneficiary_id, payee)
        env["beneficiary.disbursement"].create(
            {
                "request_id": request.id,
                "payee_id": payee.id,
                "amount": row["amount"],
                "instalment_no": int(row["instalment"]),
            }
        ).action_post()

    def _authorise(self, person, payee):
        """Enter the mandate of whoever receives for somebody else, once."""
        Mandate = self.demonstration.as_user("officer")["beneficiary.mandate"]
        known = Mandate.search_count(
            [("beneficiary_id", "=", person.id), ("holder_id", "=", payee.id)], limit=1
        )
        if known or payee.is_company or payee == person.partner_id:
            return
        Mandate.create(
            {
                "beneficiary_id": person.id,
                "holder_id": payee.id,
                "kind": "guardian" if person._is_minor() else "agent",
                "can_receive": True,
                "proof": page("Mandate"),
                "proof_filename": "mandate.png",
            }
        ).action_activate()

    def prepare(self):
        """Prepare what is approved and told; somebody is going to post it."""
        env = self.demonstration.as_user("clerk")
        requests = env["beneficiary.aid.request"].search(
            [("status", "=", "approved"), ("told_on", "!=", False)], limit=PREPARED
        )
        env["beneficiary.disbursement"].create(
            [{"request_id": request.id} for request in requests]
        )

    def reverse(self):
        """Take back one payable: the vendor sent another bill."""
        env = self.demonstration.as_user("clerk")
        due = env["beneficiary.disbursement"].search([("state", "=", "due")], limit=1)
        due.action_reverse()

    def campaign(self):
        """Open a licensed campaign."""
        env = self.demonstration.as_user("aidmanager")
        env["beneficiary.campaign"].create(
            {
                "name": "كسوة الشتاء",
                "licence_number": "1447-0231",
                "date_from": self.today,
                "date_to": self.today + timedelta(days=CAMPAIGN_DAYS),
                "fund_id": self.demonstration.ref("fund_general").id,
                "target": 50000,
            }
        )

    def batch(self):
        """Pay some of what is due in one batch; its file is at the bank."""
        env = self.demonstration.as_user("clerk")
        batch = env["beneficiary.disbursement.batch"].create(
            {"journal_id": self.demonstration.bank_journal(env).id}
        )
        due = env["beneficiary.disbursement"].search(
            [("state", "=", "due"), ("is_in_batch", "=", False)]
        )
        refused = due._get_batch_refusals(batch)
        ready = due.filtered(
            lambda one: (
                one not in refused and one.sudo().fund_id._may_use(batch.journal_id)
            )
        )[:BATCHED]
        if not ready:
            batch.unlink()
            return
        batch._add(ready)
        batch.action_prepare()
        for login in ("releaser", "releaser2"):
            own = batch.with_env(self.demonstration.as_user(login))
            own.action_release()
        own.action_export()

    def vouchers(self):
        """Vouchers of a shop: one used in part, one billed, one to issue."""
        env = self.demonstration.as_user("clerk")
        requests = env["beneficiary.aid.request"].search(
            [("status", "in", ("approved", "delivery"))]
        )
        requests = requests._get_voucherable()[:VOUCHERS]
        # Shops are entered by whoever keeps the contacts.
        shop = env["res.partner"].sudo().create({"name": SHOP, "is_company": True})
        vouchers = env["beneficiary.voucher"].create(
            [
                {
                    "request_id": request.id,
                    "vendor_id": shop.id,
                    "goods": GOODS,
                    "use_limit": 4,
                    "date_from": self.today,
                    "date_until": self.today + timedelta(days=VOUCHER_DAYS),
                }
                for request in requests
            ]
        )
        issued = vouchers[:-1]
        issued.with_env(self.demonstration.as_user("releaser")).action_issue()
        for number, voucher in enumerate(issued, start=1):
            half = voucher.currency_id.round(voucher.amount / 2)
            use = voucher._redeem(half, reference=f"R-{number}")
            if number == 1:
                context = use.action_bill()["context"]
                bill = env["beneficiary.vendor.bill"].with_context(**context)
                bill.create({"reference": "S-1001"}).action_post()

    def cheque(self):
        """A cheque that was handed out and is not cleared yet."""
        env = self.demonstration.as_user("clerk")
        releaser = self.demonstration.as_user("releaser")
        due = env["beneficiary.disbursement"].search(
            [
                ("state", "=", "due"),
                ("is_in_batch", "=", False),
                ("is_billed", "=", False),
                ("is_held", "=", False),
            ]
        )
        for one in due.with_env(releaser):
            if not one.release_refusal:
                self._write_cheque(one.with_env(env), releaser)
                return

    def _write_cheque(self, disbursement, releaser):
        disbursement.pay_method = "cheque"
        action = disbursement.with_env(releaser).action_register_payment()
        wizard = releaser[action["res_model"]].with_context(**action["context"])
        wizard.create({"beneficiary_cheque_number": "000117"})._create_payments()
        slip = base64.b64encode(SLIP)
        disbursement.cheque_ids._hand_over(disbursement.payee_id.name, photo=slip)

    def send(self, row):
        """Release the payment; the bank has not reported it yet."""
        env = self.demonstration.as_user("releaser")
        disbursement = (
            self.demonstration.ref(row["request"])
            .with_env(env)
            .disbursement_ids.filtered(
                lambda one: one.instalment_no == int(row["instalment"])
            )
        )
        # A releaser vouches for the account before money may leave to it.
        disbursement.payee_bank_id.allow_out_payment = True
        action = disbursement.action_register_payment()
        wizard = env[action["res_model"]].with_context(**action["context"]).create({})
        wizard.communication = f"{disbursement.name} {row['reference']}"
        wizard._create_payments()

    # ------------------------------------------------------------
    # The bank
    # ------------------------------------------------------------

    def _statement_days(self):
        """Return the Sundays, in days of the sample, on which a statement comes."""
        header, rows = sample.read(STATEMENT)
        column = header.index("date")
        days = {self._sunday(row[column]) for row in rows}
        return sorted(self.demonstration.moved(str(day)) for day in days)

    def _sunday(self, text):
        day = sample.date.fromisoformat(text)
        return day + timedelta(days=(SUNDAY - day.weekday()) % 7)

    def import_statement(self, day):
        """Import the statement of the week and match what it reports."""
        env = self.demonstration.as_user("clerk")
        header, rows = sample.read(STATEMENT)
        column = header.index("date")
        wanted = {
            row[0]
            for row in rows
            if self.demonstration.moved(str(self._sunday(row[column]))) == day
        }
        importing = self._import_file if MAPPING in env else self._load
        zakat = wanted & self._zakat_lines(header, rows)
        demonstration = self.demonstration
        for journal, ids in (
            (demonstration.bank_journal(env), wanted - zakat),
            (demonstration.zakat_journal(env), zakat),
        ):
            if ids:
                for line in importing(env, ids, day, journal):
                    self.match(line, day)

    def _zakat_lines(self, header, rows):
        """Return the ids of the lines that the bank account of zakat reports."""
        plan = {
            row["request"]
            for row in sample.records("plan/requests.csv")
            if row["fund"] == "zakat"
        }
        references = {
            row["reference"]
            for row in sample.records("beneficiary.donation.csv")
            if row["fund_id/id"] == "fund_zakat"
        } | {
            reference
            for reference, row in self.references.items()
            if row["request"] in plan
        }
        column = header.index("payment_ref")
        return {row[0] for row in rows if row[column].split()[-1] in references}

    def _load(self, env, wanted, day, journal):
        """Import lines as rows of a list, where no file importer is installed."""
        ids = sample.load(
            env,
            STATEMENT,
            self.demonstration.days,
            only=wanted,
            default_journal_id=journal.id,
        )
        return env["account.bank.statement.line"].browse(ids)

    def _import_file(self, env, wanted, day, journal):
        """Import the bank's file through OCA's importer."""
        header, rows = sample.read(STATEMENT, self.demonstration.days)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([header, *(row for row in rows if row[0] in wanted)])
        wizard = env["account.statement.import"].with_context(journal_id=journal.id)
        result = wizard.create(
            {
                "statement_file": base64.b64encode(text.getvalue().encode()),
                "statement_filename": f"statement-{journal.code}-{day}.csv",
                "sheet_mapping_id": self._mapping(env, journal).id,
            }
        )._import_file()
        return env["account.bank.statement"].browse(result["statement_ids"]).line_ids

    def _mapping(self, env, journal):
        """Return how the columns of the bank's file are read."""
        mapping = env[MAPPING].search([("name", "=", FILE)], limit=1)
        if not mapping:
            # An accountant with the right on settings makes it once.
            mapping = (
                env[MAPPING]
                .sudo()
                .create(
                    {
                        "name": FILE,
                        "header_lines_skip_count": 1,
                        "timestamp_format": "%Y-%m-%d",
                        "timestamp_column": "date",
                        "amount_column": "amount",
                        "description_column": "payment_ref",
                        "transaction_id_column": "id",
                        "float_thousands_sep": "none",
                        "float_decimal_sep": "dot",
                    }
                )
            )
        # As above.
        journal.sudo().default_sheet_mapping_id = mapping
        return mapping

    def match(self, line, day):
        """Match a line of the bank with the item it settles, if it should be."""
        reference = line.payment_ref.split()[-1]
        if reference in self.references:
            row = self.references[reference]
            if row["matched"]:
                self._settle(line, self._payment_item(line.env, reference))
        elif reference.startswith("DON"):
            if (self.today - day).days >= OPEN_DAYS:
                self._settle(line, self._donation_item(line.env, reference))
        else:
            self._book(line, self.demonstration.fee_account(line.env))

    def _payment_item(self, env, reference):
        payment = env["account.payment"].search([("memo", "like", f"% {reference}")])
        return payment._seek_for_lines()[0]

    def _donation_item(self, env, reference):
        donation = env["beneficiary.donation"].search([("reference", "=", reference)])
        return donation.move_line_id

    def _settle(self, line, item):
        """Reconcile a line of the bank with one journal item."""
        _bank, suspense, _other = line._seek_for_lines()
        suspense.account_id = item.account_id
        (suspense + item).reconcile()

    def _book(self, line, account):
        """Book a line of the bank straight to an account."""
        _bank, suspense, _other = line._seek_for_lines()
        suspense.account_id = account
