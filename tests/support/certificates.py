"""Certificates for TLS servers on the loopback."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

A_DAY = timedelta(days=1)


def own_certificate(file: Path) -> Path:
    """A certificate for 127.0.0.1 that no system trusts, with its key; others may be signed by it."""
    return signed_certificate(file, by=None)


def signed_certificate(file: Path, by: Path | None, host: str = "127.0.0.1", until: timedelta = A_DAY) -> Path:
    """A certificate for an address, with its key. by: the file of the signer, itself if None. until: from now on."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = load_pem_private_key(by.read_bytes(), None) if by else key
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(_name(by or file), _name(file), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - 2 * A_DAY)
        .not_valid_after(now + until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .sign(signer, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


def _name(file: Path) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, file.stem)])
