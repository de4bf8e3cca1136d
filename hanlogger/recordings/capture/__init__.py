r"""Captures: what a port gave, octet for octet, and when, as a text that people can read, quote and paste.

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

- `@` begins a read: when it came (UTC), how many octets, how they are written, the octets.
- text: printable ASCII stands for itself; `\r`, `\n`, `\\` and `\xNN` for what it is not. hex: two digits an octet.
- White space and line ends mean nothing within the octets, nor do `>` at the beginning of a line and lines of ```: a
  capture survives e-mail, quoting, wrapping and issue forms. What does not survive is noticed by the number of octets.
- `#` begins a remark, to the next read. `# name: value` before the first read tells about the capture.
"""

from hanlogger.recordings.capture.reading import Reader, is_capture, reads
from hanlogger.recordings.capture.writing import Writer

__all__ = ["Reader", "Writer", "is_capture", "reads"]
