"""Who may log in as what."""

from enum import StrEnum


class Role(StrEnum):
    """The five kinds of account. An admin may open every page; the others only what names their role."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"
    CREDITOR = "creditor"
    ADMIN = "admin"


OVERSIGHT = (Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMIN)
EVERYONE = tuple(Role)
