{
    "name": "Beneficiary Aid: Stock",
    "summary": "Goods and lent devices leave and enter the stock of Odoo",
    "version": "19.0.1.0.0",
    "category": "Services/Beneficiaries",
    "author": "Beneficiary Relations contributors",
    "license": "AGPL-3",
    "development_status": "Beta",
    "depends": ["beneficiary_aid", "stock"],
    "auto_install": True,
    "data": [
        "views/beneficiary_goods_lot_views.xml",
        "views/beneficiary_delivery_views.xml",
        "views/beneficiary_device_views.xml",
        "views/res_config_settings_views.xml",
    ],
}
