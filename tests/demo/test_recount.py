"""Every realised figure of truth.json, counted again from the written files in plain Python."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest
from demo_readback import PARIS, REASONS, Readback, chain, customer_of, iso, ms

from desirepath.demo import DemoReport

DAY = 86_400_000
WEEK = 7 * DAY
STEPS = ["shop visit", "product view", "add to cart", "checkout", "order"]


def cutoff(report: DemoReport) -> int:
    return ms(datetime.fromisoformat(report.truth["cutoff"]))


def entries(files: Readback) -> dict[str, tuple[str, str]]:
    """Channel and campaign of each customer's shop visits; one pair each, or a breakdown is vague."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for event in files.digital:
        if event.name == "shop visit":
            assert event.customer is not None
            found[event.customer].add(("app" if event.app else "web", event.row.get("campaign") or "(none)"))
    assert all(len(pairs) == 1 for pairs in found.values())
    return {customer: pairs.pop() for customer, pairs in found.items()}


def assert_figure(report: DemoReport, name: str, hits: float, of: int) -> None:
    figure = report.truth["figures"][name]
    assert figure["of"] == of, name
    assert figure["count"] == pytest.approx(hits, abs=0.006), name
    assert figure["realised"] == pytest.approx(hits / of, abs=1e-6), name


def test_purchase_counts_times_and_undecided(small: DemoReport, files: Readback) -> None:
    labels = entries(files)
    reached: Counter[str] = Counter()
    undecided, from_start, from_first = 0, [], []
    for customer, steps in files.steps(STEPS).items():
        if not steps[0]:
            continue
        chains = [chain(steps, start, WEEK) for start in steps[0]]
        depth = max(len(found) for found in chains)
        for step in range(depth):
            for label in ("", *(f"[{part}]" for part in labels[customer])):
                reached[f"purchase.all.{STEPS[step]}{label}"] += 1
        if depth == 5:
            done = [found for found in chains if len(found) == 5]
            end = min(found[-1] for found in done)
            from_start.append(end - max(found[0] for found in done if found[-1] == end))
            from_first.append(end - steps[0][0])
        elif steps[0][-1] + WEEK > cutoff(small):
            undecided += 1
    counts = small.truth["counts"]
    planted = {name: number for name, number in counts.items() if name.startswith("purchase.all") and number}
    assert planted == dict(reached) | {"purchase.all.undecided": undecided}
    assert undecided > 5
    for name, times in (("chain_start", from_start), ("first_entry", from_first)):
        found = small.truth["quantiles"][f"purchase.time_from_{name}"]
        assert found["n"] == len(times)
        assert found["median_s"] == pytest.approx(statistics.median(times) / 1_000, abs=0.002)


def test_purchase_rates_by_group(small: DemoReport, files: Readback) -> None:
    labels, limit = entries(files), cutoff(small) - WEEK
    depths: dict[str, list[int]] = defaultdict(list)
    first_touch = []
    for customer, steps in files.steps(STEPS).items():
        ripe = [start for start in steps[0] if start <= limit]
        if not ripe:
            continue
        depth = max(len(chain(steps, start, WEEK)) for start in ripe)
        for label in ("", *(f"[{part}]" for part in labels[customer])):
            depths[label].append(depth)
        first_touch.append(len(chain(steps, ripe[0], WEEK)) == 5)
    assert len(depths) == 9
    for label, found in depths.items():
        for step in range(1, 5):
            beyond = sum(depth > step for depth in found)
            assert_figure(small, f"purchase.{STEPS[step]}.of_entered{label}", beyond, len(found))
            before = sum(depth >= step for depth in found)
            assert_figure(small, f"purchase.{STEPS[step]}.of_previous{label}", beyond, before)
    assert_figure(small, "purchase.first_touch.order.of_entered", sum(first_touch), len(first_touch))
    assert sum(first_touch) < sum(depth == 5 for depth in depths[""])


def ripe_checkouts(files: Readback, limit: int) -> list[tuple[str, Any, bool]]:
    """Customer, checkout event, ordered in time: for mature people who reached the checkout."""
    by_customer = {event.customer: event for event in files.digital if event.name == "checkout"}
    found = []
    for customer, steps in files.steps(STEPS).items():
        ripe = [chain(steps, start, WEEK) for start in steps[0] if start <= limit]
        depth = max((len(one) for one in ripe), default=0)
        if depth >= 4:
            found.append((customer, by_customer[customer], depth == 5))
    return found


