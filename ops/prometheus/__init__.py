"""Prometheus and Alertmanager as configuration: what is scraped, what calls a person, and whom.

`rules.yml` and the two examples stand for themselves; `local` writes all of it for the installation on this
machine, `python -m ops.prometheus FOLDER`.
"""
