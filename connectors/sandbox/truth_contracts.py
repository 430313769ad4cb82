"""What the benchmark company offered its customers in writing and signed with them: quotes and contracts.

A deal that reached its quote has one; a deal won has a contract, a few of which nobody has signed yet or were called
off. Both name the deal, its customer and its owner.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from connectors.sandbox.company import Contract, Opportunity
from connectors.sandbox.truth_sales import COMPANY_TIME, STAGES, cents

_QUOTED = STAGES[2]
_DECIDED = {"open": "open", "won": "agreed", "lost": "rejected"}
_SIGNED = ("agreed",) * 8 + ("open", "rejected")


def contracts(rng: Random, deals: Sequence[Opportunity], last_day: date) -> tuple[Contract, ...]:
    """Quotes and contracts in the order of the deals they belong to; none is drawn up after `last_day`."""
    return tuple(made for deal in deals for made in _of_deal(rng, deal) if made.created <= last_day)


def _of_deal(rng: Random, deal: Opportunity) -> Iterator[Contract]:
    if deal.party_key is None or deal.amount is None:
        return
    quoted = next((stay.entered_at for stay in deal.stages if stay.stage == _QUOTED), None)
    if quoted is not None:
        day = quoted.astimezone(COMPANY_TIME).date()
        until = day + timedelta(days=rng.choice((15, 30, 60)))
        asked = cents(deal.amount * Decimal(rng.choice((100, 103, 108))) / 100)
        yield _made(deal, "quote", "Q", _DECIDED[deal.status], asked, day, day, until)
    if deal.closed is not None and deal.status == "won":
        start = deal.closed + timedelta(days=rng.randrange(1, 20))
        end = rng.choice((start + timedelta(days=365), start + timedelta(days=730), None))
        yield _made(deal, "contract", "C", rng.choice(_SIGNED), deal.amount, deal.closed, start, end)


def _made(
    deal: Opportunity, kind: str, letter: str, status: str, amount: Decimal, day: date, start: date, end: date | None
) -> Contract:
    number = f"{letter}{deal.key.removeprefix('D')}"
    return Contract(
        number, number, kind, str(deal.party_key), deal.key, deal.owner_number, status, amount, deal.currency, day,
        start, end,
    )  # fmt: skip
