"""MQTT brokers: the client that all rooms use which connect to one.

Each connection has a client of its own, which never connects again by itself: paho would send again by the new
connection what belonged to the old one, and would hold without bound what is to be published while there is none.
"""
