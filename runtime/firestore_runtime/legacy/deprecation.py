"""Telling programs that what they use is about to go, and what to use instead.

`@deprecated("old is ...: use new")` marks a function, a method, a coroutine function or a class, where `deprecated` is
the `Deprecation` of a package. Type checkers see `typing_extensions.deprecated` there, so the message must be written
out in place. At run time whoever calls it, or makes an object of the class, gets a `DeprecationWarning` at the line of
the call; Python itself shows it once per line, and by default only in `__main__` and in tests.

* Calls from within the adapters are nobody's call sites and stay silent. One that goes through another thread or task
  seems to come from there: call what is marked by its `__wrapped__`.
* A coroutine function warns where it is called, not where it is awaited. For `asyncio.iscoroutinefunction` it stays
  one.
* The setting `legacy_warnings`, by its environment variable, switches all of it off; it is read once, at the first
  call.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import warnings
from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from firestore_runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from types import FrameType

    from firestore_runtime.rollout.settings import RolloutSettings

TargetT = TypeVar("TargetT", bound=Callable[..., Any])  # whatever its arguments are: it is passed on as it is

_RUNTIME = f"{__name__.partition('.')[0]}."


class Deprecation:
    """Marks what will go in a package.

    Args:
        adapters: The import name of the package of its adapters.
        settings: The package's settings.
    """

    def __init__(self, adapters: str, settings: type[RolloutSettings]) -> None:
        self._callers = (_RUNTIME, f"{adapters}.")
        self._settings = settings

    def __call__(self, message: str) -> Callable[[TargetT], TargetT]:
        """Mark a function or a class as one that will go.

        Args:
            message: What it is, and what to use instead.
        """

        def mark(target: TargetT) -> TargetT:
            if not isinstance(target, type):
                return self._warning(target, message)
            kind: Any = target  # a class whose constructor is replaced
            kind.__init__ = self._warning(kind.__init__, message)
            kind.__deprecated__ = message
            return target

        return mark

    @cached_property
    def is_wanted(self) -> bool:
        """Whether anybody is warned."""
        try:
            return self._settings.load().legacy_warnings
        except ConfigurationError:
            return True  # other settings are wrong, which the older managers do not need

    def _warning(self, function: TargetT, message: str) -> TargetT:
        @wraps(function)
        def warn_and_call(*args: Any, **kwargs: Any) -> Any:  # as above
            if self.is_wanted and not self._is_ours(sys._getframe(1)):
                warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        marked: Any = warn_and_call  # which gets attributes that functions do not have
        marked.__deprecated__ = message
        if inspect.iscoroutinefunction(function):
            _mark_as_coroutine_function(marked)
        return cast("TargetT", marked)  # `wraps` cannot say that it takes the same arguments

    def _is_ours(self, frame: FrameType) -> bool:
        return str(frame.f_globals.get("__name__", "")).startswith(self._callers)


def _mark_as_coroutine_function(function: Any) -> None:  # on which an attribute is set that is Python's own
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(function)
    else:
        function._is_coroutine = vars(asyncio.coroutines)["_is_coroutine"]
