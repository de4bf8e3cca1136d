"""The relay: one port has one reader, and this room lets any number of programs read it too, over TCP.

Each frame goes out as it came in, once it is in the journal: what a client has seen is never lost by hanlogger. A
client joins between two frames, never within one. Nothing that a client sends is used, and nothing that a client does
delays the reading: one that does not take its frames is dropped. What is read from a file is not relayed.
"""
