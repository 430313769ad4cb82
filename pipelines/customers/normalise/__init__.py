"""Customer records made comparable: names, identifiers, contact points and addresses, Chinese and foreign.

Plain functions over Arrow tables; what two records have in common is the matcher's to say.
"""

from pipelines.customers.normalise.record import evidence_hashes, normalise
from pipelines.customers.normalise.schema import EVIDENCE, NORMALISED, NORMALISER_VERSION

__all__ = ["EVIDENCE", "NORMALISED", "NORMALISER_VERSION", "evidence_hashes", "normalise"]
