"""A report on a table, made without a model. Start reading at `job.py`.

The package imports nothing of the worker that runs it: its one input is `job.json`, its one answer
`result.json`, both in the folder that it is started in.
"""
