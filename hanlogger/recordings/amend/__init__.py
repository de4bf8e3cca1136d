"""Change recorded messages so that they stay valid: lengths are kept, checksums are computed anew."""

from hanlogger.recordings.amend.frame import amend, extract_content, unwrap_cipher
from hanlogger.recordings.amend.stream import Edit, Found, find, make_edits, replace

__all__ = ["Edit", "Found", "amend", "extract_content", "find", "make_edits", "replace", "unwrap_cipher"]
