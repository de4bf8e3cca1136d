"""TCP keep-alive: a peer that has vanished without a word is noticed."""

from __future__ import annotations

import socket


def keep_alive(connection: socket.socket, *, idle: int, interval: int, count: int) -> None:
    """Have a TCP connection end once its peer has vanished.

    idle: seconds of silence after which the peer is asked whether it is there. interval: seconds between two such
    questions. count: how many may stay unanswered.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", idle), ("TCP_KEEPINTVL", interval), ("TCP_KEEPCNT", count)):
        option = getattr(socket, name, None)  # macOS has other names, and keeps its two hours
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
