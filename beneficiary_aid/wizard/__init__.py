from . import (
    beneficiary_aid_request_decide,
    beneficiary_aid_request_tell,
    beneficiary_minutes_addendum,
    beneficiary_minutes_sign,
    beneficiary_vote_abstain,
)
