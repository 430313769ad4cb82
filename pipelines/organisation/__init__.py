"""The organisation of one day, read from the published release: `tree` reads it, `text` and `svg` draw it."""
