# SPDX-License-Identifier: Apache-2.0
"""Moments of a record, and which of two came first."""

from __future__ import annotations

from sockspec.call import CallView, Edge
from sockspec.finding import NotObserved, visible
from sockspec.witness import Packet

Point = Edge | Packet
Moment = Edge | Packet | CallView
"""A point of a record's one clock; a call stands for its entry or its return."""


def begin(moment: Moment) -> Point:
    """Where a time after this moment begins."""
    return moment.returned if isinstance(moment, CallView) else moment


def end(moment: Moment) -> Point:
    """Where a time before this moment ends."""
    return moment.entered if isinstance(moment, CallView) else moment


def text(point: Point) -> str:
    """The moment in words, on one line."""
    return visible(str(point))


def in_order(a: Point, b: Point) -> bool:
    """Whether ``a`` came before ``b``; two packets are in the order of the capture."""
    if isinstance(a, Packet) and isinstance(b, Packet):
        return a.n < b.n
    if a.t == b.t:
        raise NotObserved(f"the clock cannot tell {text(a)} from {text(b)}: both at one time")
    return a.t < b.t
