"""The templates of all meters: found by the octets of a frame, learnt where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.decoding import find_places, open_frame
from hanlogger.decoding.plans.memory import Plans, Varying
from hanlogger.decoding.plans.places import Places
from hanlogger.model import Frame, Key, Meter
from hanlogger.points.timestamp import Timestamp
from hanlogger.templates.making import make_template
from hanlogger.templates.template import Filled, Template
from hanlogger.wire.hdlc import CHECK_OCTETS

_MOST_KEYS = 4096  # meters, times the lengths of their messages
_MOST_OCTETS = 1024 * 1024  # of all messages that there are templates for; a template takes ten times as much

_CHECKS = {"p1": 0, "hdlc": CHECK_OCTETS, "dlms": 0}
"""How many octets after a message in its frame are the checksum, which a shape leaves out; M-Bus frames state it."""


class Templates:
    """The templates of all meters. Threads may share them."""

    def __init__(self) -> None:
        self._of_frames = Plans[Template](_MOST_OCTETS, _MOST_KEYS)
        self._of_contents = Plans[Template](_MOST_OCTETS, _MOST_KEYS)  # what is in several pieces, or ciphered

    def find(self, frame: Frame, meter: Meter, keys: Sequence[Key] = ()) -> Filled | None:
        """Return the template for a frame with its numbers filled in; None where there is none, or it does not apply.

        Raises what `decoding.open_frame` raises.
        """
        found = self._fill_in(self._of_frames, frame.data, meter)
        if found or not self._of_contents:
            return found
        return self._fill_in(self._of_contents, open_frame(frame, keys).octets, meter)

    def _fill_in(self, templates: Plans[Template], octets: bytes, meter: Meter) -> Filled | None:
        template = templates.find(octets, meter.name)
        if template is None or not (template.meter is meter or template.meter == meter):
            return None
        return template.fill_in(octets)

    def learn(
        self, frame: Frame, meter: Meter, keys: Sequence[Key], timestamp: Timestamp, lines: Sequence[bytes]
    ) -> None:
        """Keep a template for messages like this one, where it gives the very lines that it was learnt from."""
        if not self._of_frames.may_learn():
            return
        content = open_frame(frame, keys)
        found = find_places(content, meter)
        if found is None:
            return
        places, reading = found
        templates, octets = self._of_contents, content.octets
        if (whole := _shift_into_frame(frame, content.octets, places)) is not None:
            templates, octets, places = self._of_frames, frame.data, whole
        template = make_template(octets, places, reading, meter)
        filled = template and template.fill_in(octets)
        if template and filled and filled.encode(timestamp) == (b"".join(lines), len(lines)):
            templates.keep(octets, template.places.varying, template, meter.name)


def _shift_into_frame(frame: Frame, content: bytes, places: Places) -> Places | None:
    """Return the places in a whole frame; None where its content does not stand in it in one piece, beyond doubt."""
    if frame.format not in _CHECKS or frame.data.count(content) != 1:
        return None
    at = frame.data.index(content)
    checks = [Varying(at + len(content), _CHECKS[frame.format])]
    shifted = places.shift(at)
    return shifted._replace(others=[*shifted.others, *checks])
