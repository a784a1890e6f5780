"""Logs: one JSON object a line on standard error; nothing personal is ever logged."""

from __future__ import annotations

import logging
import sys

import structlog

AS_JSON: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(ensure_ascii=False),
]


def quiet_logs() -> None:
    """Our own events as JSON, other libraries from WARNING up."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=AS_JSON,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
