"""The simulation as a whole: repeatable, plausible, planted values recovered, mappings that fit."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from demo_readback import PARIS, Readback, iso, local

from desirepath.connectors.choosing import recognised
from desirepath.connectors.connector import Given
from desirepath.connectors.files import every_file
from desirepath.connectors.mapping_file import read_mapping
from desirepath.connectors.registry import connector
from desirepath.connectors.translating import records_of
from desirepath.demo import Company, DemoReport, check, read_truth, simulate
from desirepath.demo.clock import DAY, HOUR, Clock
from desirepath.demo.mappings import MAPPINGS
from desirepath.demo.text import hexes, numbered
from desirepath.demo.truth import reached
from desirepath.errors import InputError, MomentError, UnknownNameError


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_other_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate(tmp_path / name, people=600, seed=seed, chunk=250 * 2)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert first == again
    changed = {name for name in first if first[name] != other.get(name)}
    assert changed == {name for name in first if not name.endswith("mapping.yaml")}


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    simulate(tmp_path / "a", people=900, seed=5)
    simulate(tmp_path / "a", people=600, seed=5)
    simulate(tmp_path / "b", people=600, seed=5)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_default_company_gives_the_first_answers_back(default: DemoReport) -> None:
    figures = default.truth["figures"]
    first = [name for name in figures if re.match(r"(purchase|repair)\..*of_entered", name)]
    assert len(first) == 40
    for name in first:
        value, error = figures[name]["realised"], figures[name]["standard_error"]
        assert check(default.truth, name, value, value - 1.96 * error, value + 1.96 * error).recovered, name
    assert 200_000 < default.total < 500_000


@pytest.mark.parametrize("seed", [11, 12])
def test_planted_within_sampling_error(tmp_path: Path, seed: int) -> None:
    truth = simulate(tmp_path / "x", people=12_000, seed=seed, chunk=4_000).truth
    gaps = [
        (figure["realised"] - figure["planted"]) / figure["standard_error"]
        for figure in truth["figures"].values()
        if figure["planted"] is not None and figure["standard_error"] and figure["of"] >= 30
    ]
    assert len(gaps) > 110
    assert max(map(abs, gaps)) < 4.5
    assert sum(abs(gap) > 1.96 for gap in gaps) < 0.15 * len(gaps)


def test_planted_values_are_the_parameters(default: DemoReport) -> None:
    plan, figures = Company(), default.truth["figures"]
    for name, value in (
        ("purchase.checkout.of_previous[web]", plan.step_web[2]),
        ("purchase.checkout.of_previous[app]", plan.step_app[2]),
        ("instead.call within 24 h of dropped at checkout", plan.instead_call),
        ("nps.repair[rescheduled 0]", 0.38),
        ("nps.repair[rescheduled 1]", -0.12),
        ("nps.repair[rescheduled 2+]", -0.50),
        ("repair.repaired.of_previous", 0.93),
        ("repair.calls per case[rescheduled 1]", 1.8),
        ("help.solved alone[printer offline]", 0.38),
        ("purchase.payment error of checkout[web, incident week]", plan.error_incident),
    ):
        assert figures[name]["planted"] == pytest.approx(value, abs=1e-6), name
    assert default.truth["planted"]["absent_cost"] == plan.absent_cost
    planted = [
        figures[f"purchase.order.of_entered[{name}]"]["planted"]
        for name in ("newsletter", "(none)", "search-generic", "social")
    ]
    assert planted == sorted(planted, reverse=True)


def test_other_parameters_change_the_company(tmp_path: Path) -> None:
    plan = Company(
        step_app=(1.0, 1.0, 1.0, 1.0),
        campaign_view=(1, 1, 1, 1, 1),
        campaign_cart=(1, 1, 1, 1, 1),
        slow_order=0.0,
    )
    figures = simulate(tmp_path / "x", people=2_000, seed=1, company=plan).truth["figures"]
    assert figures["purchase.product view.of_entered[app]"]["realised"] > 0.95
    assert figures["purchase.product view.of_entered[web]"]["realised"] < 0.80


def test_people_are_unique_over_chunks(small: DemoReport, files: Readback) -> None:
    for rows, key in (
        (files.deals, "id"),
        (files.invitations, "id"),
        (files.calls, "call_id"),
        (files.contracts, "id"),
        (files.surveys, "ResponseId"),
        (files.cases, "Id"),
        (files.bookings, "Id"),
        (files.visits, "Id"),
        (files.tickets, "id"),
        (files.audits, "id"),
    ):
        assert len({row[key] for row in rows}) == len(rows) > 0
    who = pq.read_table(small.folder / "truth-identities.parquet").to_pylist()
    owners = defaultdict(set)
    for row in who:
        owners[row["kind"], row["value"]].add(row["person"])
    strong = ("user_id", "email", "hubspot_contact", "stripe_customer", "salesforce_contact", "zendesk_user")
    for kind in strong:
        assert all(len(found) == 1 for (one, _), found in owners.items() if one == kind)
    seen = {("user_id", event.customer) for event in files.digital if event.customer not in (None, "anonymous")}
    seen |= {("client_id", event.device) for event in files.digital}
    seen |= {("user_id", row["customer_id"]) for row in (*files.orders, *files.calls, *files.outage)}
    seen |= {("user_id", row["ExternalReference"]) for row in files.surveys}
    seen |= {("email", row["RecipientEmail"]) for row in files.surveys}
    seen |= {("hubspot_contact", own) for own in files.contacts}
    seen |= {("stripe_customer", own) for own in files.customers}
    seen |= {("salesforce_contact", own) for own in files.field_contacts}
    seen |= {("zendesk_user", str(own)) for own, row in files.users.items() if row["role"] == "end-user"}
    assert seen <= set(owners)
    households = [
        value
        for (kind, value), found in owners.items()
        if kind == "client_id" and len(found) == 2 and value.startswith("k") and not value.startswith("kiosk")
    ]
    assert 0 < len(households) <= small.truth["counts"]["people.customers sharing a household cookie"] / 2
    assert max(len(found) for (kind, value), found in owners.items() if value.startswith("kiosk-")) > 10


def test_ids_are_as_their_vendors_write_them(files: Readback) -> None:
    from desirepath.connectors.salesforce_objects import long_id

    for rows, columns in ((files.cases, ("Id", "ContactId")), (files.visits, ("Id", "WhoId", "WhatId"))):
        assert all(long_id(row[column][:15]) == row[column] for row in rows for column in columns)
    assert all(re.fullmatch(r"R_[0-9a-zA-Z]{15}", row["ResponseId"]) for row in files.surveys)
    assert all(re.fullmatch(r"cus_\w{14}", own) for own in files.customers)


def test_chunk_size_leaves_the_meaning_alone(tmp_path: Path) -> None:
    one = simulate(tmp_path / "one", people=6_000, seed=4, chunk=6_000)
    many = simulate(tmp_path / "many", people=6_000, seed=4, chunk=500)
    assert one.truth["planted"] == many.truth["planted"]
    assert abs(one.total - many.total) < 0.05 * one.total
    for name in (
        "purchase.order.of_entered",
        "repair.repaired.of_entered",
        "churn.cancelled of due",
        "nps.order[on time]",
    ):
        a, b = one.truth["figures"][name], many.truth["figures"][name]
        assert abs(a["realised"] - b["realised"]) < 4 * np.hypot(a["standard_error"], b["standard_error"])


def test_times_are_plausible(files: Readback) -> None:
    hours = Counter(
        datetime.fromtimestamp(event.at / 1_000, PARIS).hour for event in files.digital if event.name != "kiosk report"
    )
    assert hours[20] > 5 * hours[3]
    assert {datetime.fromisoformat(row["started_at"]).hour for row in files.calls} == set(range(8, 20))
    for row in files.orders:
        dates = [row[name] for name in ("at", "approved", "shipped", "delivered") if row.get(name)]
        assert dates == sorted(dates)
    visits = [datetime.fromisoformat(row["CompletedDateTime"]).astimezone(PARIS) for row in files.visits]
    assert all(visit.weekday() != 6 and 8 <= visit.hour < 20 for visit in visits)
    booked: dict[str, list[int]] = defaultdict(list)
    for row in files.bookings:
        booked[row["CaseId"]].append(iso(row["CreatedDate"]))
    for row in files.visits:
        assert iso(row["CompletedDateTime"]) > sorted(booked[row["WhatId"]])[int(row["Attempt__c"]) - 1]
    totals = sorted(row["total"] for row in files.orders)
    assert totals[-1] > 10 * totals[len(totals) // 2]


def test_the_last_event_is_the_cutoff(small: DemoReport, files: Readback) -> None:
    assert small.truth["cutoff"] == "2026-06-30T23:59:59+02:00"
    end = datetime.fromisoformat(small.truth["cutoff"]).timestamp() * 1_000
    assert max(event.at for event in files.digital) == end
    moments = [row[name] for row in files.orders for name in ("at", "delivered") if row.get(name)]
    moments += [iso(row["CompletedDateTime"]) for row in files.visits]
    moments += [local(row["RecordedDate"]) for row in files.surveys]
    moments += [iso(row["ClosedDate"]) for row in files.cases if row["ClosedDate"]]
    moments += [iso(row["created_at"]) for row in files.audits]
    assert all(at <= end for at in moments)


def test_comments_in_three_languages_fit_the_score(files: Readback) -> None:
    texts = {
        language: {row["comment"] for row in files.surveys if row["UserLanguage"] == language and row["comment"]}
        for language in ("EN", "DE", "FR")
    }
    assert all(len(found) > 8 for found in texts.values())
    assert not texts["EN"] & texts["FR"]
    assert all(
        int(row["Q1"]) <= 6
        for row in files.surveys
        if row["comment"].startswith(("Never again", "Nie wieder", "Plus jamais"))
    )
    absent = {row["WhatId"] for row in files.visits if row["Outcome__c"] == "customer absent"}
    assert all(row["touchpoint_id"] in absent for row in files.surveys if "rescheduled" in row["comment"])


def test_what_is_said_on_the_phone(files: Readback) -> None:
    spoken: dict[str, set[str]] = defaultdict(set)
    for row in (*files.calls, *files.outage):
        turns = row["turns"]
        assert [turn["speaker"] for turn in turns] == ["agent", "customer", "agent", "customer"]
        assert [turn["start_s"] for turn in turns] == sorted(turn["start_s"] for turn in turns)
        spoken[f"{row['queue']} {row['language']}"].add(turns[1]["text"])
    assert len(spoken) == 18
    assert all(len(texts) <= 2 for texts in spoken.values())
    assert sum(len(texts) == 2 for texts in spoken.values()) >= 15


@pytest.mark.parametrize("source", sorted(MAPPINGS))
def test_mappings_name_what_there_is(small: DemoReport, source: str) -> None:
    """Every file is recognised as its connector's, and every name that the mapping changes occurs."""
    mapping = read_mapping(small.folder / source / "mapping.yaml")
    known = connector(str(mapping.connector))
    given = Given(known.settle(mapping.options), mapping.time_zone)
    names: set[str] = set()
    for path in every_file([small.folder / source]):
        assert recognised(path) == [mapping.connector], path.name
        for _, records in records_of(known, path, given):
            for record in records:
                rows = list(known.translate(record.stream, record.data, given))
                names |= {row.name for row in rows if row.kind == "event"}
                names |= {str(row.state["name"]) for row in rows if row.state}
    assert set(mapping.names) <= names


