"""What each dashboard shows. Every figure that it names is one that a part exports; a test holds this."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Panel:
    """One graph or figure."""

    title: str
    queries: dict[str, str]
    """Legend → PromQL."""
    unit: str = "short"
    """One of Grafana's names of units."""
    wide: bool = False
    figure: bool = False
    """One large number instead of a graph."""


@dataclass(frozen=True)
class Board:
    """One dashboard."""

    uid: str
    title: str
    panels: list[Panel] = field(default_factory=list)


_RATE = "[$__rate_interval]"


def _quantiles(metric: str, by: str = "") -> dict[str, str]:
    group = f"le{f', {by}' if by else ''}"
    return {
        f"{name}{f' {{{{{by}}}}}' if by else ''}": (
            f"histogram_quantile({quantile}, sum by ({group}) (rate({metric}_bucket{_RATE})))"
        )
        for name, quantile in {"p50": 0.5, "p95": 0.95, "p99": 0.99}.items()
    }


OVERVIEW = Board(
    "cos-overview",
    "Chief of Staff: overview",
    [
        Panel("Parts that answer", {"{{job}}": "sum by (job) (up)"}, figure=True),
        Panel("Tasks at work", {"": 'max(ledger_tasks{status="in_progress"})'}, figure=True),
        Panel("Tasks that wait", {"": "max(ledger_queue_ready)"}, figure=True),
        Panel("Questions for people", {"": "max(ledger_gates_open)"}, figure=True),
        Panel("Tasks", {"{{status}}": "max by (status) (ledger_tasks)"}),
        Panel(
            "Tasks a minute",
            {
                "{{type}}": 'sum by (type) (rate(ledger_events_total{type=~"task.(created|completed|failed)"}'
                f"{_RATE})) * 60"
            },
        ),
        Panel("From word to answer", _quantiles("cos_turn_latency_seconds"), "s"),
        Panel(
            "Waiting for longest",
            {
                "task": "max(ledger_queue_oldest_seconds)",
                "message": "max(cos_turn_oldest_age_seconds)",
                "question": "max(ledger_gate_oldest_seconds)",
            },
            "s",
        ),
        Panel(
            "Failures a minute",
            {
                "requests": f'sum(rate(ledger_requests_total{{status=~"5.."}}{_RATE})) * 60',
                "tasks": f'sum(rate(ledger_events_total{{type="task.failed"}}{_RATE})) * 60',
                "deliveries": f"max(rate(cos_deliveries_failed_total{_RATE})) * 60",
                "messages given up": f"max(rate(cos_turns_set_aside_total{_RATE})) * 60",
            },
            wide=True,
        ),
    ],
)
LEDGER = Board(
    "cos-ledger",
    "Chief of Staff: ledger",
    [
        Panel("Requests a second", {"{{status}}": f"sum by (status) (rate(ledger_requests_total{_RATE}))"}),
        Panel("How long requests take", _quantiles("ledger_request_seconds"), "s"),
        Panel(
            "Slowest routes, p95",
            {
                "{{method}} {{route}}": "topk(8, histogram_quantile(0.95, sum by (le, method, route) "
                f"(rate(ledger_request_seconds_bucket{_RATE}))))"
            },
            "s",
            wide=True,
        ),
        Panel(
            "Changes a second", {"{{type}}": f"sum by (type) (rate(ledger_events_total{_RATE}))"}, wide=True
        ),
        Panel(
            "Work, from claim to completion",
            {"p{{quantile}}": "max by (quantile) (ledger_task_seconds)"},
            "s",
        ),
        Panel(
            "Workers",
            {
                "{{status}}": "max by (status) (ledger_agents)",
                "busy": "max(ledger_agents_busy)",
                "tasks held": "max(ledger_leases)",
            },
        ),
        Panel(
            "Workers at work",
            {"": 'max(ledger_agents_busy) / clamp_min(max(ledger_agents{status="online"}), 1)'},
            "percentunit",
        ),
        Panel("Leases that ran out", {"": "max(ledger_leases_expired)"}),
        Panel(
            "Database connections",
            {
                "{{instance}} {{state}}": "ledger_database_connections",
                "{{instance}} at most": "ledger_database_connections_max",
            },
        ),
        Panel("Open event streams", {"{{instance}}": "ledger_listeners"}),
        Panel("Database", {"answers": "max(ledger_database_up)", "paused by hand": "max(ledger_paused)"}),
        Panel("Memory", {"{{instance}}": 'process_resident_memory_bytes{job="ledger"}'}, "bytes"),
    ],
)
CONVERSATION = Board(
    "cos-conversation",
    "Chief of Staff: conversation",
    [
        Panel(
            "Messages that wait",
            {"messages": "max(cos_turns_waiting)", "people": "max(cos_sessions_waiting)"},
        ),
        Panel("The oldest of them", {"": "max(cos_turn_oldest_age_seconds)"}, "s"),
        Panel("From word to answer", _quantiles("cos_turn_latency_seconds"), "s"),
        Panel("The chief's part of it, by stage", _quantiles("cos_chief_turn_stage_seconds", "stage"), "s"),
        Panel("From Telegram into the stream", _quantiles("cos_telegram_in_seconds"), "s"),
        Panel("From an answer to the call of Telegram", _quantiles("cos_telegram_out_seconds"), "s"),
        Panel(
            "Chiefs",
            {"turns at once": "sum(cos_chief_turns_busy)", "at most": "sum(cos_chief_slots)"},
        ),
        Panel(
            "Turns a minute, by how they ended",
            {"{{ended}}": f"sum by (ended) (rate(cos_chief_turns_total{_RATE})) * 60"},
        ),
        Panel("Answers a minute", {"": f"max(rate(cos_turn_latency_seconds_count{_RATE})) * 60"}),
        Panel(
            "Refused and given up, a minute",
            {
                "refused, too many": f"max(rate(cos_turns_refused_total{_RATE})) * 60",
                "given up": f"max(rate(cos_turns_set_aside_total{_RATE})) * 60",
            },
        ),
        Panel(
            "Deliveries a minute",
            {
                "delivered": f"max(rate(cos_deliveries_total{_RATE})) * 60",
                "failed": f"max(rate(cos_deliveries_failed_total{_RATE})) * 60",
            },
        ),
        Panel(
            "People with messages not yet out", {"{{channel}}": "max by (channel) (cos_recipients_waiting)"}
        ),
        Panel("How long models take", _quantiles("cos_model_seconds", "model"), "s"),
        Panel(
            "Models that failed, a minute",
            {"{{model}}: {{reason}}": f"sum by (model, reason) (rate(cos_model_failures_total{_RATE})) * 60"},
        ),
        Panel(
            "Tools a minute",
            {"{{tool}}, {{ended}}": f"sum by (tool, ended) (rate(cos_tool_calls_total{_RATE})) * 60"},
        ),
        Panel(
            "Answers that the ledger did not bear out, an hour",
            {"": "sum(increase(cos_chief_untrue_replies_total[1h]))"},
        ),
        Panel("Open tabs", {"{{instance}}": "cos_panel_tabs"}),
        Panel("From a change to the panel", _quantiles("cos_panel_event_lag_seconds"), "s"),
    ],
)
WORKERS = Board(
    "cos-workers",
    "Chief of Staff: workers",
    [
        Panel("Tasks at once", {"{{instance}}": "cos_seed_slots_busy", "at most": "sum(cos_seed_slots)"}),
        Panel(
            "Tasks a minute, by how they ended",
            {"{{ended}}": f"sum by (ended) (rate(cos_seed_tasks_total{_RATE})) * 60"},
        ),
        Panel("From claim to end", _quantiles("cos_seed_task_seconds"), "s"),
        Panel(
            "Skills a minute",
            {"{{skill}}, {{ended}}": f"sum by (skill, ended) (rate(cos_seed_skill_runs_total{_RATE})) * 60"},
        ),
        Panel(
            "Commands in the sandbox, a minute",
            {"ended {{ended}}": f"sum by (ended) (rate(cos_sandbox_runs_total{_RATE})) * 60"},
        ),
        Panel("How long those take", _quantiles("cos_sandbox_seconds"), "s"),
        Panel(
            "Slowest tools, p95",
            {
                "{{tool}}": "topk(8, histogram_quantile(0.95, sum by (le, tool) "
                f"(rate(cos_tool_seconds_bucket{_RATE}))))"
            },
            "s",
        ),
        Panel("Memory", {"{{job}} {{instance}}": "process_resident_memory_bytes"}, "bytes"),
        Panel(
            "Processor", {"{{job}} {{instance}}": f"rate(process_cpu_seconds_total{_RATE})"}, "percentunit"
        ),
    ],
)
VOICE = Board(
    "cos-voice",
    "Chief of Staff: voice",
    [
        Panel("Calls now", {"": "sum(cos_calls)"}, figure=True),
        Panel(
            "Calls a minute", {"ended by {{by}}": f"sum by (by) (rate(cos_calls_ended_total{_RATE})) * 60"}
        ),
        Panel("Voice to voice", _quantiles("cos_voice_to_voice_seconds"), "s"),
        Panel(
            "Where the time goes, by stage", _quantiles("cos_voice_stage_seconds", "stage"), "s", wide=True
        ),
        Panel("From speaking over it to silence", _quantiles("cos_barge_in_seconds"), "s"),
        Panel("From call to greeting", _quantiles("cos_greeting_seconds"), "s"),
        Panel("Refused calls", {"{{why}}": f"sum by (why) (rate(cos_calls_refused_total{_RATE})) * 60"}),
        Panel(
            "Engines that failed",
            {"{{vendor}}": f"sum by (vendor) (rate(cos_speech_vendor_errors_total{_RATE}))"},
        ),
    ],
)
COST = Board(
    "cos-cost",
    "Chief of Staff: cost",
    [
        Panel("Money today", {"": 'max(ledger_usage_today{kind="money"}) / 1e6'}, figure=True),
        Panel(
            "Tokens today",
            {"{{kind}}": 'max by (kind) (ledger_usage_today{kind=~"tokens_.*"})'},
            figure=True,
        ),
        Panel(
            "Minutes of calls today", {"": 'max(ledger_usage_today{kind="call_seconds"}) / 60'}, figure=True
        ),
        Panel(
            "Money for each completed task",
            {
                "": 'max(ledger_usage_today{kind="money"}) / 1e6 / '
                'clamp_min(sum(increase(ledger_events_total{type="task.completed"}[1d])), 1)'
            },
            figure=True,
        ),
        Panel(
            "Budgets",
            {"{{budget}}, {{period}}": "max by (budget, scope, period) (ledger_budget_used_ratio)"},
            "percentunit",
            wide=True,
        ),
        Panel("Spent over the day", {"{{kind}}": "max by (kind) (ledger_usage_today)"}, wide=True),
        Panel(
            "Tokens a minute, by model",
            {
                "{{job}} {{model}} {{kind}}": "sum by (job, model, kind) "
                f"(rate(cos_model_tokens_total{_RATE})) * 60"
            },
        ),
        Panel(
            "Dollars an hour, by model",
            {"{{job}} {{model}}": "sum by (job, model) (increase(cos_model_cost_usd_total[1h]))"},
            "currencyUSD",
        ),
    ],
)
BOARDS = (OVERVIEW, LEDGER, CONVERSATION, WORKERS, VOICE, COST)
