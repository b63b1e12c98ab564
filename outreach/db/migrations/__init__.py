"""Alembic migrations, packaged with the program. `pre_` revisions run before a deployment, `post_` ones after it."""
