"""Modules of the standard library that others import and rarely use: `inspect`, which dataclasses imports."""

import sys
from importlib import import_module
from types import ModuleType


def load_when_used(name: str) -> None:
    """The module `name` is loaded when one of its names is first used; at once if that was done before."""
    sys.modules.setdefault(name, _Later(name))


class _Later(ModuleType):
    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
