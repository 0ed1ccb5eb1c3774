"""Checklists from named points or from templates. Start reading at `job`."""
