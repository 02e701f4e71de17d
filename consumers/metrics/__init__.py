"""Statistics of alerts for Prometheus, counted from the coordinator's own topic."""

from consumers.metrics.figures import Figures
from consumers.metrics.service import MetricsService
from consumers.metrics.statistics import Statistics

__all__ = ["Figures", "MetricsService", "Statistics"]
