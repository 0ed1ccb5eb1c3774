"""Files in and out."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.integration.ledger.api import Api


def files_in(folder: Path) -> list[Path]:
    """Every file, however deep."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def _upload(api: Api, content: Any, media_type: str = "text/csv", **params: Any) -> Any:
    return await api.client.post(
        "/artifacts",
        params={"name": "sales.csv", **params},
        content=content,
        headers={"Content-Type": media_type},
    )


async def test_a_file_comes_back_as_it_went_in(admin: Api, reader: Api) -> None:
    content = bytes(range(256)) * 3000
    response = await _upload(admin, content, name='Bilan "été"/2026.csv')
    assert response.status_code == 201, response.text
    artifact = response.json()
    digest = hashlib.sha256(content).hexdigest()
    assert (artifact["size_bytes"], artifact["sha256"], artifact["kind"]) == (768000, digest, "input")

    got = await reader.client.get(f"/artifacts/{artifact['id']}/content")
    assert got.content == content
    assert got.headers["content-type"].startswith("text/csv")
    assert (got.headers["etag"], got.headers["x-content-type-options"]) == (f'"{digest}"', "nosniff")
    assert got.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''Bilan%20%22%C3%A9t%C3%A9%22%2F2026.csv"
    )
    cached = await reader.client.get(
        f"/artifacts/{artifact['id']}/content", headers={"If-None-Match": f'"{digest}"'}
    )
    assert (cached.status_code, cached.content) == (304, b"")
    assert await admin.get(f"/artifacts/{artifact['id']}") == artifact


async def test_an_empty_file_is_a_file(admin: Api) -> None:
    artifact = (await _upload(admin, b"")).json()
    assert artifact["size_bytes"] == 0
    assert (await admin.client.get(f"/artifacts/{artifact['id']}/content")).content == b""


async def test_what_is_too_large_is_refused_and_leaves_nothing(admin: Api, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    announced = await _upload(admin, b"x" * 1_000_001)
    streamed = await _upload(admin, endless())
    for response in (announced, streamed):
        assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert (await admin.get("/artifacts"))["items"] == []
    assert files_in(tmp_path) == []
    assert (await _upload(admin, b"x" * 1_000_000)).status_code == 201


async def test_a_worker_adds_outputs_to_what_it_holds(admin: Api, worker: Api) -> None:
    task = await admin.task()
    await worker.post(f"/tasks/{task['id']}/claim", agent="seed-1", version=1)
    response = await _upload(worker, b"png", "image/png", name="chart.png", task_id=task["id"], epoch=1)
    assert response.status_code == 201, response.text
    made = response.json()
    assert (made["kind"], made["created_by"], made["task_id"]) == ("output", "seed-1", task["id"])
    assert (await admin.get("/artifacts", task_id=task["id"]))["items"] == [made]
    event = (await admin.events(types="artifact.created"))[0]
    assert (event["task_id"], event["payload"]["media_type"]) == (task["id"], "image/png")

    for params, status in [
        ({"task_id": task["id"]}, 403),
        ({"task_id": task["id"], "epoch": 2}, 409),
        ({"task_id": task["id"], "epoch": 1, "kind": "input"}, 403),
        ({}, 403),
        ({"kind": "output"}, 400),
        ({"task_id": "00000000-0000-0000-0000-000000000000", "epoch": 1}, 404),
    ]:
        assert (await _upload(worker, b"x", **params)).status_code == status, params


async def test_inputs_of_a_task_come_first(admin: Api) -> None:
    one, two = (await _upload(admin, b"1")).json(), (await _upload(admin, b"2")).json()
    task = await admin.task(attachments=[two["id"], one["id"]])
    await admin.post(f"/tasks/{task['id']}/claim", agent="a", version=1)
    out = (await _upload(admin, b"3", task_id=task["id"], epoch=1)).json()
    items = (await admin.get("/artifacts", task_id=task["id"]))["items"]
    assert [item["id"] for item in items] == [two["id"], one["id"], out["id"]]
    missing = "00000000-0000-0000-0000-000000000000"
    problem = await admin.post("/tasks", 400, title="x", attachments=[missing])
    assert problem["errors"][0]["path"] == "attachments"


async def test_bytes_that_are_gone_are_not_found(admin: Api, tmp_path: Path) -> None:
    artifact = (await _upload(admin, b"1")).json()
    for path in files_in(tmp_path):
        path.unlink()
    problem = await admin.get(f"/artifacts/{artifact['id']}/content", 404)
    assert problem["code"] == "artifact_not_found"
