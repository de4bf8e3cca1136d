"""The byte layouts of meter ports, each written once: framing measures by them, decoding unwraps, amend rewrites.

    octets on the line    parity, telegram, hdlc, mbus, crc
    inside of a frame     llc, blocks, ciphering, notification, date_time, ber

Nothing here knows what a message means. The simulator has copies of its own, so that a fault here shows.
"""
