"""A past period under other rules: scored in a scratch database beside what was published, which stays untouched.

`compiled` reads the SQL the last build ran, `scratch` runs the part of it that rules decide, `trial` says which
standard is tried, `compare` and `cost` set the outcomes side by side. Other facts (`org_trial`, `rebuilt`) need more
than rules: dbt builds what depends on them in a copy of the warehouse. Knows nothing of Dagster.
"""

from pipelines.whatif.compare import Person, WhatIf
from pipelines.whatif.org_trial import read_org
from pipelines.whatif.rebuilt import Change, other_threshold, what_if_rebuilt
from pipelines.whatif.scratch import WhatIfError
from pipelines.whatif.trial import Trial, read_trials
from pipelines.whatif.what_if import what_if

__all__ = [
    "Change",
    "Person",
    "Trial",
    "WhatIf",
    "WhatIfError",
    "other_threshold",
    "read_org",
    "read_trials",
    "what_if",
    "what_if_rebuilt",
]
