"""Disputes about published results: the register, and evidence bundles that verify without us.

`register` lists them, `evidence` gathers from the current release what one is judged by, `anonymous` takes out who
rated, `claim` and `story` say it in English or Chinese, `bundle` writes the folder, `seal` checks it with nothing but
its files.
"""