def test_check_says_recovered_and_exact(small: DemoReport) -> None:
    truth = read_truth(small.folder)
    assert truth == json.loads(json.dumps(small.truth))
    name = "purchase.order.of_entered"
    planted, realised = truth["figures"][name]["planted"], truth["figures"][name]["realised"]
    found = check(truth, name, realised, planted - 0.01, planted + 0.01)
    assert found.recovered and found.exact
    missed = check(truth, name, realised + 0.1, planted + 0.05, planted + 0.15)
    assert not missed.recovered and not missed.exact
    with pytest.raises(UnknownNameError, match=r"purchase\.order\.of_entered"):
        check(truth, "purchase.order.of_enterd", 0.1, 0.0, 0.2)


def test_refusals(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        simulate(tmp_path / "mine", people=100)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="too small"):
        simulate(tmp_path / "x", people=3)
    with pytest.raises(InputError, match="even"):
        simulate(tmp_path / "x", people=1_000, chunk=251)
    with pytest.raises(MomentError, match="ISO date"):
        simulate(tmp_path / "x", people=1_000, end="30.06.2026")
    with pytest.raises(InputError, match=r"truth\.json"):
        read_truth(tmp_path / "nowhere")


def test_progress_and_another_end(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    report = simulate(
        tmp_path / "x",
        people=250,
        chunk=100,
        end="2025-11-30",
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(100, 250), (200, 250), (250, 250)]
    assert report.truth["cutoff"].startswith("2025-11-30T23:59:59+01:00")
    assert report.truth["clock_change"] == {
        "repeated hour begins": "2025-10-26T02:00:00+02:00",
        "day of 23 hours": None,
    }


def test_clock_over_both_changes() -> None:
    clock = Clock(date(2026, 6, 30), 300, "Europe/Paris")
    moments = np.arange(clock.begin, clock.cutoff, 1_800_000, dtype=np.int64)
    expected = [datetime.fromtimestamp(at / 1_000, PARIS).replace(tzinfo=None).isoformat() for at in moments.tolist()]
    assert [str(value) for value in clock.local(moments).astype("datetime64[ms]").astype("datetime64[s]")] == expected
    back = clock.utc(clock.local(moments))
    twice = moments[back != moments]
    assert set((moments - back).tolist()) == {0, HOUR} and len(twice) == 2
    skipped = np.array([np.datetime64("2026-03-29T02:30").astype("datetime64[ms]").astype(np.int64)])
    assert clock.moment(int(clock.utc(skipped)[0])) == "2026-03-29T03:30:00+02:00"
    noon = clock.draw(np.random.default_rng(1), 5_000, 10, 12)
    assert set(np.unique(clock.local(noon) // DAY - clock.midnight // DAY)) == {10, 11}


def test_reached_by_hand() -> None:
    def events(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        people, at = zip(*pairs, strict=True)
        return np.array(people), np.array(at)

    found, done, start = reached(
        [events((1, 0), (1, 50), (2, 0), (3, 10), (5, 7)), events((1, 55), (2, 11), (3, 10), (4, 1), (5, 6))],
        10,
        -5,
    )
    assert [list(step) for step in found] == [
        [1, 2, 3, 5],
        [1, 3],
    ]  # 2: after the window; 3: same instant; 5: before the entry
    assert list(done) == [55, 10] and list(start) == [50, 10]


def test_text_of_numbers() -> None:
    assert numbered(np.array([0, 12345678]), "C").to_pylist() == ["C00000000", "C12345678"]
    codes = hexes(np.arange(10_000), "k").to_pylist()
    assert len(set(codes)) == 10_000 and all(re.fullmatch("k[0-9a-f]{16}", code) for code in codes)
