"""Grafana's boards and alert rules, built in code: queries, panels, boards, rules, and the files that Grafana reads.

`fragments` are the parts of the queries and `panel_types` the kinds of panels. One module for each board, and two for
the rules, put them together; `board` and `alerting` turn them into JSON, which `provisioning` writes as files.
"""
