"""`python -m ops.docker.healthy [URL]`: exit code 0 if this container is well. Standard library only.

Args:
    URL: What must answer 200. A part that does not listen is well while its process runs: it is the first.
"""

import os
import sys
import urllib.error
import urllib.request

TIMEOUT_S = 2.5


def healthy(url: str | None) -> bool:
    """Whether `url` answers, or the first process of this container still runs."""
    if url is None:
        try:
            os.kill(1, 0)
        except PermissionError:
            return True
        except ProcessLookupError:
            return False
        return True
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1] if len(sys.argv) > 1 else None) else 1)
