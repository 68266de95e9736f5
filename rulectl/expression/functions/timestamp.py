"""Functions on points in time. Times are RFC 3339 texts, as in Kubernetes objects, or seconds since the epoch."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from rulectl.duration import format_duration, parse_duration
from rulectl.expression.function import Function, Parameter, Time
from rulectl.expression.kind import Kind
from rulectl.value import Value

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)
_LAYOUT = re.compile(
    r"2006|January|Monday|Jan|Mon|MST|Z07:00|-07:00|-0700|Z0700|\.0+|\.9+|01|02|03|04|05|06|15|PM|_2|%"
)
_DIRECTIVES = {
    "2006": "%Y", "January": "%B", "Monday": "%A", "Jan": "%b", "Mon": "%a", "MST": "%Z", "Z07:00": "%z",
    "-07:00": "%z", "-0700": "%z", "Z0700": "%z", "01": "%m", "02": "%d", "03": "%I", "04": "%M",
    "05": "%S", "06": "%y", "15": "%H", "PM": "%p", "_2": "%d", "%": "%%",
}  # fmt: skip


def parse_time(text: str) -> datetime:
    """The point in time that an RFC 3339 text names.

    Raises:
        ValueError: it names none.
    """
    match = _RFC3339.match(text)
    if match is None:
        msg = f"{text[:40]!r} is not a time; write it as 2026-01-31T12:00:00Z"
        raise ValueError(msg)
    fraction = match["fraction"] or ""
    plain = text.upper().replace(fraction, fraction[:7].ljust(7, "0"), 1) if fraction else text.upper()
    return datetime.fromisoformat(plain)


def seconds_of(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 text; see `parse_time`."""
    return parse_time(text).timestamp()


