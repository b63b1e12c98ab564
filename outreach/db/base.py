"""The declarative base, its naming of constraints and the column types every table shares."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, LargeBinary, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Strings = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]
Document = Annotated[dict[str, Any], mapped_column(JSONB)]
Documents = Annotated[list[Any], mapped_column(JSONB)]
Sealed = Annotated[bytes, mapped_column(LargeBinary)]


class Base(DeclarativeBase):
    """Base of every table. Text stays `text`; the short code lists are held by check constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, int: BigInteger}


def one_of(column: str, *values: str) -> CheckConstraint:
    """A check that `column` holds one of the listed codes."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
