"""The typed calls, one module for each noun of the API; `agentops.client` joins them into one class.

May import: `agentops.wire`, `errors`, `requests`, `transport`, `uploads`. Start reading at `base`, then
`tasks`.
"""
