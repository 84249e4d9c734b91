from odoo.modules.module import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path


@tagged("post_install", "-at_install")
class TestMigrations(TransactionCase):
    """What an update brings to a database that has the addon already."""

    OLDER = (
        "['|', ('item_id.state', '!=', 'voting'), ('member_id.user_id', '=', user.id)]"
    )

    def _migrate(self, script):
        path = file_path(f"beneficiary_aid/migrations/{script}.py")
        load_script(path, "migration").migrate(self.cr, "19.0.1.0.0")

    def _rule(self):
        self.env.invalidate_all()
        return self.env.ref("beneficiary_aid.beneficiary_vote_rule_open")

    def test_rule_on_open_votes_is_brought_up_to_date(self):
        now = self._rule().domain_force
        self.assertIn("'named'", now)
        self._rule().domain_force = self.OLDER
        self._migrate("19.0.1.1.0/post-rules")
        self.assertEqual(self._rule().domain_force.split(), now.split())

    def test_rule_an_association_changed_is_left_alone(self):
        self._rule().domain_force = "[('member_id.user_id', '=', user.id)]"
        self._migrate("19.0.1.1.0/post-rules")
        self.assertNotIn("named", self._rule().domain_force)
