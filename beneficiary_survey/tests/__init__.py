from . import test_survey_access
from . import test_survey_ballot
from . import test_survey_independence
from . import test_survey_portal
from . import test_survey_request
from . import test_survey_result
from . import test_survey_rule
from . import test_survey_unlinkable
