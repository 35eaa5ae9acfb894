"""An account pays for all its people together, and is a customer as long as any of them has a subscription."""

from __future__ import annotations

from pathlib import Path

import desirepath

ROWS = """person,company,at,event,mrr
ann,acme,2026-01-05 10:00,subscribed,100
bob,acme,2026-01-06 10:00,subscribed,50
cat,other,2026-01-07 10:00,subscribed,30
ann,acme,2026-02-10 10:00,cancelled,
cat,other,2026-02-11 10:00,cancelled,
bob,acme,2026-03-01 00:00,looked,
"""
MAPPING = """
source: billing
time_zone: UTC
identities: {customer: person, account_id: company}
properties: [mrr, {seat: person}]
events:
  - {name: "{event}", at: at}
"""


def test_an_account_is_one_customer(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "rows.yaml").write_text(MAPPING)
    asked = {"starts": "subscribed", "changes": None, "ends": "cancelled", "period": "2026-01-01..2026-02-28"}
    with desirepath.create(tmp_path / "workspace", time_zone="UTC") as ws:
        ws.import_files([tmp_path / "rows.csv"], tmp_path / "rows.yaml")
        people = ws.ask("subscriptions", **asked).table.to_pylist()[-1]
        assert (people["customers_start"], people["customers_churn"], people["mrr_churn"]) == (3, 2, 130)
        answer = ws.ask("subscriptions", **asked, key="seat", unit="account")
        row = answer.table.to_pylist()[-1]
        assert (row["customers_start"], row["customers_churn"], row["customers_contraction"]) == (2, 1, 1)
        assert (row["mrr_start"], row["mrr_contraction"], row["mrr_churn"], row["mrr_end"]) == (180, 100, 30, 50)
        shrunk = answer.people(bucket="2026-02", movement="contraction")
        assert shrunk.column("account").to_pylist() == ["account_id:acme"]
