"""Churn on real data: known shares, curves and reasons, through a whole workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from real_data import DATA, expected, needs_data

import desirepath
from desirepath import Workspace

pytestmark = needs_data

CUSTOMERS = DATA / "telco_churn" / "customers.parquet"
SAAS = DATA / "ravenstack_saas"

MAPPING = """
source: customers
time_zone: UTC
identities: {customer: customer}
properties: [contract, reason, charges]
events:
  - {name: "{event}", at: at}
"""
MONTH = "INTERVAL 30 DAY"
END = "TIMESTAMP '2024-06-30 12:00:00'"


def workspace(folder: Path, sql: str) -> Workspace:
    """Return a workspace of the rows of a query: customer, event, at, contract, reason, charges."""
    duckdb.sql(sql).write_parquet(str(folder / "events.parquet"))
    (folder / "events.yaml").write_text(MAPPING)
    ws = desirepath.create(folder / "workspace", time_zone="UTC")
    ws.import_files([folder / "events.parquet"], folder / "events.yaml")
    return ws


@pytest.fixture(scope="module")
def telco(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Everybody signs up their tenure ago; who left leaves now, and the others are seen up to now."""
    sql = f"""SELECT customerid AS customer, 'signed up' AS event, {END} - tenure_months * {MONTH} AS at,
            contract, NULL AS reason, total_charges AS charges FROM '{CUSTOMERS}'
        UNION ALL SELECT customerid, 'left', {END}, contract, churn_reason, NULL
            FROM '{CUSTOMERS}' WHERE churn_value = 1
        UNION ALL SELECT 'clock', 'looked', {END}, NULL, NULL, NULL"""
    with workspace(tmp_path_factory.mktemp("telco"), sql) as ws:
        yield ws


def test_the_share_that_left_and_by_contract(telco: Workspace) -> None:
    known = expected("telco_churn")
    answer = telco.ask("churn", active="signed up", ends="left", reason="reason", breakdown="contract")
    period = {row["group"]: row for row in answer.extra("period").to_pylist()}
    everybody = period["(everyone)"]
    assert (everybody["customers"], everybody["ended"]) == (known["customers"], known["churned"])
    assert everybody["of_customers_ended"] == pytest.approx(known["rate"], abs=5e-6)
    for contract, rate in known["churn_by_contract"].items():
        assert period[contract]["of_customers_ended"] == pytest.approx(rate, abs=5e-7)
        low, high = period[contract]["of_customers_ended_low"], period[contract]["of_customers_ended_high"]
        assert low < rate < high


def test_how_long_they_stay(telco: Workspace) -> None:
    answer = telco.ask("churn", active="signed up", ends="left", reason="reason")
    curve = {
        row["after_seconds"] // (30 * 86_400): row["of_begun_still"] for row in answer.extra("survival").to_pylist()
    }
    for month, still in expected("telco_churn")["km_survival"].items():
        assert curve[int(month)] == pytest.approx(still, abs=5e-7)


def test_the_reasons_that_they_state(telco: Workspace) -> None:
    known = expected("telco_churn")
    answer = telco.ask("churn", active="signed up", ends="left", reason="reason")
    reasons = dict(zip(answer.extras["reasons"]["reason"], answer.extras["reasons"]["people"], strict=True))
    assert {reason: reasons[reason] for reason in known["top_reasons"]} == known["top_reasons"]
    assert sum(reasons.values()) == known["churned"]
    for reason, people in known["top_reasons"].items():
        assert answer.people(reason=reason).num_rows == people


def test_totals_that_are_blank_are_told(telco: Workspace) -> None:
    known = expected("telco_churn")["blank_total_charges"]
    answer = telco.ask("subscriptions", starts="signed up", changes=None, ends="left", amount="charges")
    (text,) = [notice.text for notice in answer.warnings if notice.code == "unreadable_amounts"]
    assert text.startswith(f"{known} starts or changes have no amount")


def test_ends_of_accounts_that_had_ended_are_told(tmp_path: Path) -> None:
    known = expected("ravenstack_saas")
    sql = f"""SELECT account_id AS customer, 'signed up' AS event, signup_date AS at, NULL AS contract,
            NULL AS reason, NULL AS charges FROM '{SAAS}/accounts.parquet'
        UNION ALL SELECT account_id, 'left', churn_date + INTERVAL 1 HOUR, NULL, reason_code, NULL
            FROM '{SAAS}/churn_events.parquet'"""
    firsts = duckdb.sql(
        f"""SELECT arg_min(reason_code, churn_date), count(*), min(churn_date) < min(signup_date)
        FROM '{SAAS}/churn_events.parquet' JOIN '{SAAS}/accounts.parquet' USING (account_id) GROUP BY account_id"""
    ).fetchall()
    with workspace(tmp_path, sql) as ws:
        answer = ws.ask("churn", active="signed up", ends="left", reason="reason")
        (period,) = answer.extra("period").to_pylist()
        assert (period["customers"], period["ended"]) == (known["accounts"], known["accounts_with_churn_event"])
        (text,) = [notice.text for notice in answer.warnings if notice.code == "before_start"]
        assert text.startswith(f"{known['churn_events'] - known['accounts_with_churn_event']} ends of what had not")
        reasons = Counter(dict(zip(*(answer.extras["reasons"][name] for name in ("reason", "people")), strict=True)))
        assert sum(reasons.values()) == len(firsts)
        assert not any(before for _, _, before in firsts)
        differ = reasons - Counter(reason for reason, _, _ in firsts)
        assert differ.total() <= 1, "one account has two reasons at one moment"
