"""Values of variables in a source file: known wherever they stand, repeated by no message."""

import copy
import pickle

from connectors.variables import FilledText, variables_in, without_values

TOKEN = FilledText("Bearer s3cr/t+1", {"TOKEN": "s3cr/t+1"})


def test_variables_are_found_wherever_they_stand() -> None:
    nested = {"auth": [{"token": TOKEN}], "plain": "text", "page": 5, "none": None}
    assert variables_in(nested) == {"TOKEN": "s3cr/t+1"}


def test_a_filled_text_is_a_text_and_survives_copies() -> None:
    assert TOKEN == "Bearer s3cr/t+1"
    for copied in (copy.deepcopy(TOKEN), pickle.loads(pickle.dumps(TOKEN))):
        assert copied == TOKEN and variables_in(copied) == {"TOKEN": "s3cr/t+1"}


def test_no_spelling_of_a_value_is_repeated_and_short_ones_garble_nothing() -> None:
    variables = {"TOKEN": "s3cr/t+1", "LONGER": "s3cr/t+1-and-more", "SIZE": "5"}
    message = "500 of 5: s3cr/t+1, s3cr%2Ft%2B1, s3cr/t+1-and-more"
    assert without_values(message, variables) == "500 of 5: ${TOKEN}, ${TOKEN}, ${LONGER}"
