"""A service does not run on a log that can be changed."""

import pytest

from tests.support.problems import problem
from tests.support.serving import services_of


@pytest.fixture
def unprotect(database_url: str) -> str:
    """SQL that takes a trigger away."""
    return "DROP TRIGGER events_refuse_" + ("update" if database_url.startswith("sqlite") else "change ON events")


async def test_a_service_whose_log_lost_its_triggers_is_not_ready(client, services, unprotect):
    await services.storage.database.write(lambda connection: connection.execute(unprotect))

    problem(await client.get("/health/ready"), 503, "unavailable")


async def test_a_service_does_not_start_on_such_a_log(make_app, unprotect):
    app = await make_app()
    await services_of(app).storage.database.write(lambda connection: connection.execute(unprotect))

    with pytest.raises(RuntimeError, match="events_refuse_"):
        await make_app()
