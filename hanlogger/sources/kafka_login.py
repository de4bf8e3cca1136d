"""Who logs in at a Kafka, in librdkafka's words."""

from __future__ import annotations

from hanlogger.sources.broker import Broker


def make_login(broker: Broker, *, secured: bool) -> dict[str, str]:
    """Return librdkafka's settings of a login; NoBroker where the password's file cannot be read."""
    files = {
        "ssl.ca.location": broker.ca_file,
        "ssl.certificate.location": broker.cert_file,
        "ssl.key.location": broker.key_file,
    }
    login = {"sasl.mechanism": broker.sasl or "PLAIN", "sasl.username": broker.user} if broker.user else {}
    return {
        "security.protocol": ("SASL_" if login else "") + ("SSL" if secured else "PLAINTEXT"),
        **login,
        **({"sasl.password": broker.read_password()} if login else {}),
        **{key: str(file) for key, file in files.items() if file},
    }
