"""What those who work on hanlogger run: checks, the generated pages of the manual, packages, releases."""
