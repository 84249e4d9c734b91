from . import (
    product_product,
    res_company,
    res_config_settings,
    beneficiary_stock_mixin,
    beneficiary_goods_lot,
    beneficiary_delivery,
    beneficiary_device,
    beneficiary_device_loan,
)
