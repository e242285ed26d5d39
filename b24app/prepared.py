"""Statements of the hottest paths: compiled once for each database, and executed by its driver.

SQLAlchemy writes the SQL and converts the values; what is left out is building a result and its rows anew each time,
which costs several times as much as the query itself. Whatever listens to the engine's statements hears these, too,
and errors are SQLAlchemy's own.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Dialect, bindparam, inspect, literal
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstanceState, Mapper, QueryableAttribute, Session, SessionTransaction
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeEngine

from b24app.storable_text import storable

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
Key = TypeVar("Key")
# The key of a session's open transaction and its connection.
IN_USE = "logbook-connection"


class Prepared:
    """A statement with named parameters.

    Its rows are tuples. A mapped class in a SELECT, or in ``returning`` of any other statement, stands for an object of
    the session, which is returned as it is if the session has it already; its relationships are not loaded.
    """

    def __init__(self, statement: Any, returning: Collection[Any] = ()) -> None:
        selected = [] if returning else getattr(statement, "column_descriptions", [])
        parts = list(returning) or [described["expr"] for described in selected]
        self._shape = [_Entity(part) if isinstance(part, type) else None for part in parts]
        self._columns = [column for part in parts for column in _columns(part)]
        if selected:
            statement = statement.with_only_columns(*self._columns, maintain_column_froms=True)
        elif parts:
            statement = statement.returning(*self._columns)
        self._statement = statement
        # For the database that was used last; a process has one.
        self._latest: tuple[Dialect, _Plan] | None = None

    def rows(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        """All rows, read at once; what is unsaved in the session is written first."""
        plan, found = self._execute(session, values, lambda cursor: cursor.fetchall())
        return [self._shaped(session, plan.converted(row)) for row in found]

    def first(self, session: Session, values: Values) -> Any:
        """The only part of the first row; None if there is no row."""
        rows = self.rows(session, values)
        return rows[0][0] if rows else None

    def scalars(self, session: Session, values: Values) -> list[Any]:
        """The only part of each row."""
        return [row[0] for row in self.rows(session, values)]

    def execute(self, session: Session, values: Values) -> int:
        """Returns how many rows were changed."""
        _plan, count = self._execute(session, values, lambda cursor: cursor.rowcount)
        return int(count)

    def _execute(self, session: Session, values: Values, take: Convert) -> tuple["_Plan", Any]:
        """Returns what ``take`` makes of the cursor; SQLite finds some errors only while rows are read."""
        session.flush()
        connection = _connection(session)
        plan = self._plan(connection.dialect)
        sql, parameters, cursor = plan.sql, plan.parameters(values), None
        try:
            cursor = connection.connection.cursor()
            if connection._has_events or connection.engine._has_events:
                _execute_heard(connection, cursor, sql, parameters)
            else:
                cursor.execute(sql, storable(parameters))
            taken = take(cursor)
            cursor.close()
        except plan.error as failure:
            raise _wrapped(connection, cursor, sql, failure, plan.error) from failure
        return plan, taken

    def _plan(self, dialect: Dialect) -> "_Plan":
        latest = self._latest
        if latest is None or latest[0] is not dialect:
            latest = self._latest = dialect, _compile(self._statement, self._columns, dialect)
        return latest[1]

    def _shaped(self, session: Session, values: list[Any]) -> tuple[Any, ...]:
        shaped, place = [], 0
        for entity in self._shape:
            width = len(entity.keys) if entity else 1
            shaped.append(entity.of(session, values[place : place + width]) if entity else values[place])
            place += width
        return tuple(shaped)


class _Entity:
    """A mapped class, whose objects are made of its columns in the order of ``keys``."""

    def __init__(self, mapped: type[Any]) -> None:
        self._mapper: Mapper[Any] = inspect(mapped)
        self.keys = self._mapper.column_attrs.keys()
        primary = [self._mapper.get_property_by_column(column).key for column in self._mapper.primary_key]
        self._primary = [self.keys.index(key) for key in primary]

    def of(self, session: Session, values: list[Any]) -> Any:
        """The object of the session; None where an outer join has found no row."""
        identity = tuple([values[place] for place in self._primary])
        if identity[0] is None:
            return None
        key = self._mapper.identity_key_from_primary_key(identity)
        known = session.identity_map.get(key)
        if known is not None:
            return known
        # What the ORM does with a row. Session.add would search for related objects, of which there are none.
        found = self._mapper.class_manager.new_instance()
        state: InstanceState[Any] = instance_state(found)
        state.key, state.session_id = key, session.hash_key
        state.dict.update(zip(self.keys, values, strict=True))
        session.identity_map.add(state)
        return found


@dataclass(frozen=True)
class _Plan:
    """A statement as one database takes it."""

    sql: str
    # The names of the parameters in their order; None where the driver takes them by name.
    order: list[str] | None
    constants: dict[str, Any]
    binding: dict[str, Convert]
    reading: list[tuple[int, Convert]]
    # The base of the driver's errors.
    error: type[Exception]

    def parameters(self, values: Values) -> Any:
        given = {**self.constants, **values}
        for name, convert in self.binding.items():
            given[name] = convert(given[name])
        return given if self.order is None else tuple([given[name] for name in self.order])

    def converted(self, row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place, convert in self.reading:
            values[place] = convert(values[place])
        return values


def among(column: QueryableAttribute[Any], name: str, length: int) -> ColumnElement[bool]:
    """Whether the column is one of ``length`` parameters, whose values ``padded`` makes."""
    return column.in_([bindparam(f"{name}_{place}", type_=column.type) for place in range(length)])


def either(column: QueryableAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of these values, which never change."""
    return column.in_([literal(value, column.type) for value in values])


