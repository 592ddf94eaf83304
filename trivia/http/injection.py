"""Gives handlers the services they use, by Litestar's dependency injection.

A handler names a service as a parameter: `accounts: NamedDependency[Accounts]`. What there is are
the annotated attributes of one class, that of all services; a name or a type that differs fails
when the application is made. Raw ASGI handlers and middleware, into which Litestar injects nothing,
call `service_of`.
"""

from typing import Any, Final, TypeVar, get_type_hints

from litestar import Litestar
from litestar.di import Provide

_T = TypeVar("_T")

_STATE: Final = "injector"


class Injector:
    """The services of one application.

    `kind` is their class; they are there once `open` was called.
    """

    def __init__(self, kind: type[object]) -> None:
        self._types: dict[str, Any] = get_type_hints(kind)
        self._by_name: dict[str, object] = {}
        self._by_type: dict[type[object], object] = {}

    @property
    def dependencies(self) -> dict[str, Provide]:
        """One for each service, by its name."""
        return {name: self._provide(name) for name in self._types}

    def _provide(self, name: str) -> Provide:
        def provide() -> object:
            return self._by_name[name]

        return Provide(provide, sync_to_thread=False)

    def open(self, services: object) -> None:
        """From now on handlers are given these."""
        self._by_name.update({name: getattr(services, name) for name in self._types})
        self._by_type.update({type(service): service for service in [services, *self._by_name.values()]})

    def service(self, kind: type[_T]) -> _T:
        """The service of this class."""
        service = self._by_type[kind]
        assert isinstance(service, kind)  # noqa: S101 - for type checkers; it is what `open` does
        return service

    def attach(self, app: Litestar) -> None:
        """Let `service_of` find this.

        Raises ValueError where a handler names a service by another type than it has.
        """
        wrong = {
            f"{handler}: {name}"
            for route in app.routes
            for handler in getattr(route, "route_handlers", ())
            for name, parameter in handler.parsed_fn_signature.parameters.items()
            if name in self._types and parameter.annotation is not self._types[name]
        }
        if wrong:
            raise ValueError(f"these parameters are not of their service's type: {', '.join(sorted(wrong))}")
        app.state[_STATE] = self


def injector_of(app: Litestar) -> Injector:
    """The injector of an application."""
    injector = app.state[_STATE]
    assert isinstance(injector, Injector)  # noqa: S101 - see `attach`
    return injector


def service_of(scope: Any, kind: type[_T]) -> _T:
    """The service of this class, for a connection that Litestar has been given."""
    return injector_of(scope["litestar_app"]).service(kind)
