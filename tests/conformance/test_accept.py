# SPDX-License-Identifier: Apache-2.0
"""accept(): which connection it returns, as which descriptor, and what the listening socket does.

POSIX.1-2024 accept(): it "shall extract the first connection on the queue of pending connections,
create a new socket ..., and allocate a new file descriptor for that socket"; the listening socket
"remains open and can accept more connections".
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    Address,
    ClaimContext,
    Packet,
    RecordView,
    alive,
    observes,
    pattern,
)

CLIENTS = 4


# --- a descriptor for each connection -------------------------------------------------------------


def assert_the_others_live(record: RecordView) -> None:
    """All pass data; each that is closed ends for its client, and the others pass data still."""
    assert alive(record.calls(step="connections"))
    for call in record.calls("close"):
        assert call.returned(0)
    for i in range(CLIENTS):
        end, *others = (c for c in record.calls(step=f"{i + 1} closed") if c.call != "close")
        assert end.returned(0)
        assert len(others) == 4 * (CLIENTS - i - 1)
        if others:
            assert alive(others)


def assert_own_descriptors(record: RecordView) -> None:
    numbers = [call.result for call in record.calls("accept", step="connections")]
    assert len(numbers) == CLIENTS
    assert len({*numbers, record.number("listener")}) == CLIENTS + 1


def fin_per_client(record: RecordView) -> list[Packet]:
    """The server's only FIN to each client, in the order in which the clients connected."""
    found = []
    for value in record.notes("client"):
        stream = record.stream(to=Address.parse(value))
        assert stream.one_fin()
        assert stream.no_reset()
        found.append(stream.fins[0])
    return found


@observes("accept/connections", family=INET_BOTH, stage=BOTH_STAGES, turn=("0", "1", "2", "3"))
def test_closing_an_accepted_tcp_connection_leaves_the_others(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("accept.per-connection", "descriptors"):
        assert_own_descriptors(record)
    with claim("accept.per-connection", "the peers"):
        assert_the_others_live(record)
    with claim("accept.per-connection", "the wire"):
        fins = fin_per_client(record)
        for i in range(CLIENTS):
            fin = fins[(int(record.variant["turn"]) + i) % CLIENTS]
            begin, end = record.fences[2 * i : 2 * i + 2]
            assert record.before(begin, fin)
            assert record.before(fin, end)


@observes("accept/connections", family="unix", turn=("0", "1", "2", "3"))
def test_closing_an_accepted_unix_connection_leaves_the_others(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("accept.per-connection", "descriptors"):
        assert_own_descriptors(record)
    with claim("accept.per-connection", "the peers"):
        assert_the_others_live(record)


@observes("accept/new_descriptor", family=ALL_FAMILIES, stage=BOTH_STAGES)
def test_accept_gives_a_new_descriptor_for_the_connection_with_one_client(
    record: RecordView, claim: ClaimContext
) -> None:
    for i in range(2):
        with claim("accept.new-descriptor", f"new, client {i}"):
            assert_new_descriptor(record, i)
        with claim("accept.new-descriptor", f"connected to client {i} alone"):
            *talk, at_the_other_client, at_the_other_descriptor = record.calls(step=f"client {i}")
            assert alive(talk)
            assert at_the_other_client.failed_with(*WOULD_BLOCK)
            assert at_the_other_descriptor.failed_with(*WOULD_BLOCK)


def assert_new_descriptor(record: RecordView, i: int) -> None:
    """It was not open before, is now, does not listen itself, and has the client's two ends."""
    step = f"accept {i}"
    accept = record.the("accept", step=step)
    assert isinstance(accept.result, int)
    assert accept.result >= 0
    before = [int(number) for number in str(record.notes("open")[i]).split(",")]
    assert accept.result not in before
    assert record.the("fcntl", step=step).succeeded()
    accepted, listener = record.calls("getsockopt", step=step)
    assert (accepted.args["fd"], accepted.number("value")) == (accept.result, 0)
    assert accepted.succeeded()
    assert listener.succeeded()
    assert listener.number("value") != 0
    if record.variant["family"] == "unix":
        return  # its clients have no names
    client, server = (Address.parse(record.notes(name)[i]) for name in ("client", "server"))
    assert record.the("getpeername", step=step).gave_address(client)
    assert record.the("getsockname", step=step).gave_address(server)


# --- the listening socket -------------------------------------------------------------------------

EVENTS = (
    "the connection stays",
    "the server closes it",
    "the client closes it",
    "the server shuts it down",
    "the client resets it",
    "an accept() fails",
)


@observes("accept/listener", family=ALL_FAMILIES, stage=BOTH_STAGES)
def test_the_listening_socket_goes_on_accepting_whatever_becomes_of_a_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    bound = record.address("bound")
    with claim("accept.listener-lives-on", "at first"):
        assert record.the("accept", step="the first").succeeded()
        assert alive(record.calls(step="the first"))
        assert alive(record.calls(step="the connection stays"))
        for call in (*record.calls("close"), *record.calls("shutdown")):
            assert call.returned(0)
    for event in EVENTS:
        step = f"after that {event}"
        with claim("accept.listener-lives-on", event):
            assert record.the("accept", step=step).succeeded()
            assert alive(record.calls(step=step))
            assert record.the("getsockname", step=step).gave_address(bound)
            assert record.the("getsockopt", step=step).succeeded()
            assert record.the("getsockopt", step=step).number("value") != 0
    with claim("accept.listener-lives-on", "the failed accept()"):
        failed = record.the("accept", step="an accept() fails")
        assert failed.failed_with(*WOULD_BLOCK)


# --- the order ------------------------------------------------------------------------------------


@observes(
    "accept/order",
    accept=("later", "between"),
    clients=("stay", "leave"),
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
)
def test_clients_are_accepted_in_the_order_in_which_they_connected(
    record: RecordView, claim: ClaimContext
) -> None:
    """Also those that have closed their end by then: their data and the end are in the queue."""
    with claim("accept.fifo"):
        assert all(call.succeeded() for call in record.calls())
        order = [number for call in record.calls("recv") for number in call.data]
        assert order == list(range(100))


@observes("accept/completed_order", family=INET_BOTH, stage=BOTH_STAGES)
def test_what_counts_is_when_a_connection_was_completed(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5: to the server a connection is established by the handshake's third step.

    The first client has done the second step, and its connect() has returned, before the other one
    begins; its third step is lost, and comes again behind the other's.
    """
    first = record.the("connect", "the first begins")
    second = record.the("connect", "the second completes")
    with claim("accept.fifo"):
        assert first.returned(0)
        assert second.returned(0)
        assert record.before(first.returned, second.entered)
        assert record.the("accept", "the first begins").failed_with(*WOULD_BLOCK)
        assert record.the("recv", "accepted first").got(pattern(SAID, seed=2))
        assert record.the("recv", "accepted second").got(pattern(SAID, seed=1))
        assert record.the("accept", "nobody").failed_with(*WOULD_BLOCK)
