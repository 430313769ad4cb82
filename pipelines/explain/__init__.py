"""Why a published score is what it is, down to the raw records, and what became of every raw record.

`score` reads one score from the current release, `raw` the records in landing, `words` says both in English or Chinese,
`page` puts it on one HTML page. `fate` follows a raw record the other way.
"""
