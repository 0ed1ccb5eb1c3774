"""Projects, patches, pages of tasks, what is known of the whole."""

from datetime import UTC, datetime

from tests.integration.ledger.api import Api


async def test_a_project_is_made_changed_and_deleted(admin: Api) -> None:
    project = await admin.post("/projects", 201, name="House", description="Build it")
    assert (project["version"], project["created_by"], set(project["task_counts"].values())) == (
        1,
        "admin",
        {0},
    )
    task = await admin.task(project_id=project["id"])
    changed = await admin.patch(f"/projects/{project['id']}", name="Home", version=1)
    assert (changed["name"], changed["description"], changed["version"]) == ("Home", "Build it", 2)
    assert changed["task_counts"]["pending"] == 1
    assert (await admin.patch(f"/projects/{project['id']}", 409, name="x", version=1))["code"] == (
        "version_conflict"
    )
    assert [one["name"] for one in (await admin.get("/projects"))["items"]] == ["Home"]

    assert (await admin.client.delete(f"/projects/{project['id']}")).status_code == 204
    assert (await admin.get(f"/projects/{project['id']}", 404))["code"] == "project_not_found"
    assert (await admin.client.delete(f"/projects/{project['id']}")).status_code == 404
    assert (await admin.get(f"/tasks/{task['id']}"))["project_id"] is None
    assert await admin.types(types="project.*") == ["project.created", "project.updated", "project.deleted"]


async def test_a_patch_changes_what_it_names(admin: Api) -> None:
    task = await admin.task(priority="low", due_at="2030-01-01T00:00:00Z", acceptance_criteria=["a"])
    path = f"/tasks/{task['id']}"
    patched = await admin.patch(path, priority="critical", due_at=None, version=1)
    assert (patched["priority"], patched["due_at"], patched["version"]) == ("critical", None, 2)
    assert (patched["title"], patched["acceptance_criteria"]) == (task["title"], ["a"])
    assert await admin.patch(path) == patched
    problem = await admin.patch(path, 409, title="late", version=1)
    assert (problem["code"], problem["current"]["version"]) == ("version_conflict", 2)
    unknown = "00000000-0000-0000-0000-000000000000"
    assert (await admin.patch(path, 400, project_id=unknown))["errors"][0]["path"] == "project_id"
    assert (await admin.patch(f"/tasks/{unknown}", 404, title="x"))["code"] == "task_not_found"
    assert await admin.types() == ["task.created", "task.updated"]


async def test_tasks_come_in_pages_newest_first(admin: Api) -> None:
    for n in range(7):
        await admin.task(f"Task {n}")
    titles: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor:
        page = await admin.get("/tasks", limit=3, **({"cursor": cursor} if cursor else {}))
        titles += [task["title"] for task in page["items"]]
        cursor = page["next"]
        pages += 1
        if pages == 1:
            await admin.task("made meanwhile")
    assert (titles, pages) == ([f"Task {n}" for n in range(6, -1, -1)], 3)


async def test_tasks_are_found_by_what_they_are(admin: Api) -> None:
    project = await admin.post("/projects", name="House")
    one = await admin.task("Paint the wall", priority="high", project_id=project["id"], origin="main")
    two = await admin.task("Buy nails", description="for the WALL", priority="low")
    await admin.post(f"/tasks/{two['id']}/claim", agent="seed-1", version=1)

    async def found(**query: str | int) -> list[str]:
        return [task["title"] for task in (await admin.get("/tasks", **query))["items"]]

    assert await found(status="pending") == ["Paint the wall"]
    assert await found(status="pending,in_progress") == ["Buy nails", "Paint the wall"]
    assert await found(priority="low,critical") == ["Buy nails"]
    assert await found(project_id=project["id"]) == ["Paint the wall"]
    assert await found(assigned_to="seed-1") == ["Buy nails"]
    assert await found(origin="main", q="wall") == ["Paint the wall"]
    assert await found(q="wall") == ["Buy nails", "Paint the wall"]
    assert await found(number=one["number"]) == ["Paint the wall"]
    assert await found(number=99) == []


async def test_stats_count_and_tell_how_long_the_oldest_waits(admin: Api) -> None:
    empty = await admin.get("/stats")
    assert (empty["tasks"], empty["oldest_pending_s"]) == (
        dict.fromkeys(["pending", "in_progress", "blocked", "completed", "failed", "cancelled"], 0), None,
    )  # fmt: skip
    await admin.claimed()
    await admin.task(run_after="2099-01-01T00:00:00Z")
    assert (await admin.get("/stats"))["oldest_pending_s"] is None
    await admin.task()
    await admin.post("/agents", name="seed-1")
    stats = await admin.get("/stats")
    assert (stats["tasks"]["pending"], stats["tasks"]["in_progress"], stats["agents_online"]) == (2, 1, 1)
    assert 0 <= stats["oldest_pending_s"] < 30


async def test_turns_are_recorded_once_and_read_in_order(admin: Api) -> None:
    artifact = (await admin.client.post("/artifacts", params={"name": "a.csv"}, content=b"1")).json()
    for n in range(5):
        said = {"role": "person", "channel": "web", "text": f"Line {n}"}
        turn = await admin.post(
            "/sessions/main/turns", 201, id=f"t-{n}", attachments=[artifact["id"]], **said
        )
        assert (turn["session_id"], turn["attachments"]) == ("main", [artifact])
        again = await admin.post("/sessions/main/turns", 201, id=f"t-{n}", **{**said, "text": "changed"})
        assert again == turn | {"place": None}

    async def texts(**query: int) -> list[str]:
        page = await admin.get("/sessions/main/turns", **query)
        return [turn["text"][-1] for turn in page["items"]]

    assert await texts(limit=2) == ["3", "4"]
    first = await admin.get("/sessions/main/turns", after=0, limit=2)
    assert [turn["text"][-1] for turn in first["items"]] == ["0", "1"]
    assert await texts(after=int(first["next"]), limit=9) == ["2", "3", "4"]
    assert await texts(before=first["items"][1]["seq"] + 3, limit=2) != []
    (session,) = (await admin.get("/sessions"))["items"]
    assert (session["id"], session["turns"]) == ("main", 5)
    assert datetime.fromisoformat(session["last_turn_at"]) <= datetime.now(UTC)
    assert (await admin.get("/sessions/other/turns"))["items"] == []


async def test_the_schema_tells_of_every_route(admin: Api) -> None:
    schema = await admin.get("/schema")
    assert schema["openapi"].startswith("3.1")
    create = schema["paths"]["/api/v1/tasks"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("NewTask")
    assert create["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("Task")
    problem = create["responses"]["default"]["content"]["application/problem+json"]["schema"]
    assert problem["$ref"].endswith("Problem")
    assert "code" in schema["components"]["schemas"]["Problem"]["properties"]
    assert schema["components"]["schemas"]["NewTask"]["additionalProperties"] is False
    assert create["description"] == "Write a task down."
