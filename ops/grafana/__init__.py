"""Grafana's dashboards as code: `boards` says what they show, `python -m ops.grafana` writes the JSON files.

A Grafana that provisions `ops/grafana/dashboards` shows them; the data source is called `prometheus`.
"""
