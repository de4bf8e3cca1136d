"""The thread that tells Home Assistant of the meters, as often as there is something new."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time

from hanlogger.homeassistant.connection import Connection
from hanlogger.homeassistant.devices import Devices
from hanlogger.homeassistant.messages import OFFLINE, Message, Topics
from hanlogger.homeassistant.target import HomeAssistant
from hanlogger.mqtt.login import NoBroker
from hanlogger.status.state import HomeAssistantState, State

POLL = 0.1  # seconds: how long a stop or a new state may go unnoticed
SETTLE = 2.0  # seconds that are given to the broker to tell what it keeps
LONGEST_PAUSE = 60.0  # seconds between two attempts to connect
GOODBYE = 0.5  # seconds that the broker has to take the last message

log = logging.getLogger(__name__)


class Publisher(threading.Thread):
    """Publishes the newest state. Any thread may call `update` and `report`; neither waits nor raises."""

    def __init__(self, to: HomeAssistant, logger: str, stop: threading.Event, *, settle: float = SETTLE) -> None:
        """Make the thread. settle: seconds between a connection and the first message over it."""
        super().__init__(name="home assistant", daemon=True)
        self._to, self._stopped, self._settle = to, stop, settle
        self._topics = Topics(to.prefix, logger)
        self._state: State | None = None  # the newest; older ones are of no use
        self._words, self._failures = "is not connected yet", 0
        self._published = 0

    def update(self, state: State) -> None:
        """Give it the newest state."""
        self._state = state

    def report(self) -> HomeAssistantState:
        """Return whether the broker is there, and how much it has been told since the start."""
        return HomeAssistantState(self._to.url, self._published, self._words)

    def run(self) -> None:
        """Connect, publish, and connect again, until `stop` is set."""
        while not self._stopped.is_set():
            try:
                self._connect_and_publish()
            except NoBroker as error:
                self._note_failure(str(error))
            except Exception as error:  # whatever paho does, what is recorded goes on
                log.exception("home assistant: a fault of hanlogger's")
                self._note_failure(f"a fault of hanlogger's: {error!r}")

    def _connect_and_publish(self) -> None:
        client_id = f"hanlogger-{self._topics.logger}"
        connection = Connection(self._to.address, self._to.login, client_id, self._topics.status)
        with contextlib.closing(connection):
            devices = Devices(self._topics, self._to.language, demo=self._to.demo)
            self._learn(connection, devices)
            log.info("home assistant: publishes the meters to %s", self._to.url)
            self._words, self._failures = "", 0
            self._publish(connection, devices)
            connection.publish(Message(self._topics.status, OFFLINE))
            connection.close(GOODBYE)

    def _learn(self, connection: Connection, devices: Devices) -> None:
        """Learn which devices of this logger the broker keeps, so that those that are gone can be removed."""
        connection.subscribe(self._topics.every_config, devices.note_kept)
        until = time.monotonic() + self._settle
        while time.monotonic() < until and not self._stopped.is_set():
            connection.work(POLL)
        connection.unsubscribe(self._topics.every_config)

    def _publish(self, connection: Connection, devices: Devices) -> None:
        told: State | None = None
        while not self._stopped.is_set():
            state = self._state
            if state is not None and state is not told:
                told = state
                for message in devices.tell(state):
                    connection.publish(message)
                    self._published += 1
            connection.work(POLL)

    def _note_failure(self, words: str) -> None:
        """Log once why nothing is told, and wait for the next attempt: 1 s to a minute, with jitter."""
        if self._words != words and not self._stopped.is_set():
            log.warning(
                "home assistant: %s %s; it is tried again and again, and costs nothing else", self._to.url, words
            )
        self._words = words
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 10)) * random.uniform(0.75, 1)  # noqa: S311 not secret
        self._failures += 1
        self._stopped.wait(pause)
