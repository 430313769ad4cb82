"""What goes into normalisation and what comes out: column names, types, and the version that marks a change of rules.

No rule lives here; the modules beside it hold those.
"""

import pyarrow as pa

NORMALISER_VERSION = "2"
"""Part of every `evidence_hash`; raised with every change of a rule or data file, so that rows are made anew."""

EVIDENCE = (
    "party_type",
    "customer_name",
    "given_name",
    "family_name",
    "other_names",
    "birth_date",
    "tax_id",
    "registry_id",
    "email",
    "phone",
    "website",
    "street",
    "postal_code",
    "district",
    "city",
    "province",
    "country",
)
"""Columns of `canonical.customer_record` that say who a customer is; the hash covers these and nothing else."""

TEXTS = pa.list_(pa.string())

NORMALISED = pa.schema(
    [
        ("record_id", pa.string()),
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("evidence_hash", pa.string()),
        ("party_type", pa.string()),
        ("name_text", pa.string()),
        ("name_core", pa.string()),
        ("name_compact", pa.string()),
        ("name_tokens", TEXTS),
        ("name_script", pa.string()),
        ("name_brand", pa.string()),
        ("name_latin", pa.string()),
        ("name_brand_latin", pa.string()),
        ("name_pinyin", pa.string()),
        ("name_sound", pa.string()),
        ("name_initials", pa.string()),
        ("name_acronyms", TEXTS),
        ("name_short_forms", TEXTS),
        ("name_numbers", pa.string()),
        ("name_region", pa.string()),
        ("legal_form", pa.string()),
        ("is_group", pa.bool_()),
        ("branch", pa.string()),
        ("other_names", TEXTS),
        ("given_name", pa.string()),
        ("family_name", pa.string()),
        ("birth_date", pa.string()),
        ("tax_id", pa.string()),
        ("tax_id_kind", pa.string()),
        ("tax_id_valid", pa.bool_()),
        ("registry_id", pa.string()),
        ("registry_id_kind", pa.string()),
        ("registry_id_valid", pa.bool_()),
        ("email", pa.string()),
        ("email_local", pa.string()),
        ("email_domain", pa.string()),
        ("phone", pa.string()),
        ("phone_national", pa.string()),
        ("phone_extension", pa.string()),
        ("website_domain", pa.string()),
        ("street_text", pa.string()),
        ("street_number", pa.string()),
        ("street_tokens", TEXTS),
        ("postal_code", pa.string()),
        ("district", pa.string()),
        ("city", pa.string()),
        ("province", pa.string()),
        ("country", pa.string()),
        ("steps", pa.string()),
    ]
)
"""Grain: one row per record of `raw`. Beside the record's own columns, folded:

- `evidence_hash`: md5 of the raw evidence and `NORMALISER_VERSION`; equal hash, equal row.
- `name_text`: the folded full name. `name_core`: an organisation's without legal form, bracketed place, region
  prefix and branch; a person's without titles, given name first (Latin) or as written (Chinese). `name_compact`: core
  without blanks.
- `name_tokens`: distinct and sorted; Latin words with abbreviations written out, Chinese brand and words of trade.
- `name_script`: of the core: 'han', 'latin', 'mixed' or null.
- `name_brand` (compact): the core without words of trade and 中国; the whole core where nothing else is left.
- `name_latin`: where both scripts meet: brands by their Latin name (西门子 siemens), Chinese words of trade in English,
  the rest in pinyin; a person's words sorted, so that Wei Zhang is 张伟. `name_brand_latin`: that of the brand.
- `name_pinyin`: toneless compact pinyin of the core (a Latin name's own letters).
- `name_sound`: a phonetic key, of a person's words (sorted, blank between) or an organisation's Latin brand.
- `name_initials`: of Latin names of two words and more. `name_acronyms`: all ways to shorten a long name (ibm, tsmc,
  中石化, 招行); compare with another record's `name_compact`. Weak evidence alone.
- `name_short_forms`: compact forms it may go by: core, brand, brand with first word of trade, each with its region too.
- `name_numbers`: numbers, ordinals and Roman numerals of the name in order; two firms with different ones differ.
- `name_region`: short Chinese name of a province or city in the name in either language; a country's alpha-2 code.
- `legal_form`: class of the outermost form written; `is_group`: 集团 or group stood in the name (null for persons).
- `branch`: 'place|marker' of a branch, null for a head office. `other_names`: compact cores of the other names.
- `given_name`, `family_name`: of persons; own columns, else comma, Chinese surname, else last word as family name.
- `birth_date`: eight digits YYYYMMDD, perhaps of no calendar.
- `tax_id`, `registry_id`: upper alphanumerics; kind 'uscc', 'lei', 'vat', 'other'; valid by check digit, null without.
- `email_domain`: null for free mail. `phone`: E.164, else digits; `phone_national` without the country's prefix.
- `street_tokens`: distinct and sorted. `city`, `province`: Chinese ones by short Chinese name, whatever the language.
- `country`: ISO 3166 alpha-2, else the folded text.
- `steps`: JSON array of {"field", "step", "from", "to"}, only steps that changed something.
"""
