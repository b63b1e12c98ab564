"""Approvals: a line may be said only when somebody other than its maker approved exactly these words."""

from __future__ import annotations

from datetime import date

from scripts.errors import ApprovalError
from scripts.script import Approval, Library, Script

REVIEWER_ROLES = ("compliance-reviewer", "compliance-officer")


def find_line(library: Library, digest: str) -> tuple[Script, str]:
    """The script and the path (`lang/script/step/line`) of the line whose digest begins so. Eight hex digits are
    enough.

    Raises ApprovalError (`approval.short_digest`, `.unknown_digest`, `.ambiguous_digest`).
    """
    wanted = digest if digest.startswith("sha256:") else f"sha256:{digest}"
    if len(wanted) < len("sha256:") + 8:
        raise ApprovalError(
            "approval.short_digest", "the digest is too short: give at least eight hex digits", field="digest"
        )
    matches = [line for full, line in library.lines.items() if full.startswith(wanted)]
    if not matches:
        hint = "`fairline scripts lint` lists the lines that wait for approval with their digests"
        raise ApprovalError(
            "approval.unknown_digest", "no line of the library has this digest", field="digest", hint=hint
        )
    if len(matches) > 1:
        raise ApprovalError(
            "approval.ambiguous_digest", "several lines begin with this digest: give more of it", field="digest"
        )
    line = matches[0]
    script = next(s for s in library.scripts if s.lang == line.lang and s.id == line.script)
    return script, f"{line.lang}/{line.script}/{line.step}/{line.id}"


def approve(library: Library, digest: str, *, by: str, role: str, on: date, effective: date | None = None) -> Approval:
    """The approval of one line, to be written down by the caller. Raises ApprovalError.

    The maker of a script cannot approve its lines (`approval.maker_is_checker`); only a reviewing role may
    (`approval.wrong_role`); an approval cannot take effect before it is given (`approval.backdated`).
    """
    by = by.strip()
    if not by:
        raise ApprovalError("approval.no_reviewer", "say who approves", field="by")
    if role not in REVIEWER_ROLES:
        raise ApprovalError("approval.wrong_role", f"expected one of {', '.join(REVIEWER_ROLES)}", field="role")
    script, path = find_line(library, digest)
    if by.casefold() == script.maker.strip().casefold():
        raise ApprovalError(
            "approval.maker_is_checker", "who wrote a line cannot approve it: another person must", field="by"
        )
    if effective is not None and effective < on:
        raise ApprovalError(
            "approval.backdated", "an approval cannot take effect before it is given", field="effective"
        )
    line = next(line for line in library.lines.values() if f"{line.lang}/{line.script}/{line.step}/{line.id}" == path)
    return Approval(digest=line.digest, line=path, by=by, role=role, date=on, effective=effective or on)


def approvals_yaml(approvals: dict[str, Approval]) -> str:
    """The content of `approvals.yaml`, sorted by line, so that two versions compare well."""
    head = (
        "# Lines a compliance reviewer has approved, pinned by digest. A line that changes by one character\n"
        "# has another digest and waits for a new approval. Written by `fairline scripts approve`.\n"
    )
    if not approvals:
        return f"{head}approvals: []\n"
    rows = sorted(approvals.values(), key=lambda approval: (approval.line, approval.digest))
    body = "".join(
        f'  - {{line: "{a.line}", digest: "{a.digest}", by: "{a.by}", role: "{a.role}", '
        f"date: {a.date.isoformat()}, effective: {a.effective.isoformat()}}}\n"
        for a in rows
    )
    return f"{head}approvals:\n{body}"
