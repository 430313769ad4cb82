"""The benchmark company's people and tree: who sat where, when, under whom.

Two things happen to the tree: on SPLIT_DAY the first region is split (the later half of its teams goes to a new
region under a promoted salesperson), and on MERGE_DAY, in mid-quarter, the second region's last team is dissolved
into its first. Salespeople transfer, leave and join in mid-quarter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from connectors.sandbox import names
from connectors.sandbox.company import OPEN_END, Assignment, Employee, UnitVersion

FOUNDED = date(2018, 1, 1)
SPLIT_DAY = date(2025, 7, 1)
MERGE_DAY = date(2025, 5, 16)
REGION_NAMES = (
    ("华东", "East China"),
    ("华南", "South China"),
    ("华北", "North China"),
    ("海外", "Overseas"),
    ("西南", "Southwest"),
    ("华中", "Central China"),
    ("东北", "Northeast"),
    ("西北", "Northwest"),
)
MID_QUARTER_DAYS = (date(2025, 2, 17), date(2025, 5, 12), date(2025, 8, 18), date(2025, 11, 10))
JOB_TITLES = {
    "sales_director": "销售总监",
    "regional_manager": "大区经理",
    "sales_rep": "销售代表",
    "after_sales": "售后工程师",
    "hr": "人事专员",
}


@dataclass(frozen=True)
class Seat:
    """One stay of one person in one unit and role, before managers are known."""

    employee_number: str
    unit_code: str
    role: str
    valid_from: date
    valid_to: date = OPEN_END


@dataclass(frozen=True)
class Organisation:
    """People, tree and postings, and who could sell from which team on which day."""

    units: tuple[UnitVersion, ...]
    employees: tuple[Employee, ...]
    assignments: tuple[Assignment, ...]

    def sellers(self) -> dict[str, list[Assignment]]:
        """Postings of salespeople and regional managers by unit."""
        found: dict[str, list[Assignment]] = {}
        for posting in self.assignments:
            if posting.role in ("sales_rep", "regional_manager"):
                found.setdefault(posting.unit_code, []).append(posting)
        return found


class _Tree:
    """Codes of regions and teams, and the two reorganisations."""

    def __init__(self, regions: int, teams_per_region: int) -> None:
        self.regions = [f"R{number:02d}" for number in range(1, regions + 1)]
        self.new_region = f"R{regions + 1:02d}"
        self.teams = {
            region: [f"T{region[1:]}{number:02d}" for number in range(1, teams_per_region + 1)]
            for region in self.regions
        }
        first, second = self.teams[self.regions[0]], self.teams[self.regions[1]]
        self.moved_teams = first[(len(first) + 1) // 2 :]
        self.dissolved_team, self.successor_team = second[-1], second[0]

    def all_teams(self) -> list[str]:
        """Team codes, one team of each region after the other, so that people spread over regions."""
        by_rank = zip(*(self.teams[region] for region in self.regions), strict=True)
        return [team for rank in by_rank for team in rank]

    def region_of(self, unit: str, day: date) -> str:
        """The region above a team on a day (a region is its own)."""
        if unit in self.moved_teams and day >= SPLIT_DAY:
            return self.new_region
        return unit if unit in (*self.regions, self.new_region) else f"R{unit[1:3]}"

    def versions(self) -> list[UnitVersion]:
        """Every unit version, parents before children."""
        head = [
            UnitVersion("C00", "北辰自动化股份有限公司", "Beichen Automation", "company", None, FOUNDED),
            UnitVersion("D10", "销售中心", "Sales", "division", "C00", FOUNDED),
            UnitVersion("D20", "售后服务部", "After-sales", "division", "C00", FOUNDED),
            UnitVersion("D30", "人力资源部", "Human Resources", "division", "C00", FOUNDED),
        ]
        regions = [version for region in self.regions for version in self._region_versions(region)]
        new = UnitVersion(self.new_region, "华东二区", "East China II", "region", "D10", SPLIT_DAY)
        teams = [version for team in self.all_teams() for version in self._team_versions(team)]
        return [*head, *regions, new, *teams]

    def _region_versions(self, region: str) -> list[UnitVersion]:
        name, name_en = _region_name(self.regions.index(region))
        if region != self.regions[0]:
            return [UnitVersion(region, f"{name}大区", name_en, "region", "D10", FOUNDED)]
        return [
            UnitVersion(region, f"{name}大区", name_en, "region", "D10", FOUNDED, SPLIT_DAY),
            UnitVersion(region, f"{name}一区", f"{name_en} I", "region", "D10", SPLIT_DAY),
        ]

    def _team_versions(self, team: str) -> list[UnitVersion]:
        region = f"R{team[1:3]}"
        name, name_en = _region_name(self.regions.index(region))
        name, name_en = f"{name}销售{int(team[3:])}组", f"{name_en} Team {int(team[3:])}"
        if team in self.moved_teams:
            return [
                UnitVersion(team, name, name_en, "team", region, FOUNDED, SPLIT_DAY),
                UnitVersion(team, name, name_en, "team", self.new_region, SPLIT_DAY),
            ]
        if team == self.successor_team:
            return [
                UnitVersion(team, name, name_en, "team", region, FOUNDED, MERGE_DAY),
                UnitVersion(team, f"{name}(合并)", f"{name_en} (merged)", "team", region, MERGE_DAY),
            ]
        closes = MERGE_DAY if team == self.dissolved_team else OPEN_END
        return [UnitVersion(team, name, name_en, "team", region, FOUNDED, closes)]


def organisation(rng: Random, regions: int, teams_per_region: int, reps: int, first_day: date) -> Organisation:
    """The tree and its people; the first data day decides how early newcomers and leavers may move."""
    tree = _Tree(regions, teams_per_region)
    hiring = _Hiring(rng)
    seats = _staff(hiring, tree)
    promoted = hiring.hire("sales_rep", date(2019, 3, 4))
    seats += [
        Seat(promoted, tree.moved_teams[0], "sales_rep", date(2019, 3, 4), SPLIT_DAY),
        Seat(promoted, tree.new_region, "regional_manager", SPLIT_DAY),
    ]
    for rank in range(reps):
        seats += _rep_seats(rng, hiring, tree, rank, first_day)
    seats = [part for seat in seats for part in _after_merge(seat, tree)]
    return Organisation(tuple(tree.versions()), tuple(hiring.people()), tuple(_postings(seats, tree)))


def _region_name(position: int) -> tuple[str, str]:
    name, name_en = REGION_NAMES[position % len(REGION_NAMES)]
    turn = position // len(REGION_NAMES) + 1
    return (name, name_en) if turn == 1 else (f"{name}{turn}", f"{name_en} {turn}")


class _Hiring:
    """Hands out employee numbers and mail addresses."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._people: dict[str, Employee] = {}
        self._addresses: dict[str, int] = {}

    def hire(self, role: str, hired: date, left: date | None = None) -> str:
        """A new person; returns the employee number."""
        name, sound = names.person(self.rng)
        number = f"E{len(self._people) + 1:05d}"
        address = f"{names.unique(sound, self._addresses)}@beichen-auto.com"
        self._people[number] = Employee(number, name, address, JOB_TITLES[role], hired, left)
        return number

    def people(self) -> Iterable[Employee]:
        """Everyone ever hired, by number."""
        return self._people.values()


