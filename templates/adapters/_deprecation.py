"""Telling programs that what they use is about to go, and what to use instead.

`@deprecated("old is ...: use new")` marks a function, a method, a coroutine function or a class. Type checkers see
`typing_extensions.deprecated` there, so the message must be written out in place. At run time whoever calls it, or
makes an object of the class, gets a `DeprecationWarning` at the line of the call; Python itself shows it once per line,
and by default only in `__main__` and in tests.

* Calls from within the adapters are nobody's call sites and stay silent. One that goes through another thread or task
  seems to come from there: call what is marked by its `__wrapped__`.
* A coroutine function warns where it is called, not where it is awaited. For `asyncio.iscoroutinefunction` it stays
  one.
* The setting `legacy_warnings`, by its environment variable, switches all of it off; it is read once, at the first
  call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:
    import asyncio
    import inspect
    import sys
    import warnings
    from functools import cache, wraps

    def deprecated(message):
        """Mark a function or a class as one that will go.

        Args:
            message: What it is, and what to use instead.
        """

        def mark(target):
            if isinstance(target, type):
                target.__init__ = _warning(target.__init__, message)
                target.__deprecated__ = message
                return target
            return _warning(target, message)

        return mark

    def _warning(function, message):
        @wraps(function)
        def warn_and_call(*args, **kwargs):
            if _is_wanted() and not _is_ours(sys._getframe(1)):
                warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        warn_and_call.__deprecated__ = message
        if inspect.iscoroutinefunction(function):
            _mark_as_coroutine_function(warn_and_call)
        return warn_and_call

    def _is_ours(frame):
        return frame.f_globals.get("__name__", "").startswith(f"{__package__}.")

    @cache
    def _is_wanted():
        from firestore_runtime.errors import ConfigurationError

        from ..settings import load_settings

        try:
            return load_settings().legacy_warnings
        except ConfigurationError:
            return True  # other settings are wrong, which the older managers do not need

    def _mark_as_coroutine_function(function):
        if sys.version_info >= (3, 12):
            inspect.markcoroutinefunction(function)
        else:
            function._is_coroutine = asyncio.coroutines._is_coroutine
