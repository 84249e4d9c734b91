from . import (
    beneficiary_document_capture,
    beneficiary_document_capture_line,
    beneficiary_document_reject,
    beneficiary_person_export,
    beneficiary_policy_adopt,
    beneficiary_sensitive_open,
    beneficiary_reopen,
    beneficiary_search,
    beneficiary_state_change,
)