def _staff(hiring: _Hiring, tree: _Tree) -> list[Seat]:
    """Director, regional managers, after-sales and human resources."""
    start = date(2018, 3, 1)
    posts = [("D10", "sales_director"), *((region, "regional_manager") for region in tree.regions)]
    posts += [("D20", "after_sales")] * (1 + len(tree.regions) // 2) + [("D30", "hr")]
    return [Seat(hiring.hire(role, start), unit, role, start) for unit, role in posts]


def _rep_seats(rng: Random, hiring: _Hiring, tree: _Tree, rank: int, first_day: date) -> list[Seat]:
    """One salesperson; of ten one transfers, one leaves, one joins in mid-quarter; of forty one goes to after-sales."""
    teams = tree.all_teams()
    team, day = teams[rank % len(teams)], rng.choice(MID_QUARTER_DAYS)
    hired = date(2019, 1, 1) + timedelta(days=rng.randrange(1500))
    if rank % 10 == 3:
        number = hiring.hire("sales_rep", hired)
        target = teams[(rank + 1) % len(teams)]
        return [Seat(number, team, "sales_rep", hired, day), Seat(number, target, "sales_rep", day)]
    if rank % 10 == 4:
        left = day + timedelta(days=rng.randrange(1, 20))
        return [Seat(hiring.hire("sales_rep", hired, left), team, "sales_rep", hired, left)]
    if rank % 10 == 5:
        hired = first_day + timedelta(days=rng.randrange(40, 200))
        return [Seat(hiring.hire("sales_rep", hired), team, "sales_rep", hired)]
    number = hiring.hire("sales_rep", hired)
    if rank % 40 == 6:
        return [Seat(number, team, "sales_rep", hired, day), Seat(number, "D20", "after_sales", day)]
    return [Seat(number, team, "sales_rep", hired)]


def _after_merge(seat: Seat, tree: _Tree) -> list[Seat]:
    """The seat, moved to the successor team from the day its team is dissolved."""
    if seat.unit_code != tree.dissolved_team or seat.valid_to <= MERGE_DAY:
        return [seat]
    rest = Seat(seat.employee_number, tree.successor_team, seat.role, max(seat.valid_from, MERGE_DAY), seat.valid_to)
    if seat.valid_from >= MERGE_DAY:
        return [rest]
    return [Seat(seat.employee_number, seat.unit_code, seat.role, seat.valid_from, MERGE_DAY), rest]


def _postings(seats: list[Seat], tree: _Tree) -> Iterable[Assignment]:
    """Seats with their manager; a seat whose manager changes becomes two postings."""
    heads = [seat for seat in seats if seat.role == "regional_manager"]
    director = next(seat.employee_number for seat in seats if seat.role == "sales_director")
    for seat in seats:
        cut = SPLIT_DAY if seat.valid_from < SPLIT_DAY < seat.valid_to and seat.unit_code in tree.moved_teams else None
        for start, end in (
            ((seat.valid_from, cut), (cut, seat.valid_to)) if cut else ((seat.valid_from, seat.valid_to),)
        ):
            assert start is not None and end is not None
            manager = _manager(seat, start, heads, tree, director)
            yield Assignment(seat.employee_number, seat.unit_code, seat.role, manager, start, end)


def _manager(seat: Seat, day: date, heads: list[Seat], tree: _Tree, director: str) -> str | None:
    if seat.role == "sales_director":
        return None
    if seat.role != "sales_rep":
        return director
    region = tree.region_of(seat.unit_code, day)
    return next((head.employee_number for head in heads if head.unit_code == region), None)
