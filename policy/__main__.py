"""`python -m policy`: the policy room's commands on their own."""

from policy.cli import app

if __name__ == "__main__":
    app(prog_name="policy")
