"""Tools for people who work on hanlogger: checks, the generated pages of the manual, packages, releases."""
