import re

from odoo.addons.beneficiary_relations.tests.common_portal import (
    PortalCommon,
    make_data_url,
    make_png,
)

_KEY = re.compile(r'name="form_key" value="([^"]+)"')
STATUSES = (
    "received",
    "verification",
    "study",
    "decision",
    "approved",
    "delivery",
    "follow_up",
    "closed",
    "rejected",
    "cancelled",
)
INTERNAL_STAGE = "Internal name of a stage"


class AidPortalCommon(PortalCommon):
    """An association that offers help in the portal, and a person who asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write(
            {
                "window_text": "خلال مدة لا تقل عن شهر",
                "declaration_text": "I declare that all of this is true.",
                "declaration_version": "2",
            }
        )
        cls.stages = cls._create_stages(cls.company)
        cls.report_type = cls.env["beneficiary.document.type"].create(
            {"name": "Medical report", "company_id": cls.company.id}
        )
        cls.aid_type = cls._create_aid_type(
            name="Treatment", document_type_ids=cls.report_type.ids
        )
        cls.signature = make_data_url(make_png())

    @classmethod
    def _create_stages(cls, company):
        return cls.env["beneficiary.aid.stage"].create(
            [
                {
                    "name": f"{INTERNAL_STAGE} {status}",
                    "status": status,
                    "sequence": number,
                    "company_id": company.id,
                    "public_text": f"Public words of {status}",
                }
                for number, status in enumerate(STATUSES)
            ]
        )

    @classmethod
    def _create_aid_type(cls, company=None, **values):
        return cls.env["beneficiary.aid.type"].create(
            {
                "company_id": (company or cls.company).id,
                "nature": "vendor",
                "is_requestable": True,
                **values,
            }
        )

    @classmethod
    def _create_request(cls, beneficiary, **values):
        return cls.env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": beneficiary.id,
                "company_id": beneficiary.company_id.id,
                "aid_type_id": cls.aid_type.id,
                "reason": "Some words",
                "amount_requested": 1500.0,
                **values,
            }
        )

    # ------------------------------------------------------------------
    # The pages of a new request
    # ------------------------------------------------------------------

    def start(self, aid_type=None, **data):
        """Choose a kind of help; return the answer of the server."""
        return self.post(
            "/my/requests/new",
            {"aid_type_id": (aid_type or self.aid_type).id, **data},
        )

    def draft_of(self, user):
        """Return the newest draft of a user."""
        return self.env["beneficiary.aid.draft"].search(
            [("user_id", "=", user.id)], order="id desc", limit=1
        )

    def open_draft(self):
        """Start a request and return its draft and the address of its pages."""
        self.start()
        draft = self.draft_of(self.user)
        return draft, f"/my/requests/new/{draft.id}"

    def write_request(self, reason="I need a treatment", amount="1500"):
        """Answer every page up to the last; return the draft and its address."""
        draft, url = self.open_draft()
        self.post(f"{url}/need", {"reason": reason, "amount": amount})
        self.post(f"{url}/documents")
        self.post(
            f"{url}/declaration",
            {"signer_name": "سارة الغامدي", "signature": self.signature},
        )
        return draft, url

    def form_key(self, url):
        """Return the key in the form of the last page."""
        return _KEY.search(self.url_open(f"{url}/check").text).group(1)

    def requests_of(self, beneficiary):
        """Return all requests of a person."""
        return self.env["beneficiary.aid.request"].search(
            [("beneficiary_id", "=", beneficiary.id)]
        )
