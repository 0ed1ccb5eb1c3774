"""Schedules: tasks and notices that come at their time, once over any number of replicas.

Owns the table schedule. `times` says when a pattern comes round (pure), `commands` is what people do with
schedules, `firing` is the clock. May import the tasks' commands and the event log. Start at `times`.
"""