def test_reasons_and_what_people_did_instead(small: DemoReport, files: Readback) -> None:
    errors = {event.customer for event in files.digital if event.name == "payment error"}
    low, high = (ms(datetime.fromisoformat(small.truth["incident"][edge])) for edge in ("from", "to"))
    groups: dict[str, list[bool]] = defaultdict(list)
    failed: dict[str, list[bool]] = defaultdict(list)
    instead: dict[str, list[bool]] = defaultdict(list)
    calls, tickets = defaultdict(list), defaultdict(list)
    for row in files.calls:
        if row["queue"] == "order":
            calls[row["customer_id"]].append(iso(row["started_at"]))
    for ticket in files.tickets:
        if ticket["tags"] == ["order"]:
            user = files.users[ticket["requester_id"]]
            tickets[user["external_id"] or customer_of(user["email"])].append(iso(ticket["created_at"]))
    for customer, event, ordered in ripe_checkouts(files, cutoff(small) - WEEK):
        groups["payment error" if customer in errors else "no payment error"].append(ordered)
        groups[f"delivery {event.row['delivery_eur']:.2f}"].append(ordered)
        if not event.app:
            when = "web, incident week" if low <= event.at < high else "web, other weeks"
            groups[when].append(ordered)
            failed[when].append(customer in errors)
        called = any(event.at < at <= event.at + DAY for at in calls[customer])
        wrote = any(event.at < at <= event.at + DAY for at in tickets[customer])
        instead[f"call within 24 h of {'ordered' if ordered else 'dropped at checkout'}"].append(called)
        if not ordered:
            instead["ticket within 24 h of dropped at checkout"].append(wrote)
    for label, hits in groups.items():
        assert_figure(small, f"purchase.order.of_previous[{label}]", sum(hits), len(hits))
    for label, hits in failed.items():
        assert_figure(small, f"purchase.payment error of checkout[{label}]", sum(hits), len(hits))
    for label, hits in instead.items():
        assert_figure(small, f"instead.{label}", sum(hits), len(hits))


def test_repair_journey(small: DemoReport, files: Readback) -> None:
    month = 30 * DAY
    calls: dict[str, list[int]] = defaultdict(list)
    costs: dict[str, float] = defaultdict(float)
    for row in files.calls:
        if row["queue"] == "repair":
            calls[row["customer_id"]].append(iso(row["started_at"]))
            costs[row["case_id"]] += row["cost_eur"]
    bookings, visits = defaultdict(list), defaultdict(list)
    for row in files.bookings:
        bookings[row["CaseId"], row["NewValue"]].append(iso(row["CreatedDate"]))
    for row in files.visits:
        visits[row["WhatId"]].append(row)
    depths, ripe, loops = [], [], defaultdict(list)
    for case in files.cases:
        at, own, customer = iso(case["CreatedDate"]), case["Id"], customer_of(files.field_contacts[case["ContactId"]])
        repaired = [iso(row["CompletedDateTime"]) for row in visits[own] if row["Outcome__c"] == "repaired"]
        moments = [[at], sorted(calls[customer]), bookings[own, "Visit scheduled"], repaired]
        depth = len(chain(moments, at, month))
        depths.append(depth)
        absences = sum(row["Outcome__c"] == "customer absent" for row in visits[own])
        if at <= cutoff(small) - month:
            ripe.append(depth)
            if repaired:
                cost = sum(float(row["Cost__c"]) for row in visits[own]) + costs[own]
                days = (repaired[0] - at) / DAY
                loops[f"rescheduled {'2+' if absences > 1 else absences}"].append((len(calls[customer]), cost, days))
    names = ("fault reported", "call about repair", "visit scheduled", "repaired")
    for step, name in enumerate(names):
        assert small.truth["counts"][f"repair.all.{name}"] == sum(depth > step for depth in depths)
        if step:
            assert_figure(small, f"repair.{name}.of_entered", sum(depth > step for depth in ripe), len(ripe))
            previous = sum(depth >= step for depth in ripe)
            assert_figure(small, f"repair.{name}.of_previous", sum(depth > step for depth in ripe), previous)
    assert set(loops) == {"rescheduled 0", "rescheduled 1", "rescheduled 2+"}
    for label, found in loops.items():
        for column, name in enumerate(("calls per case", "cost EUR per case", "days to repaired")):
            total = sum(row[column] for row in found)
            figure = small.truth["figures"][f"repair.{name}[{label}]"]
            assert figure["of"] == len(found)
            assert figure["realised"] == pytest.approx(total / len(found), rel=1e-5)


