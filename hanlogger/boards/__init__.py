"""Grafana's boards and alert rules as code: queries, panels, boards, rules, and the files that Grafana reads."""
