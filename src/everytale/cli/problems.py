"""What went wrong, as a message for the one who typed the command, and as an exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from everytale.cli.printing import as_json, diagnostics, print_lines


def explain(error: Exception, *, for_tools: bool = False) -> int:
    """Say what ``error`` means on the error stream, and as the one value ``for_tools``; the exit code. One unforeseen is raised again."""
    code = _explained(error)
    if for_tools:
        from everytale.cli.data import diagnostic_data
        from everytale.diagnostics import StoryError

        found = error.diagnostics if isinstance(error, StoryError) else ()
        with suppress(OSError):  # what is wrong may be that nothing can be printed
            as_json({"error": found[0].title if found else str(error), "diagnostics": [diagnostic_data(one) for one in found]})
    _let_go()
    return code


def _let_go() -> None:
    """What could not be printed is not tried again where the process ends: there it would be the interpreter's own error."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AttributeError, ValueError):  # there is no such stream
        pass


def _explained(error: Exception) -> int:
    from everytale.diagnostics import StoryError
    from everytale.minds import ImpossibleTrace
    from everytale.world import Undecided, UnknownMove

    match error:
        case StoryError():
            diagnostics(error.diagnostics)
            return 1
        case UnknownMove() | ImpossibleTrace():
            print_lines(f"Error: {error}", error=True)
            return 1
        case Undecided():
            print_lines(f"Undecided: {error}", error=True)
            return 3
        case MemoryError():
            print_lines("Error: there is not enough memory for this.", error=True)
            return 3
        case OSError():
            print_lines(f"Error: {error.filename or 'the system'}: {(error.strerror or str(error)).lower()}.", error=True)
            return 1
    raise error
