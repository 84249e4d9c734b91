from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_list


class BeneficiaryResultsMixin(models.AbstractModel):
    """Records whose readonly fields are results: no route lets people type them in.

    A form does not send them; a call over RPC or an import might.
    """

    _name = "beneficiary.results.mixin"
    _description = "Results Are Not Typed In"

    def _check_results(self, vals):
        """Refuse results as input.

        :param dict vals: values of ``create`` or ``write``
        :raise AccessError: for a readonly field
        """
        if self.env.su:
            return
        results = [
            name
            for name in vals
            if name in self._fields and self._fields[name].readonly
        ]
        if results:
            raise AccessError(self._results_words(results))

    def _results_words(self, results):
        """Return what is said to somebody who types results in.

        :param list results: names of the fields
        """
        labels = sorted(
            self._fields[name]._description_string(self.env) for name in results
        )
        return self.env._(
            "Not to be typed in, the steps of the work fill it in: %(fields)s.",
            fields=format_list(self.env, labels),
        )
