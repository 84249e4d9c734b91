from . import (
    beneficiary_disbursement,
    beneficiary_disbursement_batch,
    beneficiary_disbursement_batch_line,
)
