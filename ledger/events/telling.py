"""Writing to the outbox about what is no task: a part of the statement that makes the change.

`ledger.tasks.sql` has its own, which also says how the task stands.
"""


def tell(kind: str, noun: str, entity: str, actor: str, trace: str, source: str, payload: str) -> str:
    """An insert of one event for each row of `source`; all arguments but `noun` are SQL.

    Args:
        kind: The event's type, quoted if it is a constant.
        noun: What kind of thing it is about.
        entity: Its id.
        actor: Who did it.
        trace: The request's traceparent.
        source: A table or a part of the statement.
        payload: A JSON object of what a reader wants to know, never an address or a secret.
    """
    return f"""INSERT INTO event (type, entity_type, entity_id, actor, payload, traceparent, at)
        SELECT {kind}, '{noun}', ({entity})::text, {actor}, {payload}, {trace}, statement_timestamp()
        FROM {source}"""  # noqa: S608
