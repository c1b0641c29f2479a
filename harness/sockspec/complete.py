# SPDX-License-Identifier: Apache-2.0
"""Whether a record tells all that its probe was to show; if not, why, in one line."""

from __future__ import annotations

from typing import Final

from sockspec import model
from sockspec.finding import visible
from sockspec.words import LIST_MAX, number_text, short


def why_unsupported(record: model.Record) -> str | None:
    """What the target lacks for this probe, in one line; None: nothing that it said."""
    for event in record.events:
        if isinstance(event, model.Unsupported):
            return visible(_with_errno(event.what, event.errno))
    return None


def why_unavailable(record: model.Record) -> str | None:
    """What the stage or the privileges lack for this probe, in one line; None: nothing."""
    for event in record.events:
        if isinstance(event, model.Unavailable):
            return visible(_with_errno(event.what, event.errno))
    return None


def why_incomplete(record: model.Record) -> str | None:
    """Why the probe did not run to its end, in one line; None: it did, or said what it lacks."""
    why = next((why for reason in _REASONS if (why := reason(record)) is not None), None)
    return None if why is None else visible(why)


def _fault(record: model.Record) -> str | None:
    for event in record.events:
        if isinstance(event, model.Fault):
            return f"set-up failed: {_with_errno(event.what, event.errno)} at {event.where}"
    return None


def _bad_end(record: model.Record) -> str | None:
    end = record.end
    if end.how == "agent":
        return f"the agent failed: {end.why or 'it does not say why'}"
    if end.how == "limit":
        return _hung(record)
    after = _after_last_call(record)
    if end.how == "signal":
        return f"the probe died of {end.signal or f'signal {end.status}'}{after}"
    if end.status != 0:
        return f"the probe exited with status {number_text(end.status)}{after}"
    return None


def _hung(record: model.Record) -> str:
    places = [f"{thread.syscall} (state {thread.state})" for thread in record.end.stuck]
    where = f" in {', '.join(places[:LIST_MAX])}" if places else _after_last_call(record)
    ns = record.cost.get("probe")
    after = "" if ns is None else f" after {number_text(ns // 1_000_000)} ms"
    return f"the probe hung{where} and was ended{after}"


def _cut(record: model.Record) -> str | None:
    output = record.output
    if output.dropped_bytes:
        return f"the probe's log was cut: {number_text(output.dropped_bytes)} bytes too many"
    if output.nonsense:
        first = short(output.nonsense[0])
        return f"the probe's log has {len(output.nonsense)} lines of nonsense: {first!r}"
    return None


def _no_end(record: model.Record) -> str | None:
    ends = model.Done | model.Unsupported | model.Unavailable
    if any(isinstance(event, ends) for event in record.events):
        return None
    return f"the probe's log has no end{_after_last_call(record)}"


_REASONS: Final = (_fault, _bad_end, _cut, _no_end)


def _after_last_call(record: model.Record) -> str:
    for event in reversed(record.events):
        if isinstance(event, model.Call):
            return f" after {short(event.call)}"
    return " before its first call"


def _with_errno(what: str, errno: str | None) -> str:
    return what if errno is None else f"{what} {errno}"
