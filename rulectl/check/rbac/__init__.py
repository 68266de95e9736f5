"""The least privileges that rules need: found, written as Roles, compared with what is granted.

::

    plan ──needs──> what is asked of which kind, and why ──grants──> single permissions, none in another
         ──roles──> Roles and ClusterRoles ──manifest──> YAML
    YAML ──granted──> what it allows ──lacking──> the permissions that are missing
"""
