"""A past period under other rules: scored in a scratch database beside what was published, which stays untouched.

`period` names periods, `compiled` reads the SQL the last build ran, `scratch` runs the part of it that rules decide,
`trial` says which standard is tried, `compare` sets the outcomes side by side. Knows neither Dagster nor dbt.
"""

from pipelines.whatif.compare import Person, WhatIf
from pipelines.whatif.period import Period, parse_period
from pipelines.whatif.scratch import WhatIfError
from pipelines.whatif.trial import Trial, read_trials
from pipelines.whatif.what_if import what_if

__all__ = ["Period", "Person", "Trial", "WhatIf", "WhatIfError", "parse_period", "read_trials", "what_if"]
