"""Pace, budget and concurrency of one source, kept whatever asks."""

import threading
import time

import pytest

from connectors.limits import BudgetSpent, Limits, Meter


def test_a_company_says_less_or_more_than_the_vendor_and_inherits_the_rest() -> None:
    vendor = Limits(requests_per_minute=100, concurrency=5)
    assert Limits().or_vendors(vendor) == vendor
    asked = Limits(requests_per_minute=10, requests_per_sync=7)
    assert asked.or_vendors(vendor) == Limits(requests_per_minute=10, requests_per_sync=7, concurrency=5)


def test_the_pace_is_kept_after_a_second_of_burst() -> None:
    waits: list[float] = []
    meter = Meter(Limits(requests_per_minute=120), waits.append)
    for _ in range(12):
        with meter.request():
            pass
    # two at once, then one every half second
    assert len(waits) == 10 and all(0.4 < wait <= 0.5 for wait in waits)
    assert meter.usage().requests == 12 and 4.0 < meter.usage().waited_seconds <= 5.0


def test_the_budget_ends_with_a_word_on_what_to_do() -> None:
    meter = Meter(Limits(requests_per_sync=2))
    for _ in range(2):
        with meter.request():
            pass
    with pytest.raises(BudgetSpent, match=r"2 requests, `limits.requests_per_sync`"), meter.request():
        pass
    assert meter.usage().requests == 2


def test_no_more_at_once_than_allowed() -> None:
    meter, at_once, most = Meter(Limits(concurrency=2)), [], []

    def ask() -> None:
        with meter.request():
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.02)
            at_once.pop()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 2