def test_nps_by_cause(small: DemoReport, files: Readback) -> None:
    late = {row["order_id"]: (row.get("delivered") or 0) > (row.get("promised_by") or 0) for row in files.orders}
    slow = {row["call_id"]: row["wait_s"] > 300 for row in files.calls}
    absences = Counter(row["WhatId"] for row in files.visits if row["Outcome__c"] == "customer absent")
    scores: dict[str, list[int]] = defaultdict(list)
    for row in files.surveys:
        thing = row["touchpoint_id"]
        label = {
            "repair": lambda one: f"rescheduled {absences[one] if absences[one] < 2 else '2+'}",
            "order": lambda one: "late" if late[one] else "on time",
            "call": lambda one: "wait over 5 minutes" if slow[one] else "wait up to 5 minutes",
        }[row["touchpoint"]](thing)
        score = int(row["Q1"])
        assert 0 <= score <= 10
        assert row["Q1_NPS_GROUP"] == ("Promoter" if score >= 9 else "Passive" if score >= 7 else "Detractor")
        scores[f"{row['touchpoint']}[{label}]"].append((score >= 9) - (score <= 6))
    sent = Counter(row["properties"]["hs_email_subject"].split()[1].rstrip(":") for row in files.invitations)
    for touchpoint in ("repair", "order", "call"):
        counts = {name: n for name, n in small.truth["counts"].items() if name.startswith(f"nps.sent.{touchpoint}[")}
        assert sum(counts.values()) == sent[touchpoint] > 10
    assert len(scores) == 7
    for name, values in scores.items():
        assert_figure(small, f"nps.{name}", sum(values), len(values))


def test_churn_and_reasons(small: DemoReport, files: Readback) -> None:
    missed, failed = {}, {}
    for row in sorted(files.visits, key=lambda row: row["CompletedDateTime"]):
        if row["Outcome__c"] == "customer absent":
            missed.setdefault(customer_of(files.field_contacts[row["WhoId"]]), iso(row["CompletedDateTime"]))
    for event in files.digital:
        if event.name == "checkout":
            failed[event.customer] = event.at
    errors = {event.customer for event in files.digital if event.name == "payment error"}
    groups: dict[str, list[bool]] = defaultdict(list)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for row in files.contracts:
        if row["type"] == "invoice.upcoming":
            continue
        thing = row["data"]["object"]
        decided, who = row["created"] * 1_000, files.customers[thing["customer"]]
        label = "[missed visit]" if missed.get(who, decided) < decided else "[no missed visit]"
        cancelled = row["type"] == "customer.subscription.deleted"
        reason = REASONS[thing["cancellation_details"]["feedback"]] if cancelled else ""
        groups[""].append(cancelled)
        groups[label].append(cancelled)
        if who in errors and failed[who] + 60_000 < decided and label == "[no missed visit]":
            groups["[payment error]"].append(cancelled)
        reasons[label][reason] += cancelled
    for label, hits in groups.items():
        assert_figure(small, f"churn.cancelled of due{label}", sum(hits), len(hits))
    for label, found in reasons.items():
        for reason in ("price", "competitor", "moved", "no longer needed", "service"):
            assert_figure(small, f"churn.reason {reason} of cancelled{label}", found[reason], found.total())


def test_self_service(small: DemoReport, files: Readback) -> None:
    queues = {
        "internet slow": "internet",
        "wifi setup": "internet",
        "printer offline": "printer",
        "bill question": "bill",
    }
    solved = {event.customer for event in files.digital if event.name == "help solved"}
    calls = defaultdict(list)
    for row in files.calls:
        calls[row["customer_id"], row["queue"]].append(iso(row["started_at"]))
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for event in files.digital:
        if event.name == "help opened" and event.at <= cutoff(small) - DAY - 30 * 60_000:
            topic = event.row["topic"]
            near = calls[event.customer, queues[topic]]
            found[topic].append((event.customer in solved, any(event.at < at <= event.at + DAY for at in near)))
    assert set(found) == set(queues)
    for topic, hits in found.items():
        assert_figure(small, f"help.solved alone[{topic}]", sum(hit[0] for hit in hits), len(hits))
        assert_figure(small, f"help.call within 24 h[{topic}]", sum(hit[1] for hit in hits), len(hits))


def test_second_device_and_forced_account_need_resolution(small: DemoReport, files: Readback) -> None:
    """By cookie nobody converts; by person the planted share does."""
    owners: dict[str, set[str]] = defaultdict(set)
    for event in files.digital:
        if not event.app and event.customer not in (None, "anonymous"):
            owners[event.device].add(str(event.customer))
    orders = defaultdict(list)
    for row in files.orders:
        if row["kind"] == "order":
            orders[row["customer_id"]].append(row["at"])
    junk = {"null", "anonymous", "undefined", "0"}
    looked: dict[str, list[int]] = defaultdict(list)
    for event in files.digital:
        if event.name == "guest product view" and event.device not in junk:
            assert event.customer is None
            owner = owners.get(event.device, {event.device})
            assert len(owner) == 1
            looked[next(iter(owner))].append(event.at)
    bought = sum(
        any(start <= at <= start + WEEK for start in starts for at in orders[who]) for who, starts in looked.items()
    )
    counts = small.truth["counts"]
    assert counts["second device.looked as a guest (resolved people)"] == len(looked)
    assert counts["second device.ordered within 7 days (resolved people)"] == bought > 10
    checkouts = {event.device: event.at for event in files.digital if event.name == "guest checkout"}
    assert counts["guest.guest checkout (cookies)"] == len(checkouts)
    created = {event.device for event in files.digital if event.name == "account created"}
    ripe = [device for device, at in checkouts.items() if at <= cutoff(small) - DAY]
    name = "guest.account created of guest checkout (resolved people)"
    assert_figure(small, name, sum(device in created for device in ripe), len(ripe))


