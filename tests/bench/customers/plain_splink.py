"""Splink as its own documentation uses it: the comparisons of its library, its training calls, its clustering.

After the examples febrl3 and febrl4 of its documentation, without an identity number. Of the library's comparisons
those were taken that serve Splink best on FEBRL: street and city as well as the postcode. Nothing is normalised
but case and blanks.
"""

import warnings

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95
"""match_probability from which pairs are clustered: the value in the docstring of Splink's clustering."""
RECALL = 0.8
SEED = 1

PERSONS = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=[
        block_on("given_name"),
        block_on("family_name"),
        block_on("birth_date"),
        block_on("postal_code"),
    ],
    comparisons=[
        cl.ForenameSurnameComparison("given_name", "family_name"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("street"),
        cl.JaroWinklerAtThresholds("city"),
    ],
)
ORGANISATIONS = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=[
        block_on("customer_name"),
        block_on("tax_id"),
        block_on("phone"),
        block_on("email"),
        block_on("substr(customer_name, 1, 6)"),
        block_on("postal_code", "substr(customer_name, 1, 2)"),
    ],
    comparisons=[
        cl.NameComparison("customer_name").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("tax_id", [1, 2]),
        cl.LevenshteinAtThresholds("phone", [1, 2]),
        cl.EmailComparison("email"),
        cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("street", [0.9, 0.7]),
    ],
)
TRAINING = {
    "person": (
        [block_on("given_name", "family_name", "birth_date")],
        [block_on("birth_date"), block_on("postal_code")],
    ),
    "organisation": (
        [block_on("tax_id"), block_on("customer_name", "postal_code"), block_on("customer_name", "phone")],
        [block_on("customer_name"), block_on("postal_code"), block_on("phone")],
    ),
}
"""Per party type the rules that find sure matches, and those that EM is trained within."""


def clusters(raw: pa.Table) -> dict[str, str]:
    """Record id -> cluster; private persons and organisations are matched apart, as their columns differ."""
    con = duckdb.connect()
    con.register("raw", raw)
    found: dict[str, str] = {}
    for party_type, settings in (("person", PERSONS), ("organisation", ORGANISATIONS)):
        table = con.sql(_prepared(party_type)).to_arrow_table()
        found |= _clusters(con, table, party_type, settings) if table.num_rows else {}
    return found


def _prepared(party_type: str) -> str:
    """The records of a party type, text lower and trimmed, blanks as null."""
    columns = ("customer_name", "given_name", "family_name", "birth_date", "tax_id", "email", "phone", "street")
    columns += ("postal_code", "city", "province")
    folded = ", ".join(f"nullif(trim(lower({column})), '') as {column}" for column in columns)
    same = "party_type = 'person'" if party_type == "person" else "party_type is distinct from 'person'"
    return f"""
        select concat(source_system, ':', source_key) as record_id, {folded},
               nullif(regexp_extract(street, '^[0-9]+'), '') as street_number
        from raw where {same} order by 1
    """


def _clusters(con: duckdb.DuckDBPyConnection, table: pa.Table, party_type: str, settings: SettingsCreator) -> dict:
    linker = Linker(DuckDBAPI(connection=con).register(table), settings, log_level=None)
    sure, within = TRAINING[party_type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker.training.estimate_probability_two_random_records_match(sure, recall=RECALL)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
        for rule in within:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        pairs = linker.inference.predict(threshold_match_probability=0.2)
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, THRESHOLD)
    return dict(found.as_duckdbpyrelation().select("record_id, cluster_id").fetchall())
