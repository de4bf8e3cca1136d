"""Keep-alive of TCP, as the kernel has it."""

from __future__ import annotations

import socket

from hanlogger.keepalive import keep_alive


def test_a_connection_asks_whether_its_peer_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
        keep_alive(one, idle=15, interval=5, count=3)
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert [one.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [15, 5, 3]
