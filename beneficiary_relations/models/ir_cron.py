from odoo import api, models


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _in_slices(self, model, domain, method, *args, size=200):
        """Call a method on the records of a domain, slice by slice, saving each.

        The method must take its records out of the domain.

        :param model: empty recordset of the model
        :param domain: which records
        :param str method: name of the method, called with ``args``
        :param int size: records of a slice
        :return: whether there is time for more
        :rtype: bool
        """
        while records := model.search(domain, limit=size):
            getattr(records, method)(*args)
            if not self._commit_progress(
                processed=len(records), remaining=model.search_count(domain)
            ):
                return False
        return True
