"""The numbers of GET /metrics in the form that Prometheus scrapes.

Written by Prometheus' own Python client, which knows the two formats and how names, labels and
numbers are spelt in each; nothing of its registry of the process is used, for a count that lives in
a process is lost with it.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest as in_text
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS_CONTENT_TYPE
from prometheus_client.openmetrics.exposition import generate_latest as in_openmetrics
from prometheus_client.registry import Collector, CollectorRegistry

from trivia.operations.metrics import Metrics

TEXT: Final = "text/plain"
OPENMETRICS: Final = "application/openmetrics-text"
FORMATS: Final[dict[str, tuple[str, Callable[[CollectorRegistry], bytes]]]] = {
    # Litestar says the character set of texts itself.
    TEXT: ("text/plain; version=0.0.4", in_text),
    OPENMETRICS: (OPENMETRICS_CONTENT_TYPE, in_openmetrics),
}
"""By media type: the content type in full, and what writes it."""

_PREFIX: Final = "trivia_"
_GAUGES: Final = {
    "success_rate": "Percentage of jobs completed among those completed or failed.",
    "uptime_seconds": "Seconds since this process began to serve.",
    "questions_per_minute": "Questions generated in the last hour, divided by 60.",
    "total_questions_in_db": "Questions in the bank, retired ones too.",
    "total_users": "Users and guests, without the forgotten.",
    "active_jobs": "Generation jobs that have not ended.",
    "total_job_history": "Generation jobs, without those cleaned up.",
    "position": "Position of the log up to which was counted.",
}
_LABELS: Final = {"candidates_rejected": "reason", "provider_failures": "fault"}


def expose(metrics: Metrics, media_type: str) -> tuple[bytes, str]:
    """The numbers in one of FORMATS, and the content type."""
    content_type, write = FORMATS[media_type]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(metrics))
    return write(registry), content_type


class _Numbers(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        for name, value in msgspec.structs.asdict(self._metrics).items():
            words = name.replace("_", " ").capitalize()
            if name in _GAUGES:
                yield GaugeMetricFamily(_PREFIX + name, _GAUGES[name], value=value)
            elif name in _LABELS:
                family = CounterMetricFamily(_PREFIX + name, f"{words}, since the log began.", labels=[_LABELS[name]])
                for label, number in value.items():
                    family.add_metric([label], number)
                yield family
            elif name != "spending":
                yield CounterMetricFamily(_PREFIX + name, f"{words}, since the log began.", value=value)
        if (spending := self._metrics.spending) is not None:
            tokens = CounterMetricFamily(f"{_PREFIX}provider_tokens", "Tokens sent and received.", labels=["direction"])
            tokens.add_metric(["input"], spending.input_tokens)
            tokens.add_metric(["output"], spending.output_tokens)
            yield tokens
            yield CounterMetricFamily(f"{_PREFIX}provider_cost_usd", "Paid to providers.", value=spending.cost_usd)
