"""The tools of a worker, one topic a module. Each class takes the desk; `all` gives its Strands tools.

A tool raises `ToolRefused` for what the model can do better, and ends the attempt by the desk alone.
"""
