"""Files on the server's side: what people sent and what the bot uploaded."""

from tests.botapi.records import Json, Refusal

DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024


class FileStore:
    """Files by id and by path, kept in memory."""

    def __init__(self) -> None:
        self._by_id: dict[str, tuple[str, bytes]] = {}

    def add(self, content: bytes, path: str) -> Json:
        """Keep a file; returns the fields that every kind of file has."""
        number = len(self._by_id) + 1
        file_id = f"file-{number}"
        self._by_id[file_id] = (f"{number}/{path}", content)
        return {"file_id": file_id, "file_unique_id": f"unique-{number}", "file_size": len(content)}

    def describe(self, file_id: str) -> Json:
        """Answer getFile.

        Raises:
            Refusal: No such file, or one above the 20 MB that bots may download.
        """
        if file_id not in self._by_id:
            raise Refusal(400, "Bad Request: invalid file_id")
        path, content = self._by_id[file_id]
        if len(content) > DOWNLOAD_LIMIT_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        unique = file_id.replace("file", "unique")
        return {
            "file_id": file_id,
            "file_unique_id": unique,
            "file_size": len(content),
            "file_path": path,
        }

    def content(self, path: str) -> bytes | None:
        """What lies at a path of getFile."""
        return next((content for known, content in self._by_id.values() if known == path), None)

    def content_of(self, file_id: str) -> tuple[str, bytes] | None:
        """Path and bytes of a file that is sent again by its id."""
        return self._by_id.get(file_id)
