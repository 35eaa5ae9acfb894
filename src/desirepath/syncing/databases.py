"""Which database is read, and how is it opened? Through its ADBC driver, for reading alone.

A URI such as `postgresql://reader:$PASSWORD@db.example/shop` says where it is; `$NAME` is looked up in the environment.
A URI may hold a password, so no error ever shows it: what it is called in words is made of its host and name alone, and
what a driver says goes through `Database.said`.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote

from desirepath.errors import InputError, WorkspaceError
from desirepath.syncing.accounts import variable

_T = TypeVar("_T")

KINDS = ("sqlite", "postgresql", "duckdb", "snowflake", "flightsql", "bigquery")
"""Kinds of databases whose drivers are known to be there; another is tried where its driver is installed."""

_FILES = ("sqlite", "duckdb")
_SYSTEM = ("information_schema", "pg_catalog", "pg_toast")
_OTHER_NAMES = {"postgres": "postgresql"}
_DRIVERS_SCHEME = {"snowflake": "", "flightsql": "grpc+tls://"}
_HEADS = {"sqlite": (b"SQLite format 3\0", 0), "duckdb": (b"DUCK", 8)}
_NAMED = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_]*)://")
_PARTS = re.compile(
    r"(?:(?P<who>(?:[^:/?#@%]|%[0-9A-Fa-f]{2})*)(?::(?P<password>(?:[^/?#@%]|%[0-9A-Fa-f]{2})*))?@)?"
    r"(?P<host>[^/?#@%]*)(?P<path>/[^?#@]*)?(?:\?(?P<more>.*))?",
    re.S,
)
_SECRET = re.compile(r"pass|secret|token|key|cred", re.I)


@dataclass(frozen=True)
class Database:
    """A database that is read.

    Parameters
    ----------
    kind
        `sqlite`, `postgresql`, …: the scheme of its URI, and what its driver is called.
    uri
        As its driver takes it; of a database that is a file, the path.
    shown
        What it is called in words, without who we are there.
    secrets
        What of the URI must never be shown.
    """

    kind: str
    uri: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, text: str, looked: str, folder: Path | None = None) -> Database:
        """Read a URI.

        Parameters
        ----------
        text
            The URI; `$NAME` and `${NAME}` are filled from the environment. One that stands for a password alone is
            taken as it is, everything else as URIs are written, with percent signs.
        looked
            Where the URI was given, for errors.
        folder
            What a path in it is relative to; the current folder if left out.

        Raises
        ------
        InputError
            When it is none, a variable is not set, or a database that is a file is not there.
        """
        filled = _filled(text.strip(), looked)
        found = _SCHEME.match(filled)
        if found is None:
            raise InputError(
                "The database is no URI that begins with its kind.",
                allowed=[f"{kind}://…" for kind in KINDS],
                looked=looked,
            )
        kind = _OTHER_NAMES.get(found[1].lower(), found[1].lower())
        rest = filled[found.end() :]
        if kind in _FILES:
            return _of_file(kind, rest, looked, folder or Path())
        parts = _PARTS.fullmatch(rest)
        if parts is None:
            raise InputError(
                "The URI of the database cannot be read. In a name or password, the signs @ : / ? # % are written with "
                "percent signs (%40 for @); a variable in the place of the password is taken as it is.",
                allowed=[f"{kind}://reader:$PASSWORD@host/database"],
                looked=looked,
            )
        uri = _DRIVERS_SCHEME.get(kind, f"{kind}://") + rest
        shown = f"{kind}://{parts['host']}{parts['path'] or ''}"
        return cls(kind, uri, shown, _secrets(filled, rest, parts))

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """A connection (DBAPI, by ADBC) that reads, and where the driver can do so, refuses to write.

        Raises
        ------
        InputError
            When its driver is not installed.
        WorkspaceError
            When it does not let us in.
        """
        driver = self._driver()
        from adbc_driver_manager import Error, dbapi

        try:
            if self.kind == "sqlite":
                # of a file with mode=ro, SQLite itself refuses to write
                connection = driver.connect(f"file:{quote(self.uri)}?mode=ro", autocommit=True)
            elif self.kind == "duckdb":
                kept = {"path": self.uri, "access_mode": "read_only", "autoinstall_known_extensions": "false"}
                place = importlib.import_module("adbc_driver_duckdb").driver_path()
                connection = dbapi.connect(driver=place, entrypoint="duckdb_adbc_init", db_kwargs=kept, autocommit=True)
            elif self.kind == "bigquery":
                project, _, dataset = self.uri.partition("://")[2].partition("?")[0].partition("/")
                named = {"adbc.bigquery.sql.project_id": project, "adbc.bigquery.sql.dataset_id": dataset}
                connection = driver.connect(db_kwargs=named, autocommit=True)
            else:
                # PostgreSQL is asked within one transaction: a pool may give each another session
                connection = driver.connect(self.uri, autocommit=self.kind != "postgresql")
        except Error as problem:
            raise WorkspaceError(f"The database does not let us in: {self.said(problem)}.", looked=self.shown) from None
        with connection:
            self._protect(connection)
            yield connection

    def tables(self, connection: Any) -> list[str]:
        """The tables and views: by name alone and with their schema; those of the system aside."""
        if self.kind == "postgresql":
            connection.rollback()  # after a statement that failed, its transaction answers nothing more
        found: list[str] = []
        for catalog in connection.adbc_get_objects(depth="tables").read_all().to_pylist():
            for schema in catalog["catalog_db_schemas"] or ():
                place = schema["db_schema_name"]
                if place in _SYSTEM:
                    continue
                for table in schema["db_schema_tables"] or ():
                    name = table["table_name"]
                    found += [name, f"{place}.{name}"] if place else [name]
        return list(dict.fromkeys(found))

    def said(self, problem: Exception) -> str:
        """What a driver says, in one line, without the query and without anything secret."""
        text = str(problem)
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "…")
        text = re.split(r"\n(?:Query was:|LINE \d+:|query:)|\. SQLSTATE", text)[0]
        text = re.sub(r"^[A-Z_]+: ", "", " ".join(text.split()))
        text = re.sub(r"^(\[\w+\] )?(Failed to (prepare|execute) query: )?", "", text)
        return text.rstrip(".? ") or type(problem).__name__

    def _driver(self) -> Any:
        if importlib.util.find_spec("adbc_driver_manager") is None:
            raise InputError("To read databases, the extra `sql` is needed.", allowed=["pip install 'desirepath[sql]'"])
        module = f"adbc_driver_{self.kind}"
        if importlib.util.find_spec(module) is not None:
            return importlib.import_module(f"{module}.dbapi")
        package = module.replace("_", "-")
        if self.kind in KINDS:
            extra = ["pip install 'desirepath[sql]'"] if self.kind in ("sqlite", "postgresql") else []
            raise InputError(
                f"The driver of {self.kind} databases is not installed.", allowed=[*extra, f"pip install {package}"]
            )
        close = difflib.get_close_matches(self.kind, KINDS, n=1, cutoff=0.6)
        raise InputError(
            f"{self.kind!r} is no kind of database that desirepath knows, and no driver of that name is installed.",
            allowed=[*(f"{kind}://" for kind in KINDS), f"any other whose driver is installed, here {package}"],
            nearest=f"{close[0]}://" if close else None,
            looked="the URI of the database",
        )

    def _protect(self, connection: Any) -> None:
        """Let the database refuse to write, where the way it was opened does not."""
        from adbc_driver_manager import Error

        if self.kind == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
        elif self.kind not in _FILES:
            with suppress(Error):  # not every driver knows the option, and every statement of ours only reads
                connection.adbc_connection.set_options(**{"adbc.connection.readonly": "true"})


def stoppable(work: Callable[[], _T], cursor: Any) -> _T:
    """Do a driver's work so that Ctrl-C stops it as it stops everything else.

    In the main thread a driver would take Ctrl-C for itself, and tell of a query that somebody cancelled.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    with ThreadPoolExecutor(1) as beside:
        doing = beside.submit(work)
        try:
            while not wait([doing], 0.2).done:
                pass  # a signal may reach another thread; this one hears of it when it wakes
            return doing.result()
        except KeyboardInterrupt:
            from adbc_driver_manager import Error

            with suppress(Error):  # SQLite's driver cannot; the step under way comes to its end first
                cursor.adbc_cancel()
            raise


