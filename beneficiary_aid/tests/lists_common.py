import base64

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from .common import AidCommon

SIGNATURE = base64.b64encode(make_png())


class ListsCommon(AidCommon):
    """An association with a distribution, and families in two need bands.

    ``poor`` families live on nothing, ``rich`` ones on 9,000 for each person; every
    family has its head only, unless told otherwise.
    """

    @classmethod
    def _set_up_association(cls):
        super()._set_up_association()
        cls.basket_type = cls.env["beneficiary.aid.type"].create(
            {
                "name": "Food basket",
                "nature": "in_kind",
                "company_id": cls.company.id,
            }
        )
        cls.beneficiary._activate()
        cls.policy.need_band_ids.unlink()
        cls.band_poor, cls.band_rich = cls.env["beneficiary.need.band"].create(
            [
                {
                    "policy_id": cls.policy.id,
                    "name": name,
                    "amount_from": low,
                    "amount_to": high,
                    "no_upper": not high,
                }
                for name, low, high in (("A", 0, 1000), ("B", 1000, 0))
            ]
        )
        # What was there before the bands is looked at again.
        cls.household._compute_need_band_id()

    @classmethod
    def _create_family(cls, number, income=0, **values):
        """A household with its head, whose income for each person is given."""
        household = cls.env["beneficiary.household"].create(
            {
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create({"kind": "income", "name": "Pay", "amount": income})
                ]
                if income
                else [],
            }
        )
        return cls._create_beneficiary(
            name=f"Family {number}",
            identity_kind="other",
            identity_number=f"F{int(number):06}",
            household_id=household.id,
            relationship="head",
            area_id=cls.area.id,
            state="active",
            **values,
        )

    @classmethod
    def _create_distribution(cls, user=None, **values):
        today = fields.Date.today()
        return (
            cls.env["beneficiary.distribution"]
            .with_user(user or cls.officer)
            .create(
                {
                    "name": "Ramadan baskets",
                    "aid_type_id": cls.basket_type.id,
                    "committee_id": cls.committee.id,
                    "place": "North branch",
                    "date_from": fields.Date.subtract(today, days=1),
                    "date_to": fields.Date.add(today, days=1),
                    "need_band_ids": [Command.set(cls.band_poor.ids)],
                    "item_ids": [
                        Command.create(
                            {"name": "Basket", "unit_value": 150, "stocked": 100}
                        )
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _list_item(cls, distribution, **motion):
        """The list on the agenda of an open meeting."""
        meeting = cls._open_meeting()
        return (
            cls.env["beneficiary.agenda.item"]
            .with_user(cls.secretary)
            .create(
                {
                    "meeting_id": meeting.id,
                    "distribution_id": distribution.id,
                    "reason_id": cls.reason_entitled.id,
                    **motion,
                }
            )
        )

    @classmethod
    def _decide_list(cls, item, value="yes"):
        item.action_open_vote()
        cls._vote(item, chair=value, member_a=value, member_b=value)
        item.action_close_vote()

    @classmethod
    def _opened(cls, **values):
        """A distribution that hands out, decided by the committee."""
        distribution = cls._create_distribution(**values)
        distribution.action_make_list()
        distribution.action_refer()
        cls._decide_list(cls._list_item(distribution))
        distribution.action_start()
        return distribution

    @classmethod
    def _line(cls, distribution, person):
        return distribution.line_ids.filtered(
            lambda line: line.beneficiary_id == person
        )

    @classmethod
    def _code(cls, line):
        return line.sudo().code

    @classmethod
    def _fetch(cls, line, user=None, code=None, **values):
        """Hand out at the desk, as the screen does."""
        pickup = (
            line.env["beneficiary.distribution.pickup"]
            .with_user(user or cls.officer)
            .with_context(default_distribution_id=line.sudo().distribution_id.id)
            .create(
                {
                    "code": code or cls._code(line),
                    "signature": SIGNATURE,
                    **values,
                }
            )
        )
        return pickup.action_hand_out()

    @classmethod
    def _other_company_officer(cls):
        company = cls._create_association("Elsewhere")
        return new_test_user(
            cls.env,
            "lists_elsewhere",
            groups="beneficiary_relations.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
