r"""Captures: the octets that a port gave, with their arrival times, as text that people can read, quote and paste.

    # hanlogger capture 1
    # port: /dev/ttyUSB0
    # line: 115200 8N1

    @2026-01-14T14:04:10.120334Z 28 text
      /TST5\r\n\r\n
      1-0:1.7.0(0001.2
    @2026-01-14T14:04:10.131002Z 12 text
      34*kW)\r\n!F4
    @2026-01-14T14:04:12.500713Z 44 hex
      7ea02a41 08831304 13e6e700 0f400000 00000101 02030906 01000107 00ff0600
      0004d202 020f0016 1b19f27e

- `@` begins a read: its arrival time (UTC), the number of octets, how they are written, and the octets.
- text: printable ASCII is written as it is, other octets as `\r`, `\n`, `\\` or `\xNN`. hex: two digits an octet.
- White space and line ends within the octets are ignored, and so are `>` at the beginning of a line and lines of ```:
  a capture survives e-mail, quoting, wrapping and issue forms. The number of octets reveals any other change.
- `#` begins a remark, which ends before the next read. `# name: value` before the first read describes the capture.
"""

from hanlogger.recordings.capture.reading import Reader, is_capture, read_chunks, split_lines
from hanlogger.recordings.capture.writing import Writer

__all__ = ["Reader", "Writer", "is_capture", "read_chunks", "split_lines"]
