"""Tables for the worker's tests."""

import datetime as dt

_REGIONS = ("North", "South", "East", "West")


def sales(rows: int = 400) -> bytes:
    """Two years of sales, the same every time."""
    lines = ["date,region,units,revenue"]
    for row in range(rows):
        day = dt.date(2023, 1, 1) + dt.timedelta(days=row * 730 // rows)
        units = (row * 7919) % 40 + 1
        lines.append(f"{day},{_REGIONS[row % 4]},{units},{units * 12.5 + row % 13:.2f}")
    return "\n".join(lines).encode()


def big(megabytes: int) -> bytes:
    """Sales that take a while: about four seconds of work for 20 MB."""
    body = sales(20_000)
    head, _, rows = body.partition(b"\n")
    return head + b"\n" + (rows + b"\n") * (megabytes * 1_000_000 // len(rows))
