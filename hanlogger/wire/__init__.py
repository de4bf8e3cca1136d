"""The byte layouts of the wire, each written once: checksums and the parts of frames."""
