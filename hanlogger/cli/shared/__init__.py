"""What several commands need: options, settings, journals, ports, files and the terminal."""
