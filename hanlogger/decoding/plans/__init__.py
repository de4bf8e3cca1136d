r"""Plans for messages of a known shape: the first message of a shape is decoded with care, all others by its plan.

A meter sends the same rows all day, and only digits or numbers differ. When a message has been decoded, it is
noted which octets may differ in the next one, and where in it the numbers and the times stand (places.py):

    0-0:1.0.0(250114150410W)\r\n        012345678901W   the clock
    1-0:1.7.0(0001.234*kW)\r\n          0001.234        power of ten 3, three decimals: leave out the point, 1234 W
    1-0:32.7.0(230.1*V)\r\n             230.1           power of ten 0: as printed, 230.1 V

The *shape* is all other octets, with the upper half of each digit: as one large number, masked, they are compared at
once (memory.py). `0001.234` and `0002.345` have one shape, `-001.234` another, because "-" stands where a digit's upper
half was. Then the same places are cut out of the next message: the numbers as text, or, from a notification

    02 03  09 06 0100010700FF  06 000004D2  02 02 0F 00 16 1B        1-0:1.7.0, 1234 · 10^0, W

by one `struct` that unpacks the four octets behind `06`, while code, scaler and unit belong to the shape. What else a
message of the shape must have to mean the same is asked each time: a Kamstrup's voltage on the same side of a limit, a
Kaifa's clock that is at the full hour or not.

A plan (plan.py) makes a reading of the numbers; `hanlogger/templates` makes lines of them. A plan is kept only if it
gives the very reading that it was learnt from. So a message decoded by a plan says what it would say without one;
`tests/unit/decoding/` and the fuzzer hold it to that.
"""