def time_text(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, rounded down to whole seconds."""
    return _text(datetime.fromtimestamp(math.floor(seconds), UTC))


def _text(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def _now(now: float) -> Value:
    return now


def _time_now(now: float) -> Value:
    return time_text(now)


def _timestamp(time: str | float) -> Value:
    return seconds_of(time) if isinstance(time, str) else time


def _age(now: float, since: str) -> Value:
    return now - seconds_of(since)


def _parse(layout: str, text: str) -> datetime:
    """Reads `text` by a layout of Go's time package (or RFC 3339 when the layout is empty)."""
    if not layout:
        return parse_time(text)
    if layout.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    fractions = layout.replace("05.", "05|.")
    directives = _LAYOUT.sub(lambda match: _DIRECTIVES.get(match[0], ".%f"), fractions).replace("|", "")
    time = datetime.strptime(text, directives)  # noqa: DTZ007 - the zone is filled in below
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _time_since(now: float, layout: str, since: str, until: str) -> Value:
    end = _parse(layout, until).timestamp() if until else now
    return format_duration(end - _parse(layout, since).timestamp())


def _time_add(time: str, duration: str) -> Value:
    return _text(parse_time(time) + timedelta(seconds=parse_duration(duration)))


def _time_truncate(time: str, duration: str) -> Value:
    moment, step = parse_time(time), timedelta(seconds=parse_duration(duration))
    return _text(moment - (moment - _YEAR_ONE) % step if step > timedelta() else moment)


def _time_to_cron(time: str) -> Value:
    moment = parse_time(time)
    return f"{moment.minute} {moment.hour} {moment.day} {moment.month} {moment.isoweekday() % 7}"


_TIME = Parameter("time", Kind.STRING, check=parse_time)
_OTHER = Parameter("other", Kind.STRING, check=parse_time)
_LAYOUT_PARAMETER = Parameter("layout", Kind.STRING)
_DURATION = Parameter("duration", Kind.STRING, check=parse_duration)

TIMESTAMP: tuple[Function, ...] = (
    Function(
        "now",
        (),
        Kind.NUMBER,
        "The time of the evaluation in seconds since the epoch; compare it with timestamp(...).",
        _now,
        ("now() > timestamp('2020-01-01T00:00:00Z')", True),
        time=Time.SECONDS,
    ),
    Function(
        "time_now",
        (),
        Kind.STRING,
        "The time of the evaluation as RFC 3339 text in UTC.",
        _time_now,
        ("time_now() > '2020-01-01T00:00:00Z'", True),
        time=Time.TEXT,
    ),
    Function(
        "time_now_utc",
        (),
        Kind.STRING,
        "The same as time_now().",
        _time_now,
        ("time_now_utc() == time_now()", True),
        time=Time.TEXT,
    ),
    Function(
        "age",
        (Parameter("since", Kind.STRING, check=parse_time),),
        Kind.NUMBER,
        "The seconds since a time such as object.metadata.creationTimestamp; compare it with duration('5m').",
        _age,
        ("age('2020-01-01T00:00:00Z') > duration('1h')", True),
        strict=True,
        time=Time.SECONDS,
    ),
    Function(
        "timestamp",
        (Parameter("time", Kind.STRING | Kind.NUMBER, check=parse_time),),
        Kind.NUMBER,
        "A time in seconds since the epoch; numbers stay as they are.",
        _timestamp,
        ("timestamp('1970-01-01T00:01:00Z')", 60.0),
        strict=True,
    ),
    Function(
        "time_add",
        (_TIME, _DURATION),
        Kind.STRING,
        "The time so much later (or earlier, with a minus).",
        _time_add,
        ("time_add('2026-01-31T12:00:00Z', '90m')", "2026-01-31T13:30:00Z"),
        strict=True,
    ),
    Function(
        "time_after",
        (_TIME, _OTHER),
        Kind.BOOLEAN,
        "Whether the time is later than the other.",
        lambda time, other: parse_time(time) > parse_time(other),
        ("time_after('2026-01-31T12:00:00Z', '2026-01-30T12:00:00Z')", True),
        strict=True,
    ),
    Function(
        "time_before",
        (_TIME, _OTHER),
        Kind.BOOLEAN,
        "Whether the time is earlier than the other.",
        lambda time, other: parse_time(time) < parse_time(other),
        ("time_before('2026-01-31T12:00:00Z', '2026-01-30T12:00:00Z')", False),
        strict=True,
    ),
    Function(
        "time_between",
        (_TIME, Parameter("start", Kind.STRING, check=parse_time), Parameter("end", Kind.STRING, check=parse_time)),
        Kind.BOOLEAN,
        "Whether the time lies between two others.",
        lambda time, start, end: parse_time(start) < parse_time(time) < parse_time(end),
        ("time_between('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z')", True),
        strict=True,
    ),
    Function(
        "time_diff",
        (_TIME, _OTHER),
        Kind.STRING,
        "How much later the other time is, as a duration.",
        lambda time, other: format_duration((parse_time(other) - parse_time(time)).total_seconds()),
        ("time_diff('2026-01-31T12:00:00Z', '2026-01-31T13:30:00Z')", "1h30m"),
        strict=True,
    ),
    Function(
        "time_parse",
        (_LAYOUT_PARAMETER, Parameter("text", Kind.STRING)),
        Kind.STRING,
        "The time that a text names in a layout of Go's time package, or in epoch seconds ('1').",
        lambda layout, text: _text(_parse(layout, text)),
        ("time_parse('2006-01-02', '2026-01-31')", "2026-01-31T00:00:00Z"),
        strict=True,
    ),
    Function(
        "time_since",
        (_LAYOUT_PARAMETER, Parameter("since", Kind.STRING), Parameter("until", Kind.STRING)),
        Kind.STRING,
        "The duration between two times in a layout ('' is RFC 3339), up to now when the second is ''.",
        _time_since,
        ("time_since('', '2026-01-31T12:00:00Z', '2026-01-31T12:05:00Z')", "5m"),
        strict=True,
        time=Time.COARSE,
    ),
    Function(
        "time_to_cron",
        (_TIME,),
        Kind.STRING,
        "The cron line of that minute.",
        _time_to_cron,
        ("time_to_cron('2026-01-31T12:05:00Z')", "5 12 31 1 6"),
        strict=True,
    ),
    Function(
        "time_truncate",
        (_TIME, _DURATION),
        Kind.STRING,
        "The time rounded down to a multiple of the duration.",
        _time_truncate,
        ("time_truncate('2026-01-31T12:34:56Z', '1h')", "2026-01-31T12:00:00Z"),
        strict=True,
    ),
    Function(
        "time_utc",
        (_TIME,),
        Kind.STRING,
        "The same time in UTC.",
        lambda time: _text(parse_time(time).astimezone(UTC)),
        ("time_utc('2026-01-31T12:00:00+02:00')", "2026-01-31T10:00:00Z"),
        strict=True,
    ),
)
