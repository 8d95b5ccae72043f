"""What SQL texts read, write and show."""

from nbpromote.analysis.sql.query import Query, find_query
from nbpromote.analysis.sql.uses import TableUse

__all__ = ["Query", "TableUse", "find_query"]
