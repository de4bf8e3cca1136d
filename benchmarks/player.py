"""The other side of `ports.py`, in a process of its own: meters on TCP ports, and a database that takes everything.

Each telegram has the time of its sending in a row, in µs, which comes back as W in what the database is sent: so the
database tells how long a telegram took from its last octet to the answer 204.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.messages import _crc, telegrams

STARTING = 8.0  # seconds until every port is connected
MOST = 20_000_000  # octets that the storm and the garbage may send each
IN_TROUBLE = 3  # meters: one storms, one stalls, one sends garbage
TIME = re.compile(rb"meter=(flat\d+),obis=1-0:95\.7\.0\S* value=(\d{19})")


class Database(BaseHTTPRequestHandler):
    """Answers 204 to everything, and keeps when it did so."""

    protocol_version = "HTTP/1.1"
    came: list[tuple[bytes, int, int]] = []  # meter; when it was sent, and answered, in ns  # noqa: RUF012 one server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        now = time.time_ns()
        data = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.came.extend((meter, int(sent), now) for meter, sent in TIME.findall(data))

    def log_message(self, *_: object) -> None:
        pass


def make(number: int, bodies: Sequence[bytes]) -> bytes:
    """A telegram with the time of now in its last row."""
    head = bodies[number % len(bodies)].rpartition(b"!")[0]
    text = head + b"1-0:95.7.0(%d*kW)\r\n!" % (time.time_ns() // 1000)
    return text + b"%04X\r\n" % _crc(text, 0xA001, 0)


def play(meters: int, seconds: float) -> None:
    """Print the ports, first that of the database, and "connected"; at the end what the database has got, as JSON."""
    bodies = telegrams(50)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(meters)]
    print(server.server_port, *(listener.getsockname()[1] for listener in listeners), flush=True)
    sockets = [listener.accept()[0] for listener in listeners]
    print("connected", flush=True)
    send(sockets, bodies, seconds)
    time.sleep(1.0)
    print(json.dumps([(meter.decode(), sent, answered) for meter, sent, answered in Database.came]), flush=True)


def send(sockets: Sequence[socket.socket], bodies: Sequence[bytes], seconds: float) -> None:
    begin, trouble = time.monotonic(), threading.Event()
    end = begin + STARTING + 2 * seconds
    for kind, connection in ((storm, sockets[0]), (garble, sockets[-1])) if len(sockets) > IN_TROUBLE else ():
        threading.Thread(target=kind, args=(connection, bodies, trouble, end), daemon=True).start()
    number = 0
    while (now := time.monotonic()) < end:
        if now - begin > STARTING + seconds and not trouble.is_set() and len(sockets) > IN_TROUBLE:
            sockets[1].sendall(make(number, bodies)[:300])  # and no more of it
            trouble.set()
        connection = sockets[number % len(sockets)]
        if not (trouble.is_set() and connection in (*sockets[:2], sockets[-1])):
            connection.sendall(make(number, bodies))
        number += 1
        time.sleep(max(0.0, begin + number / len(sockets) - time.monotonic()))


def storm(connection: socket.socket, bodies: Sequence[bytes], trouble: threading.Event, end: float) -> None:
    trouble.wait()
    data, sent = b"".join(bodies), 0
    while sent < MOST and time.monotonic() < end:
        connection.sendall(data)
        sent += len(data)


def garble(connection: socket.socket, _bodies: Sequence[bytes], trouble: threading.Event, end: float) -> None:
    trouble.wait()
    data, sent = random.Random(1).randbytes(2000), 0
    while sent < MOST and time.monotonic() < end:
        connection.sendall(data)
        sent += 2000
        time.sleep(0.02)


if __name__ == "__main__":
    play(int(sys.argv[1]), float(sys.argv[2]))
