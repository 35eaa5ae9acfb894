"""A simulated company whose data holds a known truth.

>>> from desirepath.demo import simulate, check
>>> report = simulate(Path("quillwave"), people=20_000)                          # doctest: +SKIP
>>> check(report.truth, "purchase.order.of_entered", 0.19, 0.18, 0.20).recovered  # doctest: +SKIP
True
"""

from desirepath.demo.company import Company
from desirepath.demo.simulate import DemoReport, simulate
from desirepath.demo.truth import Check, check, read_truth

__all__ = ["Check", "Company", "DemoReport", "check", "read_truth", "simulate"]
