"""How long a notebook's runs took, one bar a run, against the median of those that went well."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from nbpromote.publish.page import Run, tone

MOST = 60
WIDTH, HEIGHT = 640, 120
_LEAST_BAR = 2.0
_LEAST_RUNS = 3  # of two the median says nothing


@dataclass(frozen=True, slots=True)
class Bar:
    """One run's bar, in pixels of the chart."""

    run: Run
    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The newest runs, the oldest at the left; `median` is seconds, `median_at` where its line stands."""

    bars: tuple[Bar, ...]
    median: float | None
    median_at: float
    longest: float


def durations(runs: Sequence[Run]) -> Chart:
    """The chart of these runs, which come newest first."""
    ended = [one for one in reversed(runs[:MOST]) if one.duration is not None]
    good = [one.duration or 0.0 for one in ended if tone(one.status) == "good"]
    middle = median(good) if good else None
    longest = max((one.duration or 0.0 for one in ended), default=0.0)
    step = WIDTH / max(len(ended), 12)
    bars = []
    for place, one in enumerate(ended):
        height = max((one.duration or 0.0) / max(longest, 1e-9) * HEIGHT, _LEAST_BAR)
        bars.append(Bar(one, place * step, HEIGHT - height, step * 0.78, height, tone(one.status)))
    at = HEIGHT - (middle or 0.0) / max(longest, 1e-9) * HEIGHT
    return Chart(tuple(bars), middle, at, longest)


def against_median(run: Run, chart: Chart) -> str:
    """How a run's duration stands to the median, in words; empty when it is about the same."""
    good = [bar for bar in chart.bars if bar.tone == "good"]
    if run.duration is None or not chart.median or tone(run.status) != "good" or len(good) < _LEAST_RUNS:
        return ""
    ratio = run.duration / chart.median
    if 0.8 <= ratio <= 1.25:
        return ""
    return f"{ratio:.1f} times the median" if ratio > 1 else f"{round(100 * ratio)}% of the median"
