"""Every connector that takes the kit's tests: each module here lists its entries in `ENTRIES`."""

from importlib import import_module
from pkgutil import iter_modules

from tests.connectors.kit.peer import Entry


def entries() -> list[Entry]:
    """All entries of all modules in this package, by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return sorted((entry for module in modules for entry in module.ENTRIES), key=lambda entry: entry.name)
