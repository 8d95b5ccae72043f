"""Which functions that move can have their calls recorded while the ad-hoc notebook runs."""

import ast

from nbpromote.analysis.facts import AccessKind, DefinitionKind
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Lifted
from nbpromote.promotion.mends.seeds import drawing_functions
from nbpromote.promotion.rewriting import contains


def is_recordable(draft: Draft, lifted: Lifted) -> bool:
    """Whether calls of this function can be recorded.

    Functions that run on executors are not wrapped: their pickles must stay what they are. Nor are those that show
    pictures, reach out into the world or draw random numbers: each recorded call is made once more, and what
    comes after it would draw other ones. Nor those that read or write files: their tests run elsewhere.
    """
    if lifted.definition.kind is DefinitionKind.CLASS or lifted.definition.has_decorators:
        return False
    name = lifted.definition.name
    if name in drawing_functions(draft.facts) or name in _with_files(draft):
        return False
    reaching = {
        one.name.split(".")[0]
        for cell in draft.facts.cells
        for one in cell.imports
        if one.module.split(".")[0] in _WORLD
    }
    if reaching & lifted.definition.free:
        return False
    for cell in draft.facts.notebook.code_cells:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Call) and any(word in ast.unparse(node.func) for word in _ON_EXECUTORS):
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                if any(isinstance(one, ast.Name) and one.id == name for one in arguments):
                    return False
    return True


def _with_files(draft: Draft) -> frozenset[str]:
    """The functions that read or write data, also through each other."""
    places = [
        access.written
        for cell in draft.facts.cells
        for access in cell.accesses
        if access.written is not None and access.kind in {AccessKind.FILE, AccessKind.TABLE}
    ]
    found = {
        one.definition.name
        for one in draft.lifted
        if any(place.cell_id == one.cell_id and contains(one.span, place.span) for place in places)
    }
    while True:
        more = {one.definition.name for one in draft.lifted if one.definition.free & found} - found
        if not more:
            return frozenset(found)
        found |= more


_WORLD = frozenset({
    "matplotlib", "seaborn", "plotly", "bokeh", "altair", "tkinter", "IPython", "mlflow", "wandb", "requests", "urllib",
    "http", "httpx", "aiohttp", "socket", "smtplib", "ftplib", "paramiko", "subprocess", "boto3", "sqlalchemy",
    "psycopg", "psycopg2", "pymysql", "pymongo", "redis", "kafka",
})  # fmt: skip
_ON_EXECUTORS = (
    "udf",
    "mapInPandas",
    "applyInPandas",
    "foreach",
    "mapPartitions",
    "rdd",
    "mapInArrow",
    "Parallel",
    "Pool",
)
