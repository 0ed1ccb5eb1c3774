"""One module a page: each has `register(panel)`, which declares the page's route.

A page draws what a read model holds, listens to it, and redraws only what has changed.
"""
