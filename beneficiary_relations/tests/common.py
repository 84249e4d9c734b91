import base64

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
# National and resident numbers with a right check digit, of nobody.
CITIZENS = ("1000000008", "1010101010", "1020304059", "1122334459", "1098765439")
RESIDENT = "2456789011"
IBAN = "SA0380000000608010167519"


def columns_with(env, tables, word):
    """Return every text column of the database that still holds a word.

    :param tables: patterns of names, as LIKE takes them
    :return: names as ``table.column``
    """
    env.flush_all()
    env.cr.execute(
        """
        SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public'
           AND data_type IN ('text', 'character varying', 'jsonb')
           AND table_name LIKE ANY(%s)
        """,
        [list(tables)],
    )
    found = []
    for table, column in env.cr.fetchall():
        env.cr.execute(
            f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s LIMIT 1',
            [f"%{word}%"],
        )
        if env.cr.fetchone():
            found.append(f"{table}.{column}")
    return found


class BeneficiaryCommon(BaseCommon):
    """One association with a policy in force, a user for each role, one family.

    Use it for rules of the registry. Users are named after their role:
    ``officer``, ``researcher``, ``representative``, ``complaints``, ``quality``,
    ``privacy``, ``auditor``, ``manager``, ``administrator``, ``employee`` (no role).
    """

    ROLES = {
        "officer": "relations_officer",
        "researcher": "social_researcher",
        "representative": "branch_representative",
        "complaints": "complaints_officer",
        "quality": "quality_officer",
        "privacy": "privacy_officer",
        "auditor": "auditor",
        "manager": "manager",
        "administrator": "administrator",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_association()

    @classmethod
    def _set_up_association(cls):
        """Create everything on ``cls.env``; races do it on an environment of theirs."""
        cls.company = cls._create_association("Hope")
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        for name, group in cls.ROLES.items():
            setattr(cls, name, cls._create_user(name, group))
        cls.employee = new_test_user(
            cls.env,
            "br_employee",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.policy = cls._create_policy(cls.company)
        cls.area = cls.env["beneficiary.area"].create(
            {"name": "Al Safa", "company_id": cls.company.id}
        )
        cls.branch = cls.env["beneficiary.branch"].create(
            {
                "name": "North",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.representative.ids)],
            }
        )
        cls.identity_type = cls.env["beneficiary.document.type"].create(
            {
                "name": "National identity card",
                "company_id": cls.company.id,
                "required_for_all": True,
            }
        )
        cls.mechanism = cls.env["beneficiary.mechanism"].create(
            {
                "name": "Interview",
                "code": "test_interview",
                "kind": "interview",
                "company_id": cls.company.id,
            }
        )
        cls.household = cls.env["beneficiary.household"].create(
            {"company_id": cls.company.id, "area_id": cls.area.id}
        )
        cls.beneficiary = cls._create_beneficiary(
            name="محمد بن أحمد العتيبي",
            identity_number=CITIZENS[0],
            household_id=cls.household.id,
            relationship="head",
            area_id=cls.area.id,
        )

    @classmethod
    def _create_association(cls, name):
        return cls.env["res.company"].create(
            {
                "name": name,
                "country_id": cls.env.ref("base.sa").id,
                "currency_id": cls.env.ref("base.SAR").id,
            }
        )

    @classmethod
    def _create_user(cls, name, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"br_{name}",
            groups=f"beneficiary_relations.group_{group}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _create_policy(cls, company, **values):
        policy = cls.env["beneficiary.policy"].create(
            {
                "name": "Policy",
                "company_id": company.id,
                # Earlier than today, so that tests may put a newer one in force.
                "date_from": "2020-01-01",
                "window_reading": "floor",
                "study_min": 1,
                "study_min_unit": "month",
                "reply_max": 60,
                "reply_max_unit": "day",
                **values,
            }
        )
        policy._put_in_force()
        return policy

    @classmethod
    def _create_beneficiary(cls, **values):
        return cls.env["beneficiary.beneficiary"].create(
            {"name": "فاطمة الزهراني", "company_id": cls.company.id, **values}
        )

    @classmethod
    def _create_document(cls, beneficiary=None, **values):
        return cls.env["beneficiary.document"].create(
            {
                "beneficiary_id": (beneficiary or cls.beneficiary).id,
                "type_id": cls.identity_type.id,
                "page_ids": [
                    Command.create(
                        {"filename": "id.pdf", "file": base64.b64encode(PDF)}
                    )
                ],
                **values,
            }
        )
