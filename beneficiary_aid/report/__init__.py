from . import (
    beneficiary_table_xlsx,
    beneficiary_fund_statement_xlsx,
    beneficiary_aid_publish_xlsx,
    beneficiary_money_list_xlsx,
)
