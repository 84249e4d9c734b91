from . import (
    beneficiary_aid_request_tell,
    beneficiary_vote_abstain,
)
