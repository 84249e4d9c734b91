from odoo.tests import TransactionCase


class TestOnce(TransactionCase):
    """What is written once, whichever model it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mixin = cls.env.registry["beneficiary.once.mixin"]
        cls.models = [
            cls.env[name]
            for name, model in cls.env.registry.items()
            if issubclass(model, mixin) and model._auto
        ]

    def test_database_refuses_changes(self):
        self.env.cr.execute(
            "SELECT tgrelid::regclass::text, tgname, tgnargs FROM pg_trigger"
            " WHERE tgname LIKE '%\\_once\\_%'"
        )
        triggers = {
            (table, name): count for table, name, count in self.env.cr.fetchall()
        }
        self.assertGreaterEqual(len(self.models), 10)
        for model in self.models:
            with self.subTest(model=model._name):
                table = model._table
                self.assertIn((table, f"{table}_once_all"), triggers)
                columns = [
                    name
                    for name in model._cut_fields
                    if model._fields[name].column_type
                ]
                # With the words go who cut them and when.
                self.assertEqual(
                    triggers[table, f"{table}_once_row"],
                    len(columns) + 2 if columns else 0,
                )

    def test_model_says_why(self):
        for model in self.models:
            with self.subTest(model=model._name):
                self.assertTrue(model._once_words())
                self.assertTrue(model._once_delete_words())