def _filled(text: str, looked: str) -> str:
    """Fill in variables; what stands in the place of a name or password becomes part of a URI."""

    def value(found: re.Match[str]) -> str:
        before, after = text[: found.start()], text[found.end() :]
        name = found[1] or found[2]
        whole = before.endswith(":") and after.startswith("@")
        if name not in os.environ and not whole and "@" in after and ":" in before.partition("://")[2]:
            # it may be a piece of the password, which no error may show
            raise InputError(
                "A variable within the password is not set; a `$` of the password itself is written %24.",
                looked=looked,
            )
        said = variable(name, looked)
        is_password = after.startswith("@") and before.endswith(":")
        is_who = after[:1] in (":", "@") and before.endswith("://")
        return quote(said, safe="") if is_password or is_who else said

    return _NAMED.sub(value, text)


def _of_file(kind: str, rest: str, looked: str, folder: Path) -> Database:
    path = folder / unquote(rest.removeprefix("/"))
    if not rest.startswith("/"):
        raise InputError(f"After {kind}:// comes a third slash and a path.", nearest=f"{kind}:///{rest}", looked=looked)
    if not path.is_file():
        absolute = Path(unquote(rest))
        raise InputError(
            f"There is no database file {str(path)!r}.",
            allowed=[f"{kind}:///relative/path", f"{kind}:////absolute/path"],
            nearest=f"{kind}:///{absolute}" if absolute.is_file() else None,
            looked=str(path.resolve().parent),
        )
    head, place = _HEADS[kind]
    with path.open("rb") as opened:
        if opened.read(place + len(head))[place:] != head:
            raise InputError(f"{path} is no {kind} database.", looked=looked)
    return Database(kind, str(path.resolve()), f"{kind}://{rest}")


def _secrets(whole: str, rest: str, parts: re.Match[str]) -> tuple[str, ...]:
    found = {whole, rest}
    password = parts["password"] or ""
    # a password that is as short as a letter would blot out every text, and protects nothing
    found |= {one for one in (password, unquote(password)) if len(one) > 2}
    for name, value in parse_qsl(parts["more"] or ""):
        if _SECRET.search(name):
            found |= {value, quote(value, safe=""), quote(value)}
    return tuple(one for one in found if one)