def padded(name: str, values: Collection[Any], length: int) -> dict[str, Any]:
    """The parameters of ``among``; those left over are NULL, which equals nothing."""
    if len(values) > length:
        raise ValueError(f"{len(values)} values for {length} parameters")
    return {f"{name}_{place}": value for place, value in enumerate([*values, *[None] * (length - len(values))])}


def _execute_heard(connection: Connection, cursor: Any, sql: str, parameters: Any) -> None:
    """Execute a statement that others listen to, such as Sentry's integration."""
    # They remember in it something from before a statement until after it.
    context = SimpleNamespace(dialect=connection.dialect)
    for listener in connection.dispatch.before_cursor_execute:
        sql, parameters = listener(connection, cursor, sql, parameters, context, False)
    cursor.execute(sql, storable(parameters))
    for listener in connection.dispatch.after_cursor_execute:
        listener(connection, cursor, sql, parameters, context, False)


def _connection(session: Session) -> Connection:
    """The connection of the open transaction; the session itself would go a long way to it for each statement."""
    in_use: tuple[SessionTransaction | None, Connection] | None = session.info.get(IN_USE)
    if in_use is None or in_use[0] is None or in_use[0] is not session.get_transaction():
        connection = session.connection()
        in_use = session.info[IN_USE] = session.get_transaction(), connection
    return in_use[1]


def _columns(part: Any) -> list[Any]:
    if not isinstance(part, type):
        return [part]
    mapper: Mapper[Any] = inspect(part)
    return [getattr(part, key) for key in mapper.column_attrs.keys()]  # noqa: SIM118 - it is no dictionary


def _compile(statement: Any, columns: list[Any], dialect: Dialect) -> _Plan:
    compiled = statement.compile(dialect=dialect)
    if "POSTCOMPILE" in compiled.string or compiled.prefetch:
        raise ValueError("its lists need a fixed length, and the defaults of its columns have to be given")
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    binding = _converters((name, _impl(bind, dialect).bind_processor(dialect)) for name, bind in binds.items())
    readers = (_impl(column, dialect).result_processor(dialect, None) for column in columns)
    constants = {name: bind.value for name, bind in binds.items() if bind.value is not None}
    return _Plan(
        sql=compiled.string,
        order=compiled.positiontup,
        constants={name: binding.pop(name, _same)(value) for name, value in constants.items()},
        binding=binding,
        reading=list(_converters(enumerate(readers)).items()),
        error=cast("Any", dialect).loaded_dbapi.Error,
    )


def _converters(found: Iterable[tuple[Key, Convert | None]]) -> dict[Key, Convert]:
    return {key: convert for key, convert in found if convert}


def _impl(typed: Any, dialect: Dialect) -> TypeEngine[Any]:
    """The type of a column or a parameter as this database has it."""
    impl: TypeEngine[Any] = typed.type.dialect_impl(dialect)
    return impl


def _same(value: Any) -> Any:
    return value


def _wrapped(connection: Connection, cursor: Any, sql: str, failure: Exception, base: type[Exception]) -> BaseException:
    """The error as SQLAlchemy raises it; where a connection is gone, no other one of the pool is used again."""
    is_gone = connection.dialect.is_disconnect(cast("Any", failure), cast("Any", connection.connection), cursor)
    if is_gone:
        connection.invalidate(failure)
        connection.engine.dispose()
    return DBAPIError.instance(
        sql, None, failure, base, hide_parameters=True, connection_invalidated=is_gone, dialect=connection.dialect
    )
