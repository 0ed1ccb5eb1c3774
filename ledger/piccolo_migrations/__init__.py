"""The tables' history, oldest first. The files are made by `piccolo migrations new ledger --auto`."""
