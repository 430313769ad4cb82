"""Fairness audit of a standard: a past period scored under it, groups compared, and a verdict for the company folder.

`members` reads who is judged and which groups they belong to, `measures` and `decomposition` are the arithmetic,
`audit` holds it against the rule. The file it becomes is `pipelines.company.audits`.
"""

from pipelines.fairness.audit import RULE, Subject, audit
from pipelines.fairness.run import audit_standard

__all__ = ["RULE", "Subject", "audit", "audit_standard"]
