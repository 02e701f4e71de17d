"""Seeded traffic with a known truth: pure functions, and the files that hold it."""

from producers.simulate.files import write_traffic
from producers.simulate.plan import Bureau, Difficulty, ImpossiblePlan, Plan, Traffic, Truth
from producers.simulate.traffic import simulate

__all__ = ["Bureau", "Difficulty", "ImpossiblePlan", "Plan", "Traffic", "Truth", "simulate", "write_traffic"]