def test_dirt(small: DemoReport, files: Readback) -> None:
    counts = small.truth["counts"]
    web = [event for event in files.digital if not event.app]
    apps = len(files.digital) - len(web)
    assert counts["dirt.web rows sent twice"] == len(files.web_rows) - len(web) > 0
    assert counts["dirt.app rows sent twice"] == len(files.app_lines) - apps > 0
    assert len(set(files.app_lines)) == apps
    assert len(
        {str(sorted(row.items(), key=lambda item: item[0])) for row in [r | {"file": ""} for r in files.web_rows]}
    ) == len(web)
    late = [event for event in web if f"{datetime.fromtimestamp(event.at / 1_000, PARIS):%Y%m}" < event.file_month]
    assert counts["dirt.late web rows"] == len(late) > 0
    assert counts["dirt.web rows with the login 'anonymous'"] == sum(event.customer == "anonymous" for event in web)
    junk = {"null", "anonymous", "undefined", "0"}
    assert counts["dirt.web rows with a placeholder cookie"] == sum(event.device in junk for event in web) > 0
    assert counts["dirt.kiosk rows"] == sum(event.device.startswith("kiosk-") for event in web)
    strangers = sum(files.users[row["requester_id"]]["external_id"] is None for row in files.tickets)
    assert counts["dirt.tickets without a customer number"] == strangers > 0


def test_ties_and_clock_changes(small: DemoReport, files: Readback) -> None:
    counts = small.truth["counts"]
    both = files.steps(STEPS).values()
    assert counts["ties.product view = add to cart"] == sum(bool(set(one[1]) & set(one[2])) for one in both) > 0
    assert counts["ties.checkout = order"] == sum(bool(set(one[3]) & set(one[4])) for one in both) > 0
    passes = Counter(row["started_at"][11:13] + row["started_at"][19:] for row in files.outage)
    assert counts["clock change.reports in the first pass of the repeated hour"] == passes["02+02:00"] > 0
    assert counts["clock change.reports in the second pass of the repeated hour"] == passes["02+01:00"] > 0
    spring = datetime(2026, 3, 29, tzinfo=PARIS), datetime(2026, 3, 30, tzinfo=PARIS)
    there = sum(ms(spring[0]) <= event.at < ms(spring[1]) for event in files.digital)
    assert counts["clock change.web and app events on the day of 23 hours"] == there > 0


def test_books_balance(small: DemoReport, files: Readback) -> None:
    """Rows and events per source, as an import must find them."""
    stages = sum(len(row["propertiesWithHistory"]["dealstage"]) for row in files.deals)
    closed = sum(bool(row["ClosedDate"]) for row in files.cases)
    people = len(files.contacts), len(files.field_contacts), len(files.users), len(files.customers)
    talks = len(files.calls) + len(files.outage)
    field = len(files.cases) + len(files.bookings) + len(files.visits)
    desk = len(files.tickets) + len(files.audits)
    expected = {
        "ga4": (len(files.ga4), len(files.ga4)),
        "hubspot": (people[0] + len(files.deals) + len(files.invitations), stages + len(files.invitations)),
        "salesforce": (people[1] + field, field + closed),
        "zendesk": (people[2] + desk, desk),
        "calls": (talks, talks),
        "qualtrics": (len(files.surveys), len(files.surveys)),
        "stripe": (people[3] + len(files.contracts), len(files.contracts)),
        "google_play": (len(files.reviews), len(files.reviews)),
    }
    assert {name: (book["rows"], book["events"]) for name, book in small.events.items()} == expected
    assert small.total == sum(events for _, events in expected.values())


def test_stars_by_release(small: DemoReport, files: Readback) -> None:
    stars: dict[str, list[int]] = defaultdict(list)
    for row in files.reviews:
        stars[row["App Version Name"]].append(int(row["Star Rating"]))
        assert bool(row["Review Text"]) == bool(row["Review Link"])
    assert len(stars) == 3
    for version, values in stars.items():
        assert_figure(small, f"reviews.stars[{version}]", sum(values), len(values))
