from . import (
    beneficiary_aid_request_decide,
    beneficiary_aid_request_tell,
    beneficiary_minutes_addendum,
    beneficiary_minutes_sign,
    beneficiary_distribution_pickup,
    beneficiary_distribution_void,
    beneficiary_vote_abstain,
    beneficiary_vote_delegated,
    beneficiary_circulation_stop,
    beneficiary_committee_preset,
)
