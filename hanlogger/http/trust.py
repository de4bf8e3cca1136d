"""What https trusts: the certificates of the system, those in a file, or one by its fingerprint."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from hanlogger.http.no_answer import NoAnswer


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return what https trusts: the system's certificates and those in `ca_file`; raise NoAnswer."""
    try:
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
    except OSError as error:  # SSLError is one
        raise NoAnswer(f"the certificates in {ca_file} cannot be read: {error}", unsafe=True) from error
    return context


def trust_nobody() -> ssl.SSLContext:
    """Return what https trusts where the one certificate is known by its fingerprint."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def read_fingerprint(host: str, port: int, timeout: float) -> str:
    """Return the SHA-256 in hex of the certificate that a server shows, which is not trusted by this; "" for none."""
    try:
        shown = ssl.get_server_certificate((host, port), timeout=timeout)
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
