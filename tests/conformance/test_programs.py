# SPDX-License-Identifier: Apache-2.0
"""The source's own TCP programs, step by step: the server, and clients in other processes."""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    Packet,
    RecordView,
    observes,
)

BOTH_STAGES = ("lo", "pair")
ANY = {"inet": "0.0.0.0", "inet6": "::"}
PORT = 6666
"""What the source's server binds."""

CLIENTS = {"client 1": 5, "client 2": 1000, "client 3": 0}
"""By step of the probe: how many bytes that client writes; its pattern's seed is its place here."""


@observes("tcp/server_sequence", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_tcp_server_serves_one_client_after_the_other(
    record: RecordView, claim: ClaimContext
) -> None:
    """The six steps of the source, the last three in its loop; POSIX.1-2024, each function's page.

    The third client writes nothing, so that the server's read() meets the end of the stream.
    """
    listener, bound = record.the("socket", who="main"), record.the("bind")
    with claim("tcp.server-sequence", "socket, bind, listen"):
        assert listener.succeeded()
        assert bound.gave(0)
        assert bound.argument_address.host == ANY[record.variant["family"]]
        assert record.stage == "host" or bound.argument_address.port == PORT
        assert record.the("listen").gave(0)
    for seed, (step, size) in enumerate(CLIENTS.items()):
        accepted = record.the("accept", step)
        with claim("tcp.server-sequence", f"{step}: accept"):
            assert accepted.succeeded()
            assert accepted.result != listener.result
            assert accepted.gave_address(record.address(step), length=accepted.length_in)
        with claim("tcp.server-sequence", f"{step}: read, close"):
            assert record.the("read", step).got_pattern(size, seed=seed)
            assert record.the("close", step, who="main").gave(0)
    with claim("tcp.server-sequence", "the listener's close"):
        assert record.the("close", "end").gave(0)


@observes("tcp/server_sequence", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_tcp_server_ends_each_connection_in_good_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6: it is closed with FIN; RST would say that something went wrong."""
    packets = record.packets_before(record.the("close", "end"))
    for step, size in CLIENTS.items():
        client = str(record.address(step))
        with claim("tcp.server-sequence", f"{step}: on the wire"):
            came = [packet for packet in packets if packet.source == client]
            went = [packet for packet in packets if packet.destination == client]
            assert begins_with_syn(came)
            assert last_byte(came) == size
            assert begins_with_syn(went)
            assert ends_with_fin(went, after=0)
            assert not [packet for packet in came + went if packet.is_rst]


@observes("tcp/server_sequence", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_tcp_client_is_served_by_that_server(record: RecordView, claim: ClaimContext) -> None:
    """The four steps of the source; the third client has nothing to write."""
    for step, size in CLIENTS.items():
        with claim("tcp.client-sequence", step):
            assert record.the("socket", step, who="client").succeeded()
            assert record.the("connect", step, who="client").gave(0)
            for written in record.calls_if_any("write", step=step, who="client"):
                assert written.gave(size)
            assert record.the("close", step, who="client").gave(0)
            assert record.the("read", step).gave(size)


SIZES = ("1", "1000", "40000")


@observes("tcp/client_sequence", family=INET_BOTH, stage=BOTH_STAGES, size=SIZES)
def test_a_tcp_client_connects_writes_and_closes(record: RecordView, claim: ClaimContext) -> None:
    """The four steps of the source; the server then has all the bytes, and the end of the stream.

    POSIX.1-2024 close() and tcp(7): what was written before the close is still delivered.
    """
    size = int(record.variant["size"])
    with claim("tcp.client-sequence"):
        assert record.the("socket").succeeded()
        assert record.the("connect").gave(0)
        assert record.the("write").gave(size)
        assert record.the("close").gave(0)
        assert arrived(record.calls("recv"), size)


@observes("tcp/client_sequence", family=INET_BOTH, stage=BOTH_STAGES, size=SIZES)
def test_a_tcp_client_is_one_connection_on_the_wire(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5 and 3.6: it begins with SYN, ends with FIN, and the data are in between."""
    packets = [p for p in record.packets_between(record.fence(1), record.fence(2)) if p.is_tcp]
    server = record.the("connect").argument_address
    sent = [packet for packet in packets if packet.destination == str(server)]
    with claim("tcp.client-sequence", "on the wire"):
        assert begins_with_syn(sent)
        assert ends_with_fin(sent, after=int(record.variant["size"]))
        assert not [packet for packet in packets if packet.is_rst]


def arrived(received: tuple[CallView, ...], size: int) -> Finding:
    """The pieces make up the pattern, and behind them is the end of the stream."""
    at = 0
    for piece in received[:-1]:
        count = piece.result if isinstance(piece.result, int) else -1
        if not piece.got_pattern(count, offset=at, seed=1):
            return piece.got_pattern(count, offset=at, seed=1)
        at += count
    counts = [call.result for call in received]
    expected = f"{size} bytes, and then the end of the stream"
    return Finding(at == size and counts[-1:] == [0], expected, f"recv() returned {counts}")


# What one end of a connection sent.  Bytes are counted as sequence numbers count them (RFC 9293,
# 3.4), so that it does not matter how they were cut up, nor what was sent again.


def begins_with_syn(sent: list[Packet]) -> Finding:
    """The first packet has SYN."""
    ok = bool(sent) and "SYN" in sent[0].flags
    return Finding(ok, "SYN in the first packet", str(sent[0]) if sent else "no packet")


def last_byte(sent: list[Packet]) -> int:
    """The number of the last byte that was sent, the first being 1; 0: none was."""
    return max((_behind(sent, packet) - 1 for packet in sent if packet.has_data), default=0)


def ends_with_fin(sent: list[Packet], after: int) -> Finding:
    """FIN stands behind the last byte, whose number this is, and nothing is behind FIN."""
    fins = {_behind(sent, packet) - 1 for packet in sent if packet.is_fin}
    found = f"FIN behind byte {sorted(fins)}, the last byte {last_byte(sent)}"
    return Finding(
        fins == {after} == {last_byte(sent)}, f"FIN behind byte {after}, the last one", found
    )


def _behind(sent: list[Packet], packet: Packet) -> int:
    """The number behind the packet's last byte; the SYN, which has 0, is the first packet."""
    if "SYN" in packet.flags:
        return 1
    return ((packet.seq or 0) - (sent[0].seq or 0) + packet.payload_length) % 2**32
