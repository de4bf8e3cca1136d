"""Home Assistant by MQTT: each meter is a device that Home Assistant finds by itself, ready for its display of energy.

Three kinds of topics, all made from the state that a running logger reports each second:

    homeassistant/device/hanlogger_home/config   what the device is and has: retained, QoS 1, an empty one removes it
    hanlogger/LOGGER/status, …/home/status       online or offline: retained, QoS 1; the logger's is its last will too
    hanlogger/LOGGER/home/state                  all values as one JSON: not retained, QoS 0, one for each telegram

Home Assistant stamps what it gets with its own time. So a state is sent only while its telegram is new, never from a
backlog, and what cannot be sent now is not kept: history is the journal's and the database's.
"""
