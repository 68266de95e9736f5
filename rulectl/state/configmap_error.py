"""What the API server says about the state's ConfigMaps -> what a person can do about it."""

from __future__ import annotations

from rulectl.errors import Forbidden, NotFound, PermanentError, RulectlError, TransientError, Unreachable

_SQLITE = "or keep the state elsewhere with --state sqlite:PATH"


def explained(error: RulectlError, namespace: str) -> RulectlError:
    """`error` with what to do about it; of the same class as far as the caller's next step goes."""
    said = f"the state in the ConfigMaps of namespace {namespace}: {error}"
    match error:
        case TransientError(status=0) | PermanentError(status=0) if not isinstance(error, Unreachable):
            return error  # our own words, which say it all
        case Forbidden(status=401):
            return Forbidden(said, status=401)
        case Forbidden(status=status):
            return Forbidden(
                f"{said}; rulectl needs get, list, create, update and delete on configmaps there, and room in the"
                f" namespace's quota (`rulectl manifests` prints the Role), {_SQLITE}",
                status=status,
            )
        case NotFound(status=status):
            return NotFound(
                f"{said}; create the namespace, or name another with -n/--namespace, {_SQLITE}", status=status
            )
        case PermanentError(status=413):
            return PermanentError(
                f"{said}; the API server, or a proxy before it, takes no request of that size: raise its limit,"
                f" have rules read fewer fields, {_SQLITE}",
                status=413,
            )
        case TransientError():
            return type(error)(
                f"{said}; nothing that was recorded is lost, see whether the API server is well",
                retry_after_seconds=error.retry_after_seconds,
                status=error.status,
            )
        case PermanentError():
            return type(error)(
                f"{said}; see what admission or quota in the namespace say, {_SQLITE}", status=error.status
            )
        case _:
            return error


def broken(namespace: str, why: str) -> PermanentError:
    """The ConfigMaps are not what was written."""
    return PermanentError(
        f"the state in the ConfigMaps of namespace {namespace} is damaged: {why}. Restore all of them from one"
        " backup; or delete all of them to begin anew: then rules do not know what they have done, and handle what"
        " is there as `existing` says"
    )
