"""What an exploration leaves in files: written beside them first, so that a file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from everytale.diagnostics import StoryError
from everytale.realm import Known, Realm


def atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Have ``path`` written whole, or left as it was; what is no file, but a device or a pipe, is written to."""
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as file:
            write(file)
        return
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        if error.filename == str(beside):  # of which nobody has heard
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        beside.unlink(missing_ok=True)


def require_writable(path: Path) -> None:
    """Raise ``OSError`` where ``path`` cannot be written to, before the long work begins, not after it."""
    folder = path.resolve().parent
    for wrong, number, what in (
        (path.is_dir(), errno.EISDIR, path),
        (not folder.exists(), errno.ENOENT, folder),
        (not folder.is_dir(), errno.ENOTDIR, folder),
        (not os.access(folder, os.W_OK), errno.EACCES, folder),
    ):
        if wrong:
            raise OSError(number, os.strerror(number), str(what))


def write_checkpoint(path: Path, known: Known) -> None:
    import numpy as np

    atomically(path, lambda file: np.savez(file, allow_pickle=False, **known))


def read_checkpoint(path: Path) -> Known | None:
    """What was kept in ``path``; ``None``: there is no such file. Raises ``StoryError`` for a file that is no checkpoint."""
    import numpy as np

    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (ValueError, EOFError, zipfile.BadZipFile, NotImplementedError):
        message = f"{path.name} is not what `explore --checkpoint` writes."
        raise StoryError.one("other-checkpoint", "The checkpoint is of something else", message, None, "Name another file.") from None


def require_tables(folder: Path) -> None:
    """Say what is missing for tables, and make ``folder`` for them, before the long work begins, not after it."""
    import click

    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise click.UsageError("--save needs pyarrow: pip install 'everytale[tables]'") from None
    folder.mkdir(parents=True, exist_ok=True)
    require_writable(folder / "states.parquet")


def write_tables(folder: Path, realm: Realm) -> None:
    """The tables of ``realm`` as Parquet files in ``folder``: see :mod:`everytale.realm.tables`."""
    import pyarrow.parquet as parquet

    from everytale.realm.tables import TABLES

    for name, table in TABLES.items():
        made = table(realm)
        atomically(folder / f"{name}.parquet", partial(parquet.write_table, made))
