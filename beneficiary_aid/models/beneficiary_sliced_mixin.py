from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# So many are worked off while the person waits; more of them in the background.
AT_ONCE = 300


class BeneficiarySlicedMixin(models.AbstractModel):
    """Work on very many records, done slice by slice, each slice saved by itself.

    Ended in the middle, it goes on after the last saved slice. What is refused keeps
    the reason and waits for a person. A model says in which of its steps there is
    work (``_working_steps``), which scheduled action does it (``_work_cron``), what a
    slice is (:meth:`_work_slice`) and who started it (:meth:`_get_worker_user`).
    """

    _name = "beneficiary.sliced.mixin"
    _description = "Work in Slices"

    _working_steps = ()
    _work_cron = None

    problem = fields.Char(readonly=True, copy=False)

    def _work_slice(self):
        """Do one slice of what the step asks for.

        :return: whether there is more to do
        :rtype: bool
        """
        raise NotImplementedError

    def _get_worker_user(self):
        """Return who started the work: a slice is done with his rights."""
        raise NotImplementedError

    def _work_or_schedule(self, count):
        """Work off a small number now, and leave a large one to the scheduler."""
        if count <= AT_ONCE:
            while self._work_slice():
                pass
            return
        # Whoever presses the button need not manage scheduled actions.
        self.env.ref(self._work_cron).sudo()._trigger()

    @api.model
    def _cron_work(self):
        """Do the work of all records slice by slice, saving each; see the class."""
        cron = self.env["ir.cron"]
        domain = [("step", "in", self._working_steps), ("problem", "=", False)]
        while record := self.search(domain, limit=1):
            try:
                # The savepoint ends with what the slice itself refused; conflicts of
                # parallel sessions are no UserError and end the job.
                with self.env.cr.savepoint():
                    record._get_worker()._work_slice()
            except (AccessError, UserError) as refusal:
                record.invalidate_recordset()
                record._note_problem(str(refusal))
            if not cron._commit_progress(1, remaining=self.search_count(domain)):
                break

    def _note_problem(self, problem):
        """Keep why the work was refused, for a person."""
        self.problem = problem

    def _get_worker(self):
        """Return the record as the person sees it who started the work."""
        user = self._get_worker_user()
        return (
            self.with_user(user)
            .with_company(self.company_id)
            .with_context(
                allowed_company_ids=self.company_id.ids, lang=user.lang, tz=user.tz
            )
        )
