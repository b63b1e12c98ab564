"""Where Alembic finds the migrations: no ini file to lose, no path that depends on the working directory."""

from importlib.resources import files

from alembic.config import Config


def alembic_config() -> Config:
    """An Alembic configuration for the packaged migrations; the caller adds the connection."""
    config = Config()
    config.set_main_option("script_location", str(files("outreach.db.migrations")))
    return config
