"""Tests of the SDK against the real ledger."""
