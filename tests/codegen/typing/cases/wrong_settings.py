"""Settings that belong to another package."""

from city_library import LibrarySettings
from firestore_memory import AsyncMemoryClient, MemoryClient

MemoryClient.connect(settings=LibrarySettings())  # E: arg-type
AsyncMemoryClient.connect(settings=LibrarySettings())  # E: arg-type
