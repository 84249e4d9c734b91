from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon


class StockCommon(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aid_type.nature = "in_kind"
        cls._donate(1000)
        cls.request = cls._approve(500)
        cls.store = cls.company._beneficiary_stock_location()
        cls.given = cls.company._beneficiary_stock_given()
        cls.lent = cls.company._beneficiary_stock_lent()

    @classmethod
    def _create_product(cls, name="Heater", **values):
        return cls.env["product.product"].create(
            {"name": name, "is_storable": True, "standard_price": 0, **values}
        )

    def _on_hand(self, product, location=None, serial=None):
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "=", product.id),
                ("location_id", "child_of", (location or self.store).id),
            ]
        )
        if serial:
            quants = quants.filtered(lambda quant: quant.lot_id.name == serial)
        return sum(quants.mapped("quantity"))


@tagged("post_install", "-at_install")
class TestGoods(StockCommon):
    """What is handed out leaves the warehouse, and is worth its value once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls._create_product()
        cls.goods = cls._donate(
            100,
            kind="in_kind",
            goods="Heaters",
            valuation="Price in the shop",
            journal_id=False,
        )
        cls.lot = cls._create_lot()

    @classmethod
    def _create_lot(cls, **values):
        return (
            cls.env["beneficiary.goods.lot"]
            .with_user(cls.clerk)
            .create(
                {
                    "name": "Heater",
                    "donation_id": cls.goods.id,
                    "product_id": cls.product.id,
                    "quantity": 3,
                    "value": 30,
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )

    def _prepare(self, *lines, request=None):
        return (
            self.env["beneficiary.delivery"]
            .with_user(self.officer)
            .create(
                {
                    "request_id": (request or self.request).id,
                    "line_ids": [
                        Command.create({"lot_id": lot.id, "quantity": quantity})
                        for lot, quantity in lines or [(self.lot, 1)]
                    ],
                }
            )
        )

    def _deliver(self, *lines):
        delivery = self._prepare(*lines)
        delivery.action_deliver()
        return delivery

    # === In === #

    def test_receipt_brings_the_goods_in_once(self):
        self.lot.action_receive()
        self.assertEqual(self._on_hand(self.product), 3)
        picking = self.lot.sudo().receipt_picking_id
        self.assertEqual((picking.state, picking.origin), ("done", self.goods.name))
        self.assertFalse(picking.partner_id)
        with self.assertRefused("received already"):
            self.lot.action_receive()
        for values in ({"quantity": 4}, {"product_id": False}):
            with self.assertRefused("Take the receipt back"):
                self.lot.write(values)
        with self.assertRefused("Take the receipt back"):
            self.lot.unlink()

    def test_mistaken_receipt_is_taken_back(self):
        with self.assertRefused("not received"):
            self.lot.action_take_back()
        self.lot.action_receive()
        self.lot.action_take_back()
        self.assertEqual(self._on_hand(self.product), 0)
        self.lot.quantity = 4
        self.lot.action_receive()
        self._deliver()
        with self.assertRefused("given already"):
            self.lot.action_take_back()

    def test_goods_of_another_way_are_not_received_again(self):
        """What a purchase order brought is there: it is handed out all the same."""
        self.env["stock.quant"]._update_available_quantity(self.product, self.store, 5)
        self._deliver()
        self.assertEqual(self._on_hand(self.product), 4)

    def test_only_who_enters_goods_receives_them(self):
        for user in (self.officer, self.releaser, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.lot.with_user(user).action_receive()
        with self.assertRaises(UserError):
            self.lot.receipt_picking_id = False

    # === Out === #

    def test_delivery_takes_the_goods_out(self):
        self.lot.action_receive()
        self.assertFalse(self.officer.has_group("stock.group_stock_user"))
        delivery = self._deliver((self.lot, 2))
        self.assertEqual(self._on_hand(self.product), 1)
        self.assertEqual(self._on_hand(self.product, self.given), 2)
        picking = delivery.sudo().picking_ids
        self.assertEqual((picking.state, picking.origin), ("done", delivery.name))

    def test_nobody_is_named_and_nobody_is_written_to(self):
        self.company.stock_move_email_validation = True
        self.beneficiary.write({"phone": "+966501234567", "email": "a@example.org"})
        self.lot.action_receive()
        mails = self.env["mail.mail"].search_count([])
        picking = self._deliver().sudo().picking_ids
        self.assertFalse(picking.partner_id)
        self.assertFalse(picking.message_partner_ids & self.beneficiary.partner_id)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        words = f"{picking.origin} {picking.note} {picking.move_ids.reference}"
        for word in (self.beneficiary.name, self.aid_type.name, self.request.name):
            self.assertNotIn(word, words)

    def test_shortage_is_refused_and_nothing_stays(self):
        delivery = self._prepare((self.lot, 2))
        with self.assertRefused("Heater", "2", "Receive or count"):
            delivery.action_deliver()
        self.assertEqual((delivery.state, self.lot.given), ("draft", 0))
        self.env["stock.quant"]._update_available_quantity(self.product, self.store, 1)
        with self.assertRefused("1 are in"):
            delivery.action_deliver()
        self.assertEqual(self._on_hand(self.product), 1)
        self.assertFundUntouched()

    def assertFundUntouched(self):
        self.assertEqual(self.request.amount_committed, 500)
        self.assertFund(1000, 500)

    def test_reserved_goods_are_not_given(self):
        self.lot.action_receive()
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 3,
                "location_id": self.store.id,
                "location_dest_id": self.given.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        with self.assertRefused("0 are in"):
            self._deliver()

    def test_reversal_brings_them_back_once(self):
        self.lot.action_receive()
        delivery = self._deliver((self.lot, 3))
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual(self._on_hand(self.product), 3)
        self.assertEqual(self._on_hand(self.product, self.given), 0)
        self.assertEqual(len(delivery.sudo().picking_ids), 2)
        self._deliver((self.lot, 3))

    def test_reversal_by_an_accountant(self):
        self.lot.action_receive()
        delivery = self._deliver()
        move = delivery.sudo().move_id.with_user(self.accountant)
        move._reverse_moves([{"date": move.date}], cancel=True)
        self.assertEqual(self._on_hand(self.product), 3)

    def test_two_lots_of_one_product_go_together(self):
        other = self._create_lot(name="Heater, second gift", quantity=2, value=20)
        (self.lot | other).action_receive()
        delivery = self._deliver((self.lot, 2), (other, 2))
        self.assertEqual(self._on_hand(self.product), 1)
        self.assertEqual(delivery.sudo().picking_ids.move_ids.quantity, 4)

    def test_each_location_has_its_transfer(self):
        shelf = self.env["stock.location"].create(
            {
                "name": "Shelf",
                "location_id": self.store.id,
                "company_id": self.company.id,
            }
        )
        other = self._create_lot(location_id=shelf.id, quantity=2, value=20)
        (self.lot | other).action_receive()
        self.assertEqual(self._on_hand(self.product, shelf), 2)
        delivery = self._deliver((self.lot, 1), (other, 1))
        self.assertEqual(len(delivery.sudo().picking_ids), 2)
        self.assertEqual(self._on_hand(self.product, shelf), 1)

    def test_goods_without_a_product_go_on_as_before(self):
        lot = self._create_lot(product_id=False)
        with self.assertRefused("its product"):
            lot.action_receive()
        delivery = self._deliver((lot, 1))
        self.assertEqual(delivery.state, "delivered")
        self.assertFalse(delivery.sudo().picking_ids)
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual(lot.given, 0)

    def test_transfers_are_not_typed_in(self):
        delivery = self._prepare()
        with self.assertRaises(UserError):
            delivery.write({"picking_ids": [Command.clear()]})

    # === Value === #

    def test_value_is_booked_once(self):
        moves = self.env["account.move"].search([])
        lines = self.env["account.analytic.line"].search([])
        self.lot.action_receive()
        self.assertEqual(self.env["account.move"].search([]), moves)
        delivery = self._deliver((self.lot, 3))
        booked = self.env["account.move"].search([]) - moves
        self.assertEqual(booked, delivery.sudo().move_id)
        posted = self.env["account.analytic.line"].search([]) - lines
        self.assertEqual(posted.move_line_id.move_id, booked)
        self.assertEqual(sum(delivery.sudo().picking_ids.move_ids.mapped("value")), 0)
        self.assertFalse(self.fund._recount())

    def test_valued_products_are_refused(self):
        category = self.env["product.category"].create({"name": "Valued"})
        category.with_company(self.company).property_valuation = "real_time"
        products = [
            self._create_product("Costly", standard_price=5),
            self._create_product("Perpetual", categ_id=category.id),
            self._create_product("Service", is_storable=False),
            self._create_product("Numbered", tracking="serial"),
        ]
        for product in products:
            with self.subTest(product=product.name), self.assertRaises(ValidationError):
                self._create_lot(product_id=product.id)

    def test_cost_stays_at_zero(self):
        product = self.product.with_company(self.company)
        with self.assertRefused("Heater", "zero"):
            product.standard_price = 5
        with self.assertRefused("zero"):
            product.product_tmpl_id.standard_price = 5
        self.assertEqual(product.standard_price, 0)

    def test_valuation_that_came_later_stops_the_move(self):
        self.lot.action_receive()
        category = self.env["product.category"].create({"name": "Valued"})
        category.with_company(self.company).property_valuation = "real_time"
        self.product.categ_id = category
        with self.assertRefused("booked twice"):
            self._deliver()
        self.assertEqual(self.lot.given, 0)

    # === Companies === #

    def test_other_company(self):
        company = self._create_association("Other")
        place = company._beneficiary_stock_location()
        with self.assertRaises(UserError):
            self._create_lot(location_id=place.id)
        product = self._create_product("Theirs", company_id=company.id)
        with self.assertRaises(UserError):
            self._create_lot(product_id=product.id)
        self.assertNotEqual(company._beneficiary_stock_given(), self.given)

    def test_set_up_location(self):
        shelf = self.env["stock.location"].create(
            {
                "name": "Charity Shelf",
                "location_id": self.store.id,
                "company_id": self.company.id,
            }
        )
        self.company.beneficiary_stock_location_id = shelf
        self.lot.action_receive()
        self.assertEqual(self._on_hand(self.product, shelf), 3)

    def test_without_a_warehouse(self):
        self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)]
        ).active = False
        with self.assertRefused("no warehouse"):
            self.lot.action_receive()


@tagged("post_install", "-at_install")
class TestDevice(StockCommon):
    """A lent device is out of the warehouse under its serial number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls._create_product("Bed", tracking="serial")
        cls.device, cls.other = (
            cls.env["beneficiary.device"]
            .with_user(cls.officer)
            .create(
                [
                    {
                        "name": "Bed",
                        "serial_number": number,
                        "product_id": cls.product.id,
                        "company_id": cls.company.id,
                    }
                    for number in ("SN-1", "SN-2")
                ]
            )
        )

    def _lend(self, device=None, user=None):
        return (
            self.env["beneficiary.device.loan"]
            .with_user(user or self.officer)
            .create(
                {
                    "device_id": (device or self.device).id,
                    "request_id": self.request.id,
                }
            )
        )

    def test_loan_takes_its_own_number_out_and_back(self):
        (self.device | self.other).action_receive()
        loan = self._lend(self.other)
        self.assertEqual(self._on_hand(self.product, serial="SN-2"), 0)
        self.assertEqual(self._on_hand(self.product, serial="SN-1"), 1)
        self.assertEqual(self._on_hand(self.product, self.lent, "SN-2"), 1)
        picking = loan.sudo().picking_id
        self.assertEqual((picking.state, picking.partner_id.ids), ("done", []))
        loan.condition_back = "worn"
        loan.action_return()
        self.assertEqual(self._on_hand(self.product, serial="SN-2"), 1)
        self.assertEqual(self._on_hand(self.product, self.lent), 0)
        self.assertEqual(loan.sudo().return_picking_id.state, "done")
        self._lend(self.other)

    def test_what_is_not_there_is_not_lent(self):
        with self.assertRefused("SN-1", "not received"):
            self._lend()
        self.device.action_receive()
        quant = self.env["stock.quant"].search([("lot_id.name", "=", "SN-1")])
        quant = quant.filtered(lambda one: one.location_id.usage == "internal")
        quant.with_context(inventory_mode=True).inventory_quantity = 0
        quant.action_apply_inventory()
        with self.assertRefused("Bed", "0 are in"):
            self._lend()
        self.assertFalse(self.device.is_lent)

    def test_received_once_and_then_fixed(self):
        self.device.action_receive()
        with self.assertRefused("known to the warehouse"):
            self.device.action_receive()
        for values in ({"serial_number": "SN-9"}, {"product_id": False}):
            with self.assertRefused("stay"):
                self.device.write(values)
        with self.assertRaises(UserError):
            self.device.receipt_picking_id = False

    def test_lent_twice_is_refused_as_before(self):
        self.device.action_receive()
        self._lend()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self._lend()

    def test_device_without_a_product(self):
        device = self.device.copy({"serial_number": "SN-3", "product_id": False})
        with self.assertRefused("its product"):
            device.action_receive()
        loan = self._lend(device)
        loan.condition_back = "good"
        loan.action_return()
        self.assertFalse(loan.sudo().picking_id)

    def test_product_has_serial_numbers(self):
        with self.assertRaises(ValidationError):
            self.device.product_id = self._create_product("Chair")

    def test_roles(self):
        for user in (self.clerk, self.releaser, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.device.with_user(user).action_receive()
