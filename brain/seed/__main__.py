"""`python -m brain.seed`: one worker, or with SEED_SPECIALIST one specialist, without a supervisor."""

import asyncio

import structlog

from brain.seed.main import serve
from brain.seed.settings import SeedSettings

if __name__ == "__main__":
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ]
    )
    asyncio.run(serve(SeedSettings.model_validate({})))
