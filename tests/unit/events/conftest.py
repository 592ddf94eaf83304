import pytest

# Not test modules by name, but full of asserts whose failures should be explained as well.
pytest.register_assert_rewrite("tests.unit.events.compliance")
