"""What is done with recorded octets: captures are written and read, amended, redacted and replayed."""
