from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.base.models.ir_sequence import _update_nogap


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _next_numbers(self, code, company, count):
        """Reserve several numbers of a sequence at once.

        One statement for a batch, where :meth:`next_by_code` costs two for every
        number. Sequences with date ranges keep Odoo's own way.

        :param str code: code of the sequence
        :param company: ``res.company`` the numbers are for
        :param int count: how many numbers
        :return: the formatted numbers, in order
        :rtype: list[str]
        :raise UserError: when there is no such sequence
        """
        if not count:
            return []
        # Numbers are given to whoever may create the record, as next_by_code does.
        sequence_sudo = self.sudo().search_fetch(
            [("code", "=", code), ("company_id", "in", [company.id, False])],
            ["implementation", "use_date_range", "prefix", "suffix", "padding"],
            order="company_id",
            limit=1,
        )
        if not sequence_sudo:
            raise UserError(
                self.env._(
                    "There is no sequence with the code %(code)s. Ask an "
                    "administrator to create it under Settings, Technical, Sequences.",
                    code=code,
                )
            )
        if sequence_sudo.use_date_range:
            return [sequence_sudo.next_by_id() for _number in range(count)]
        if sequence_sudo.implementation != "standard":
            step = sequence_sudo.number_increment
            # Its row stays locked until the end: no number is lost, and none twice.
            first = _update_nogap(sequence_sudo, step * count)
            return [
                sequence_sudo.get_next_char(first + step * position)
                for position in range(count)
            ]
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence_sudo.id:03d}",
                count,
            )
        )
        return [sequence_sudo.get_next_char(number) for (number,) in rows]

    def _number_vals(self, code, field, vals_list, company_of=None):
        """Number new records by the association they are for.

        :param str code: code of the sequence
        :param str field: name of the field that takes the number
        :param list vals_list: values of ``create``; those that have no number yet
            are given one, the others keep theirs
        :param company_of: function from such values to the id of their association,
            when it is not among them
        :raise UserError: when there is no such sequence
        """
        by_company = {}
        for vals in vals_list:
            if not vals.get(field):
                company_id = company_of(vals) if company_of else vals.get("company_id")
                company_id = company_id or self.env.company.id
                by_company.setdefault(company_id, []).append(vals)
        companies = self.env["res.company"]
        for company_id, rows in by_company.items():
            numbers = self._next_numbers(code, companies.browse(company_id), len(rows))
            for vals, number in zip(rows, numbers, strict=True):
                vals[field] = number
