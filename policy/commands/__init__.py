"""The parts of the policy room's command line (I/O)."""
