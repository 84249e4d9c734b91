from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, date_utils

from ..models.beneficiary_aid_report import AID_READERS

SMALLEST_GROUP = 5


class BeneficiaryAidPublish(models.TransientModel):
    """Aid of whole months by one feature, fit to be published.

    Small groups could show who was helped: they are added up in one line. When these
    are too few people together, the next smallest groups join them, so that no
    difference to the total shows fewer people than the smallest group. The months
    are whole, so that two papers do not differ by a few days either.
    """

    _name = "beneficiary.aid.publish"
    _description = "Aid Figures for Publishing"
    _inherit = ["beneficiary.period.mixin"]

    currency_id = fields.Many2one(related="company_id.currency_id")
    date_to = fields.Date(help="Figures are of whole months.")
    feature = fields.Selection(
        selection=[
            ("aid_type_id", "Aid Type"),
            ("category_id", "Category"),
            ("area_id", "Area"),
            ("branch_id", "Branch"),
            ("gender", "Gender"),
            ("age_band", "Age"),
            ("kind", "Kind of Fund"),
        ],
        string="By",
        required=True,
        default="aid_type_id",
    )
    smallest_group = fields.Integer(compute="_compute_smallest_group")

    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "The period ends after it begins. Correct one of the dates.",
    )

    @api.depends("company_id")
    def _compute_smallest_group(self):
        for wizard in self:
            # How small a group may be is no secret of the settings.
            company = wizard.company_id.sudo()
            wizard.smallest_group = max(
                company.beneficiary_smallest_group, SMALLEST_GROUP
            )

    def action_export(self):
        """Export the figures as a spreadsheet.

        :return: the report
        :raise UserError: when fewer people than the smallest group were helped
        """
        self.ensure_one()
        self._check_reader()
        self._get_groups()
        return self.env.ref(
            "beneficiary_aid.action_report_aid_publish_xlsx"
        ).report_action(self, config=False)

    # === Figures === #

    def _check_reader(self):
        self.env["beneficiary.beneficiary"]._require_group(*AID_READERS)

    def _get_days(self):
        """Return the first and the last day of the whole months."""
        self.ensure_one()
        return (
            date_utils.start_of(self.date_from, "month"),
            date_utils.end_of(self.date_to, "month"),
        )

    def _get_groups(self):
        """Return the groups that may be shown, the largest amount first.

        :return: ``[(label, amount, persons, households)]``; the last one may be what
            small groups add up to
        :raise UserError: when all of them are too few people
        """
        self.ensure_one()
        rows = [
            (value, amount, set(persons), set(households))
            for value, amount, persons, households in self._get_rows()
        ]
        shown, small = self._part_small(rows)
        groups = [
            (self._get_label(value), amount, len(persons), len(households))
            for value, amount, persons, households in sorted(
                shown, key=lambda row: -row[1]
            )
        ]
        if small:
            persons = set().union(*(row[2] for row in small))
            households = set().union(*(row[3] for row in small))
            if len(persons) < self.smallest_group:
                raise UserError(
                    self.env._(
                        "Fewer than %(count)s people were helped in these months. "
                        "Figures of so few people are not published. Choose more "
                        "months.",
                        count=self.smallest_group,
                    )
                )
            amount = self.currency_id.round(sum(row[1] for row in small))
            groups.append(
                (
                    self.env._("Small groups together"),
                    amount,
                    len(persons),
                    len(households),
                )
            )
        return groups

    def _part_small(self, rows):
        """Part the groups in those to show and those to add up.

        :return: pair of lists
        """
        rows = sorted(rows, key=lambda row: len(row[2]))
        small = [row for row in rows if len(row[2]) < self.smallest_group]
        shown = rows[len(small) :]
        # A person may be in several groups: whom the line adds counts once.
        while (
            small
            and shown
            and len(set().union(*(row[2] for row in small))) < self.smallest_group
        ):
            small.append(shown.pop(0))
        return shown, small

    def _get_rows(self):
        """Return amount, persons and households a value of the feature."""
        start, end = self._get_days()
        report = self.env["beneficiary.aid.report"]
        report.check_access("read")
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(feature)s, SUM(amount)::float8,
                       array_agg(DISTINCT person_key),
                       array_agg(DISTINCT household_key)
                  FROM (%(report)s) AS report
                 WHERE company_id = %(company)s AND date BETWEEN %(start)s AND %(end)s
              GROUP BY %(feature)s
                """,
                feature=SQL.identifier(self.feature),
                report=report._table_query,
                company=self.company_id.id,
                start=start,
                end=end,
            )
        )

    def _get_label(self, value):
        """Return the words of a value of the feature."""
        if not value:
            return self.env._("Not known")
        field = self.env["beneficiary.aid.report"]._fields[self.feature]
        if field.type == "selection":
            return dict(field._description_selection(self.env))[value]
        # The names of a list of the association; no person is among them.
        return self.env[field.comodel_name].sudo().browse(value).display_name
