"""What a scraper sees of a worker: read when asked for, so nothing has to keep it up to date (I/O: process memory)."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from outreach.worker.floor import Floor

_GAUGES = {
    "real_time_factor": "Engine seconds for a second of sound decoded, over the last half minute",
    "busy_share": "Share of the engines' time that was work, over the last half minute; 1 means none is left",
    "batch_clips": "Clips in an average batch, over the last half minute",
}
_COUNTERS = {
    "clips": "Clips decoded",
    "batches": "Batches decoded",
    "dropped": "Partial requests dropped because newer sound had come",
    "failed": "Clips on which the engine gave up",
    "engine_secs": "Seconds of engine work",
    "audio_secs": "Seconds of sound decoded, repeated hearings of an open utterance included",
}


class FloorCollector(Collector):
    """The figures of one floor."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def collect(self) -> Iterator[Metric]:
        """Calls, backlog, ladder and recognition."""
        floor, load = self._floor, self._floor.load()
        yield _gauge("calls_heard", "Calls being heard by this worker", len(floor.calls))
        yield _gauge("calls_deferred", "Calls put off to the second hearing", len(floor.pace.deferred))
        yield _gauge(
            "degrade_rung",
            "Ladder: 0 all, 1 longer hops, 2 finals only, 3 and more: calls deferred",
            floor.pace.ladder.rung,
        )
        yield _gauge(
            "dialing_held", "1 while no new call is placed because recognition is behind", floor.hold is not None
        )
        yield _gauge(
            "recognition_backlog_seconds", "Unrecognised audio of the call furthest behind", floor.backlog_secs
        )
        yield _gauge("recognition_queue_seconds", "How long the oldest request has been waiting", load.oldest_secs)
        yield _gauge("recognition_queue_requests", "Requests waiting for an engine", load.waiting)
        for name, text in _GAUGES.items():
            yield _gauge(f"recognition_{name}", text, getattr(load, name))
        for name, text in _COUNTERS.items():
            full = f"fairline_recognition_{name.replace('_secs', '_seconds')}"
            yield CounterMetricFamily(full, text, value=getattr(load, name))


def registry_of(floor: Floor) -> CollectorRegistry:
    """Everything a worker exports, its memory and processor time included (`fairline_process_…`, on Linux)."""
    registry = CollectorRegistry()
    registry.register(FloorCollector(floor))
    ProcessCollector(namespace="fairline", registry=registry)
    return registry


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"fairline_{name}", text, value=value)
