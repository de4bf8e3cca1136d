"""Fuzzing with coverage: `python -m fuzz framing` and `python -m fuzz decoding`, with the package `atheris`."""
