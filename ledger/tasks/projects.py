"""Projects: what tasks belong together."""

from typing import Any

from msgspec import UNSET

from agentops.wire import NewProject, Project, ProjectPatch
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.errors import ProjectNotFound, VersionConflict
from ledger.tasks.rows import project_of

_COUNTS = """(SELECT jsonb_object_agg(c.status, c.n) FROM (SELECT status, count(*) AS n FROM task
    WHERE task.project_id = project.id GROUP BY status) c) AS task_counts"""


def _tell(kind: str, actor: str, trace: str) -> str:
    return f"""INSERT INTO event (type, entity_type, entity_id, project_id, actor, payload, traceparent, at)
        SELECT '{kind}', 'project', project.id::text, project.id, {actor},
            jsonb_build_object('name', project.name, 'version', project.version), {trace},
            statement_timestamp() FROM project"""  # noqa: S608


_CREATE = f"""
WITH project AS (
    INSERT INTO project (name, description, created_by) VALUES ($1, $2, $3) RETURNING *
), told AS ({_tell("project.created", "$3", "$4")})
SELECT project.*, NULL::jsonb AS task_counts FROM project
"""  # noqa: S608

_UPDATE = f"""
WITH project AS (
    UPDATE project p SET name = COALESCE($2, p.name), description = COALESCE($3, p.description),
        version = p.version + 1, updated_at = statement_timestamp()
    WHERE p.id = $1 AND ($4::int IS NULL OR p.version = $4::int) RETURNING p.*
), told AS ({_tell("project.updated", "$5", "$6")})
SELECT project.*, {_COUNTS} FROM project
"""  # noqa: S608

_DELETE = f"""
WITH project AS (DELETE FROM project p WHERE p.id = $1 RETURNING p.*),
told AS ({_tell("project.deleted", "$2", "$3")})
SELECT id FROM project
"""  # noqa: S608


async def create_project(caller: Caller, new: NewProject) -> Project:
    """Makes a project."""
    caller.need()
    row = await caller.db.row(_CREATE, new.name, new.description, caller.name, caller.traceparent)
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("project.created", row["id"])
    return project_of(row)


async def get_project(db: LedgerEngine, project_id: str) -> Project:
    """One project.

    Raises:
        ProjectNotFound: there is none with this id.
    """
    row = await db.row(f"SELECT project.*, {_COUNTS} FROM project WHERE id = $1", project_id)  # noqa: S608
    if row is None:
        raise ProjectNotFound(f"no project has the id {project_id}")
    return project_of(row)


async def list_projects(db: LedgerEngine) -> list[Project]:
    """Every project, by name."""
    rows = await db.rows(f"SELECT project.*, {_COUNTS} FROM project ORDER BY lower(name), id LIMIT 1000")  # noqa: S608
    return [project_of(row) for row in rows]


async def update_project(caller: Caller, project_id: str, patch: ProjectPatch) -> Project:
    """Changes what the patch names.

    Raises:
        VersionConflict: the patch names a version, and the project has a newer one.
    """
    caller.need()
    name, description, version = (_or_none(value) for value in (patch.name, patch.description, patch.version))
    if name is None and description is None:
        return await get_project(caller.db, project_id)
    row = await caller.db.row(
        _UPDATE, project_id, name, description, version, caller.name, caller.traceparent
    )
    if row is None:
        project = await get_project(caller.db, project_id)
        raise VersionConflict(
            f"the project has version {project.version}, not {version}", current={"version": project.version}
        )
    caller.announce("project.updated", project_id)
    return project_of(row)


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value


async def delete_project(caller: Caller, project_id: str) -> None:
    """Deletes a project; its tasks stay, without one.

    Raises:
        ProjectNotFound: there is none with this id.
    """
    caller.need()
    if not await caller.db.rows(_DELETE, project_id, caller.name, caller.traceparent):
        raise ProjectNotFound(f"no project has the id {project_id}")
    caller.announce("project.deleted", project_id)
