"""Figures for Prometheus, in a registry of this application. Labels are route templates and codes, never data."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Requests, live viewers, feed events and the time one refresh of the live state takes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fairline_http_requests", "Answers by route and status", ["route", "status"], registry=self.registry
        )
        self.viewers = Gauge("fairline_live_viewers", "Open live feeds", registry=self.registry)
        self.events = Counter("fairline_live_events", "Events sent to the feed", registry=self.registry)
        self.resets = Counter("fairline_live_resets", "Viewers told to start over", registry=self.registry)
        self.refresh_secs = Histogram(
            "fairline_live_refresh_seconds", "Reading and rendering what changed", registry=self.registry
        )

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
