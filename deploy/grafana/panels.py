"""What the overview shows, in plain values: rows of panels, each with its question, queries, unit and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

RATE = "$__rate_interval"
"""Grafana's window for rates: four scrapes, or what a pixel stands for."""


class Shape(StrEnum):
    """How a panel shows its values."""

    NUMBER = "number"
    LINES = "lines"
    STACKED = "stacked"


class Unit(StrEnum):
    """Grafana's names of units."""

    COUNT = "short"
    SECONDS = "s"
    PER_SECOND = "suffix:/s"
    SHARE = "percentunit"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression; `legend` names its series."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. From `warn` on it is amber, from `bad` on red: the limits of the alerting rules where there is one."""

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: Unit = Unit.COUNT
    shape: Shape = Shape.LINES
    warn: float | None = None
    bad: float | None = None
    width: int = 8
    height: int = 8
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A titled row of panels; a folded one is open on demand."""

    title: str
    panels: tuple[Panel, ...] = field(default=())
    folded: bool = False


def _number(
    title: str,
    description: str,
    expr: str,
    unit: Unit = Unit.COUNT,
    warn: float | None = None,
    bad: float | None = None,
) -> Panel:
    whole = 0 if unit is Unit.COUNT else None
    return Panel(title, description, (Query(expr),), unit, Shape.NUMBER, warn, bad, width=3, height=4, decimals=whole)


def _quantiles(metric: str, labels: str = "") -> tuple[Query, ...]:
    """Half, 95 and 99 of a hundred."""
    rates = f"sum by (le) (rate({metric}_bucket{labels}[{RATE}]))"
    shares = ((0.5, "half"), (0.95, "95 %"), (0.99, "99 %"))
    return tuple(Query(f"histogram_quantile({share}, {rates})", name) for share, name in shares)


ROWS: tuple[Row, ...] = (
    Row(
        "Is somebody needed?",
        (
            _number(
                "Alerting rules that fire",
                "Rules of deploy/prometheus/rules.yml that fire now. Each has a page in docs/runbooks.",
                'count(ALERTS{alertstate="firing"}) or vector(0)',
                warn=1,
                bad=3,
            ),
            _number(
                "Processes down",
                "Processes that shall run and do not answer.",
                'count(up{job="tocsin"} == 0) or vector(0)',
                bad=1,
            ),
            _number(
                "Oldest input in hand",
                "How old what is being processed is, where it is oldest. An urgent case has ten minutes in all.",
                "max(tocsin_task_lag_seconds)",
                Unit.SECONDS,
                warn=10,
                bad=120,
            ),
            _number(
                "Gate to alert, 95 %",
                "From the gate to the alert in its bureau's topic, for 95 of 100 alerts of the last hour.",
                "histogram_quantile(0.95, sum by (le) (rate(tocsin_gate_to_alert_seconds_bucket[1h])))",
                Unit.SECONDS,
                warn=2.5,
                bad=10,
            ),
            _number(
                "Refused, last hour",
                "Share of the events taken in that were refused.",
                "sum(increase(tocsin_rejects_total[1h]))"
                " / (sum(increase(tocsin_gate_records_total[1h])) > 0) or vector(0)",
                Unit.SHARE,
                warn=0.02,
                bad=0.05,
            ),
            _number(
                "Set aside, last day",
                "Records that met a defect of the program: whom they were about nobody finds until it is mended.",
                "sum(increase(tocsin_task_quarantined_total[1d]))",
                bad=1,
            ),
            _number(
                "List last changed",
                "Since the newest change of the list of persons, whoever made it.",
                "time() - max(tocsin_watchlist_newest_timestamp_seconds)",
                Unit.SECONDS,
                warn=86_400,
                bad=172_800,
            ),
            _number(
                "Deliveries wait since",
                "Age of the oldest message that waits for an endpoint.",
                "max(tocsin_forwarder_oldest_undelivered_seconds)",
                Unit.SECONDS,
                warn=300,
                bad=900,
            ),
        ),
    ),
    Row(
        "What comes in",
        (
            Panel(
                "Events by participant",
                "What the gate takes in. A participant that falls silent shows here first.",
                (Query(f"sum by (participant) (rate(tocsin_gate_records_total[{RATE}]))", "{{participant}}"),),
                Unit.PER_SECOND,
                Shape.STACKED,
            ),
            Panel(
                "Events by kind",
                "Incidents, watchlist entries and responses.",
                (Query(f"sum by (kind) (rate(tocsin_gate_records_total[{RATE}]))", "{{kind}}"),),
                Unit.PER_SECOND,
                Shape.STACKED,
            ),
            Panel(
                "Records by stage",
                "What each stage processes, the ticks of every second included: none of them is ever at zero.",
                (Query(f"sum by (stage) (rate(tocsin_task_records_total[{RATE}]))", "{{stage}}"),),
                Unit.PER_SECOND,
            ),
        ),
    ),
    Row(
        "What is refused",
        (
            Panel(
                "Refused by participant, share",
                "Share of a participant's events that was refused.",
                (
                    Query(
                        "sum by (participant) (increase(tocsin_rejects_total[15m]))"
                        " / (sum by (participant) (increase(tocsin_gate_records_total[15m])) > 0)",
                        "{{participant}}",
                    ),
                ),
                Unit.SHARE,
                warn=0.02,
                bad=0.05,
            ),
            Panel(
                "Refused by reason",
                "Reasons as the participant reads them in its rejects topic.",
                (Query(f"sum by (reason) (rate(tocsin_reject_reasons_total[{RATE}])) > 0", "{{reason}}"),),
                Unit.PER_SECOND,
                Shape.STACKED,
            ),
            Panel(
                "Defects",
                "Records set aside, tries that failed, records heard twice (the gate repeats itself after a crash).",
                (
                    Query(f"sum(rate(tocsin_task_quarantined_total[{RATE}]))", "set aside"),
                    Query(f"sum(rate(tocsin_task_failed_tries_total[{RATE}]))", "failed tries"),
                    Query(f"sum(rate(tocsin_task_repeats_total[{RATE}]))", "heard twice"),
                ),
                Unit.PER_SECOND,
            ),
        ),
    ),
    Row(
        "How long it takes",
        (
            Panel(
                "From the gate to the alert",
                "The pipeline's own time, for alerts that an incident raised.",
                _quantiles("tocsin_gate_to_alert_seconds"),
                Unit.SECONDS,
                warn=2.5,
                bad=10,
            ),
            Panel(
                "From what happened to the alert",
                "With the bureau's own delay in reporting; alerts that an entry raised later are left out.",
                _quantiles("tocsin_incident_to_alert_seconds", '{retrospective="no"}'),
                Unit.SECONDS,
            ),
            Panel(
                "The last hop",
                "From the decision to the alert in its topic, all revisions.",
                _quantiles("tocsin_alert_last_hop_seconds"),
                Unit.SECONDS,
            ),
        ),
    ),
    Row(
        "What waits",
        (
            Panel(
                "Lag in seconds",
                "How old what is being processed is while records wait, by topic, where it is oldest.",
                (Query("max by (topic) (tocsin_task_lag_seconds)", "{{topic}}"),),
                Unit.SECONDS,
                warn=10,
                bad=120,
                width=12,
            ),
            Panel(
                "Lag in events",
                "Offsets to the end of the input, by topic. One a partition that stays is a transaction's marker.",
                (Query("sum by (topic) (tocsin_task_lag_events)", "{{topic}}"),),
                width=12,
            ),
        ),
    ),
    Row(
        "Transactions",
        (
            Panel(
                "Batches by outcome",
                "committed, idle (nothing to make durable) and aborted (done again).",
                (Query(f"sum by (outcome) (rate(tocsin_task_batches_total[{RATE}]))", "{{outcome}}"),),
                Unit.PER_SECOND,
            ),
            Panel(
                "How long they take",
                "From begin to committed, for 99 of 100.",
                (
                    Query(
                        "histogram_quantile(0.99, sum by (stage, le)"
                        f" (rate(tocsin_task_transaction_seconds_bucket[{RATE}])))",
                        "{{stage}}",
                    ),
                ),
                Unit.SECONDS,
                warn=1,
                bad=2,
            ),
            Panel(
                "Held back by an open transaction",
                "For how long nobody has been able to read committed records any further.",
                (Query("max by (topic) (tocsin_task_stable_offset_still_seconds)", "{{topic}}"),),
                Unit.SECONDS,
                warn=30,
                bad=90,
            ),
        ),
    ),
    Row(
        "The watchlist",
        (
            Panel(
                "Persons on the list",
                "As each joins worker holds it. Lines that part are copies that differ.",
                (Query("tocsin_watchlist_persons > 0", "{{instance}}"),),
            ),
            Panel(
                "Freshness",
                "Since the newest change that each worker has read.",
                (Query("time() - (tocsin_watchlist_newest_timestamp_seconds > 0)", "{{instance}}"),),
                Unit.SECONDS,
                warn=86_400,
                bad=172_800,
            ),
            Panel(
                "How far back entries find incidents",
                "Of the window's 30 days, where it reaches least far.",
                (Query("time() - max(tocsin_window_horizon_timestamp_seconds > 0)", "window"),),
                Unit.SECONDS,
            ),
            Panel(
                "What the stages hold",
                "Rows of the window; entries and pairs that cases knows.",
                (
                    Query('sum(tocsin_stage_state{stage="sightings", what="rows"})', "rows in the window"),
                    Query('sum(tocsin_stage_state{stage="cases", what="entries"})', "entries"),
                    Query('sum(tocsin_stage_state{stage="cases", what="pairs"})', "pairs"),
                ),
                width=12,
            ),
            Panel(
                "Very common names",
                "Name keys that more than 10,000 persons of the list share.",
                (Query("max(tocsin_watchlist_hot_keys)", "keys"),),
                width=12,
            ),
        ),
    ),
    Row(
        "Alerts and answers",
        (
            Panel(
                "Alerts raised an hour",
                "Across borders, each once. Retrospective: the entry came after the incident.",
                (
                    Query(
                        'sum by (retrospective) (increase(tocsin_incident_to_alert_seconds_count{mode="ACTUAL"}[1h]))',
                        "retrospective: {{retrospective}}",
                    ),
                ),
                shape=Shape.STACKED,
                width=6,
            ),
            Panel(
                "Alerts by country",
                "All of the last 90 days, by the incident's country.",
                (Query('sum by (country) (tocsin_alerts_total{mode="ACTUAL"})', "{{country}}"),),
                shape=Shape.STACKED,
                width=6,
            ),
            Panel(
                "Alerts that stand",
                "By band.",
                (Query('sum by (band) (tocsin_alerts_live{mode="ACTUAL"})', "{{band}}"),),
                shape=Shape.STACKED,
                width=6,
            ),
            Panel(
                "Not answered in time",
                "Requests made again, and cases escalated to the coordinator, since the stack was provisioned.",
                (
                    Query('sum(tocsin_stage_state{stage="cases", what="requested_again"})', "requested again"),
                    Query('sum(tocsin_stage_state{stage="cases", what="escalated"})', "escalated"),
                ),
                width=6,
            ),
        ),
    ),
    Row(
        "Deliveries",
        (
            Panel(
                "Attempts by outcome",
                "DELIVERED, or why not.",
                (Query(f"sum by (outcome) (rate(tocsin_forwarder_attempts_total[{RATE}]))", "{{outcome}}"),),
                Unit.PER_SECOND,
                Shape.STACKED,
                width=6,
            ),
            Panel(
                "Oldest that waits",
                "Age of the oldest message, by participant.",
                (Query("max by (participant) (tocsin_forwarder_oldest_undelivered_seconds)", "{{participant}}"),),
                Unit.SECONDS,
                warn=300,
                bad=900,
                width=6,
            ),
            Panel(
                "Waiting, and endpoints disabled",
                "Messages that wait, by participant; endpoints that get nothing until their bureau enables them.",
                (
                    Query("sum by (participant) (tocsin_forwarder_queue_depth)", "{{participant}}"),
                    Query("sum(tocsin_forwarder_disabled_endpoints)", "endpoints disabled"),
                ),
                width=6,
            ),
            Panel(
                "From queued to delivered",
                "Retries included.",
                _quantiles("tocsin_forwarder_delivery_delay_seconds"),
                Unit.SECONDS,
                width=6,
            ),
        ),
    ),
    Row(
        "Processes",
        (
            Panel(
                "Processor",
                "Cores in use.",
                (Query(f'rate(process_cpu_seconds_total{{job="tocsin"}}[{RATE}])', "{{instance}}"),),
            ),
            Panel(
                "Memory",
                "Resident.",
                (Query('process_resident_memory_bytes{job="tocsin"}', "{{instance}}"),),
                Unit.BYTES,
            ),
            Panel(
                "Running since",
                "A line that falls to zero is a restart.",
                (Query('time() - process_start_time_seconds{job="tocsin"}', "{{instance}}"),),
                Unit.SECONDS,
            ),
        ),
        folded=True,
    ),
)
