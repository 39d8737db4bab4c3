"""Errors become answers, in the words of the command line."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kerchief.errors import ExitCode, KerchiefError, Unexpected
from kerchief.loopback.guard import failure
from kerchief.studio.answers import problem_of, status_of

REPORT = "Reload the page; if it stays so, please report it."


def answer_faults(app: FastAPI) -> None:
    """Every answer of this application that is not a success is a ``Failure``."""

    @app.exception_handler(KerchiefError)
    def known(_: Request, error: KerchiefError) -> Response:
        told = problem_of(error)
        return failure(status_of(error), told.problem, told.next_step, told.subject, told.exit_code)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> Response:
        """Says where, never what stood there."""
        faults = [".".join(str(part) for part in fault["loc"][1:]) or "the body" for fault in error.errors()[:3]]
        return failure(422, f"the request does not hold together at {'; '.join(faults)}", REPORT)

    @app.exception_handler(HTTPException)
    def elsewhere(_: Request, error: HTTPException) -> Response:
        return failure(error.status_code, "there is nothing here", "Reload the page.")

    @app.exception_handler(Exception)
    def unexpected(_: Request, error: Exception) -> Response:
        fault = Unexpected.of("", error)
        return failure(500, fault.problem, fault.next_step, code=ExitCode.UNEXPECTED)
