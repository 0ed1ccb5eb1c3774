"""Which hosts may be read without asking."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class HostRules:
    """`example.org` is that host, `*.example.org` its subdomains too, `*` any."""

    rules: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "HostRules":
        """From a list separated by commas or blanks."""
        return cls(tuple(rule.strip().lower().rstrip(".") for rule in text.replace(",", " ").split()))

    def allow(self, host: str) -> bool:
        """Whether this one may be read."""
        host = host.lower().rstrip(".")
        return any(_matches(rule, host) for rule in self.rules)

    def with_also(self, hosts: Iterable[str]) -> "HostRules":
        """These, and some hosts more."""
        return HostRules((*self.rules, *(host.lower().rstrip(".") for host in hosts)))


def _matches(rule: str, host: str) -> bool:
    if rule == "*":
        return True
    if rule.startswith("*."):
        return host == rule[2:] or host.endswith(rule[1:])
    return host == rule
