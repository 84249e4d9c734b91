from . import beneficiary_fund_statement_xlsx
