"""What keeps a file from being reported on, in words for the person who sent it."""


class UnusableTable(Exception):
    """The file holds no table that can be read. The message says where it breaks and what to do."""
