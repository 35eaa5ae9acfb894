"""Real files whose order cannot be trusted are told so."""

from __future__ import annotations

from pathlib import Path

import duckdb
from real_data import DATA, needs_data

import desirepath

pytestmark = needs_data

RAVEN = """
source: raven
time_zone: UTC
tables:
  - files: accounts.parquet
    key: [account_id]
    identities: {customer_id: account_id}
    events: [{name: signed up, at: signup_date}]
  - files: support_tickets.parquet
    key: [ticket_id]
    identities: {customer_id: account_id}
    events: [{name: ticket opened, at: submitted_at}]
"""
METRIC = """
metrics:
  - metric: tickets before sign-up
    group: service
    says: The share of accounts with a ticket before their sign-up; none should have one.
    question: out_of_order
    fields: {first: signed up, then: ticket opened}
    number: {column: of_followed, row: {event: ticket opened}, n: people}
    form: share
    denominator: accounts with a ticket and a sign-up
    better: lower
    alert: {above: 0.01}
    people: {event: ticket opened, outcome: early}
"""


def test_tickets_before_the_sign_up_raise_an_alarm(tmp_path: Path) -> None:
    (tmp_path / "raven.yaml").write_text(RAVEN)
    folder = DATA / "ravenstack_saas"
    early, accounts = duckdb.sql(
        f"""SELECT count(*), count(DISTINCT account_id) FROM '{folder}/support_tickets.parquet'
        JOIN '{folder}/accounts.parquet' USING (account_id)
        WHERE CAST(submitted_at AS TIMESTAMP) < CAST(signup_date AS TIMESTAMP)"""
    ).fetchall()[0]
    assert early == 1_077
    with desirepath.create(tmp_path / "raven", time_zone="UTC") as ws:
        ws.import_files([folder / "accounts.parquet", folder / "support_tickets.parquet"], tmp_path / "raven.yaml")
        answer = ws.ask("out_of_order", first="signed up", then="ticket opened")
        (row,) = answer.table.to_pylist()
        assert (row["events"], row["early_events"], row["early"]) == (2_000, early, accounts)
        assert answer.warnings[0].code == "out_of_order"
        (ws.root / "metrics" / "data.yaml").write_text(METRIC)
        alarm = ws.metric("tickets before sign-up")
        assert alarm.warnings[0].code == "alert"
        assert alarm.people().num_rows == accounts
