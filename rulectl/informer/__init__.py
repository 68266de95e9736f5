"""Client-side caches: one list and watch per resource, a store, and handlers that are told what changed.

`Informer` is the library; the engine uses `InformerFactory` and `SharedInformer`.
"""

from rulectl.informer.change import Added, Change, Deleted, Notice, Relisted, Updated
from rulectl.informer.factory import InformerFactory
from rulectl.informer.health import Health
from rulectl.informer.informer import SharedInformer
from rulectl.informer.lister import Lister
from rulectl.informer.reflector import Target
from rulectl.informer.registration import Handler, Registration
from rulectl.informer.standalone import Informer

__all__ = [
    "Added",
    "Change",
    "Deleted",
    "Handler",
    "Health",
    "Informer",
    "InformerFactory",
    "Lister",
    "Notice",
    "Registration",
    "Relisted",
    "SharedInformer",
    "Target",
    "Updated",
]
