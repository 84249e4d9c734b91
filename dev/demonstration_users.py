"""The people who work in the demonstration association."""

PASSWORD = "hope-demo"
SYSTEM_LOGIN = "admin"

RELATIONS = "beneficiary_relations.group_"
AID = "beneficiary_aid.group_"
SENSITIVE = RELATIONS + "sensitive"
PARTNERS = "base.group_partner_manager"
# Keeps bank accounts to itself where OCA's payment orders are installed.
PAYMENTS = "account_payment_order.group_account_payment"

# login: (role, name, language, groups)
USERS = {
    "officer": (
        "Relations officer",
        "منى عبدالله السلمي",
        "ar_001",
        [RELATIONS + "relations_officer", SENSITIVE],
    ),
    "researcher": (
        "Social researcher",
        "سعاد محمد الجهني",
        "ar_001",
        [RELATIONS + "social_researcher", SENSITIVE],
    ),
    "branch": (
        "Branch representative",
        "حامد صالح البلوي",
        "ar_001",
        [RELATIONS + "branch_representative"],
    ),
    "complaints": (
        "Complaints officer",
        "وليد أحمد خياط",
        "ar_001",
        [RELATIONS + "complaints_officer"],
    ),
    "quality": (
        "Quality officer",
        "ريم خالد بخاري",
        "ar_001",
        [RELATIONS + "quality_officer"],
    ),
    "privacy": (
        "Privacy officer",
        "Huda Salem Bawazir",
        "en_US",
        [RELATIONS + "privacy_officer"],
    ),
    "auditor": (
        "Auditor",
        "Omar Saeed Alshehri",
        "en_US",
        [RELATIONS + "auditor", "account.group_account_readonly"],
    ),
    "manager": (
        "Manager",
        "عبدالعزيز فهد الغامدي",
        "ar_001",
        [RELATIONS + "manager"],
    ),
    "administrator": (
        "Administrator",
        "Layla Hassan Sindi",
        "en_US",
        [RELATIONS + "administrator", AID + "aid_manager"],
    ),
    "member1": (
        "Committee chair",
        "إبراهيم سعد الزهراني",
        "ar_001",
        [AID + "committee_member"],
    ),
    "member2": (
        "Committee deputy",
        "نوال حسن العمودي",
        "ar_001",
        [AID + "committee_member"],
    ),
    "member3": (
        "Committee member",
        "ماجد علي الحربي",
        "ar_001",
        [AID + "committee_member"],
    ),
    "member4": (
        "Committee member",
        "هند عمر باعشن",
        "ar_001",
        [AID + "committee_member"],
    ),
    "member5": (
        "Committee member",
        "Yousef Ali Fallatah",
        "en_US",
        [AID + "committee_member"],
    ),
    "secretary": (
        "Committee secretary",
        "لطيفة ناصر المالكي",
        "ar_001",
        [AID + "committee_secretary"],
    ),
    "aidmanager": (
        "Aid manager",
        "طلال إبراهيم الثقفي",
        "ar_001",
        [AID + "aid_manager"],
    ),
    "clerk": (
        "Finance clerk (prepares)",
        "بدر ياسر هوساوي",
        "ar_001",
        [AID + "finance_clerk", PARTNERS, PAYMENTS],
    ),
    "releaser": (
        "Finance releaser (pays)",
        "سامي عادل الصاعدي",
        "ar_001",
        [AID + "finance_releaser", PAYMENTS],
    ),
    "releaser2": (
        "Finance releaser (second signature)",
        "هدى سليمان الجحدلي",
        "ar_001",
        [AID + "finance_releaser", PAYMENTS],
    ),
}
# Where somebody finds himself after the login: at his work.
REQUESTS = "beneficiary_aid.beneficiary_aid_request_action"
MY_VOTES = "beneficiary_aid.beneficiary_agenda_item_action_my_votes"
HOME = {
    "complaints": "beneficiary_relations.beneficiary_interaction_action_complaint",
    "quality": "beneficiary_survey.beneficiary_survey_result_action",
    "privacy": "beneficiary_relations.beneficiary_access_log_action",
    "secretary": "beneficiary_aid.beneficiary_meeting_action",
    "clerk": "beneficiary_aid.beneficiary_disbursement_action_to_post",
    "releaser": "beneficiary_aid.beneficiary_disbursement_action_to_release",
    "releaser2": "beneficiary_aid.beneficiary_disbursement_action_to_release",
    **dict.fromkeys(("member1", "member2", "member3", "member4", "member5"), MY_VOTES),
}
# Committee: login, role, votes.
COMMITTEE = (
    ("member1", "chair", True),
    ("member2", "deputy", True),
    ("member3", "member", True),
    ("member4", "member", True),
    ("member5", "member", True),
    ("secretary", "secretary", False),
)


def create_users(env, company):
    """Create the users that are not there yet.

    :return: ``{login: res.users}``
    """
    Users = env["res.users"].with_context(no_reset_password=True, active_test=False)
    present = {
        user.login: user for user in Users.search([("login", "in", list(USERS))])
    }
    for login, (_role, name, lang, groups) in USERS.items():
        if login not in present:
            known = [env.ref(name, raise_if_not_found=False) for name in groups]
            present[login] = Users.create(
                {
                    "name": name,
                    "login": login,
                    "password": PASSWORD,
                    "email": f"{login}@example.org",
                    "lang": lang,
                    "tz": "Asia/Riyadh",
                    "company_id": company.id,
                    "company_ids": [(6, 0, company.ids)],
                    "notification_type": "inbox",
                    "odoobot_state": "disabled",
                    "action_id": env.ref(HOME.get(login, REQUESTS)).id,
                    "group_ids": [(4, group.id) for group in known if group],
                }
            )
    return present


def write_logins(path, portal_users):
    """Write who can log in: role, login and password, one a line."""
    rows = [(role, login, PASSWORD) for login, (role, *_rest) in USERS.items()]
    rows += [("Beneficiary (portal)", user.login, PASSWORD) for user in portal_users]
    rows.append(("Odoo system administrator", SYSTEM_LOGIN, PASSWORD))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")
    return lines
