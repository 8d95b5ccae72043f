"""R cells: what they need, make and change. Each slice here was run by R, and gave what the whole notebook gives."""
# ruff: noqa: E501 - a row is a line

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_language_pack")

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook.reading import parse

# the cells, the name of which the value is wanted at the end, and the numbers of the cells that it takes
CASES: list[tuple[list[str], str, list[int]]] = [
    (["a <- 1", "b <- 2", "y <- a + 1"], "y", [1, 3]),
    (["5 -> a", "y = a"], "y", [1, 2]),
    (["df <- data.frame(x = 1:3)", "df$x[2] <- 9", "names(df)[1] <- 'k'", "y <- df"], "y", [1, 2, 3, 4]),
    (["a <- list(v = 1)", "b <- a", "b$v <- 2", "y <- a$v"], "y", [1, 4]),
    (["a <- new.env()", "a$v <- 1", "b <- a", "b$v <- 2", "y <- a$v"], "y", [1, 2, 3, 4, 5]),
    (["e1 <- rlang::env(a = 1)", "e2 <- e1", "e1$a <- 4", "y <- e2$a"], "y", [1, 2, 3, 4]),
    (["x <- 1", "suppressWarnings(x <- 2)", "y <- x"], "y", [2, 3]),
    (["x <- 1", "k <- purrr::quietly(function() { x <- 2 })", "y <- x"], "y", [1, 3]),
    (["f <- function(x) x + k", "k <- 2", "y <- f(1)"], "y", [1, 2, 3]),
    (["k <- 1", "f <- function(x) { k <- 10; x + k }", "k <- 3", "y <- f(1)"], "y", [2, 4]),
    (["n <- 0", "count <- function() n <<- n + 1", "count()", "y <- n"], "y", [1, 2, 3, 4]),
    (["make <- function() { i <- 0; function() { i <<- i + 1; i } }", "c1 <- make()", "c1()", "y <- c1()"], "y", [1, 2, 3, 4]),
    (["total <- 0", "sapply(1:3, function(i) total <<- total + i)", "y <- total"], "y", [1, 2, 3]),
    (["z <- 1", "local({ z <- 5 })", "y <- z"], "y", [1, 3]),
    (["a <- 1", "system.time(a <- 2)", "y <- a"], "y", [2, 3]),
    (["a <- 1", "if (a > 1) a <- 5", "y <- a"], "y", [1, 2, 3]),
    (["a <- 3", "if (a > 1) b <- 5 else b <- 6", "y <- b"], "y", [1, 2, 3]),
    (["assign('v', 3)", "y <- get('v')"], "y", [1, 2]),
    (["a <- 1; b <- 2", "rm(a)", "a <- 5", "y <- a"], "y", [3, 4]),
    (["x <- 5", "print.money <- function(x, ...) cat('$', x$v)", "m <- structure(list(v = 3), class = 'money')", "y <- capture.output(print(m))"], "y", [2, 3, 4]),
    (["area <- function(s) UseMethod('area')", "area.sq <- function(s) s$a^2", "s <- structure(list(a = 3), class = 'sq')", "y <- area(s)"], "y", [1, 2, 3, 4]),
    (["setClass('P', representation(n = 'numeric'))", "setGeneric('dbl', function(o) standardGeneric('dbl'))", "setMethod('dbl', 'P', function(o) o@n * 2)", "p <- new('P', n = 4)", "y <- dbl(p)"], "y", [1, 2, 3, 4, 5]),
    (["A <- setRefClass('A', fields = list(n = 'numeric'), methods = list(inc = function() n <<- n + 1))", "a <- A$new(n = 1)", "b <- a", "b$inc()", "y <- a$n"], "y", [1, 2, 3, 4, 5]),
    (["set.seed(1)", "a <- rnorm(2)", "b <- rnorm(2)", "y <- b"], "y", [1, 2, 3, 4]),
    (["set.seed(1)", "a <- rnorm(2)", "set.seed(2)", "y <- rnorm(2)"], "y", [3, 4]),
    (["options(digits = 3)", "k <- 7", "y <- format(pi * k)"], "y", [1, 2, 3]),
    (["d <- data.frame(x = 1:4, g = c('a', 'b'))", "x <- 100", "y <- aggregate(x ~ g, data = d, FUN = sum)"], "y", [1, 2, 3]),
    (["write.csv(data.frame(a = 1), 'o.csv')", "k <- 2", "y <- read.csv('o.csv')"], "y", [1, 3]),
    (["save1 <- function(d, p) saveRDS(d, p)", "save1(1:3, 'o.rds')", "y <- readRDS('o.rds')"], "y", [1, 2, 3]),
    (["`my var` <- 3", "y <- `my var` + 1"], "y", [1, 2]),
    (["'%+%' <- function(a, b) paste0(a, b)", "y <- 'a' %+% 'b'"], "y", [1, 2]),
    (["`second<-` <- function(x, value) { x[2] <- value; x }", "v <- 1:3", "second(v) <- 9L", "y <- v"], "y", [1, 2, 3, 4]),
    (["h <- function(n) if (n == 0) 0 else g(n - 1)", "g <- function(n) h(n)", "y <- h(4)"], "y", [1, 2, 3]),
    (["sq <- function(x) x^2", "y <- sapply(1:3, sq)"], "y", [1, 2]),
    (["sq <- function(x) x^2", "y <- do.call('sq', list(3))"], "y", [1, 2]),
    (["x <- c(3, 1)", "y <- x |> sort() |> rev()"], "y", [1, 2]),
    (["put <- function(e) assign('v', 9, envir = e)", "e <- new.env()", "put(e)", "y <- e$v"], "y", [1, 2, 3, 4]),
    (["for (i in 1:3) { t <- i }", "k <- 1", "y <- i + t"], "y", [1, 3]),
    (["f <- function(a = d) a", "d <- 4", "y <- f()"], "y", [1, 2, 3]),
    (["data(mtcars)", "mtcars$mpg <- 0", "y <- sum(mtcars$mpg)"], "y", [1, 2, 3]),
    (["x <- 1", "y <- tryCatch({ stop('no'); x <- 2 }, error = function(e) x)"], "y", [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "name", "needed"), CASES, ids=[f"{cells[0][:40]}..." for cells, _, _ in CASES])
def test_a_slice_of_r_holds_all_that_the_result_needs(cells: list[str], name: str, needed: list[int]) -> None:
    facts = analyse_r(*cells)
    numbers = {cell.id: cell.number for cell in facts.notebook.cells}

    assert [numbers[each] for each in slice_for(facts, (), names=[name]).cells] == needed
    assert not [each for each in facts.flow.hidden_in_document if each.kind == "gone"]


@pytest.mark.parametrize(
    ("code", "call", "direction", "target", "format", "receiver"),
    [
        ("d <- read.csv('a/b.csv')", "read.csv", "read", "a/b.csv", "csv", None),
        ("d <- readr::read_csv(file = 'b.csv')", "read_csv", "read", "b.csv", "csv", None),
        ("d <- read.csv(text = 'a,b')", None, None, None, None, None),
        ("p <- 'out.rds'\nsaveRDS(d, p)", "saveRDS", "write", "out.rds", "rds", "d"),
        ("d |> arrow::write_parquet(file.path('o', 'x.parquet'))", "write_parquet", "write", "o/x.parquet", "parquet", "d"),
        ("ggsave('plot.png', p)", "ggsave", "write", "plot.png", "plot", None),
        ("fromJSON('https://x.org/a.json')", "fromJSON", "read", "https://x.org/a.json", "json", None),
        ("dbGetQuery(con, 'select * from sales')", "dbGetQuery", "read", "sales", None, None),
        ("my_pkg::read_thing('data/x.csv')", "read_thing", "read", "data/x.csv", None, None),
    ],
)  # fmt: skip
def test_what_r_reads_and_writes_is_told(
    code: str, call: str | None, direction: str, target: str, format: str | None, receiver: str | None
) -> None:
    found = [
        (one.call, one.direction, one.target, one.format, one.receiver)
        for cell in analyse_r(code).cells
        for one in cell.accesses
    ]

    assert found == ([(call, direction, target, format, receiver)] if call else [])


def test_r_that_is_broken_is_told_with_its_place_and_the_rest_is_read() -> None:
    facts = analyse_r("a <- 1", "b <- c(1,, + )\nk <- a", "y <- a")

    assert [cell.problem.span.line if cell.problem and cell.problem.span else None for cell in facts.cells] == [
        None,
        1,
        None,
    ]
    assert {edge.name for edge in facts.flow.edges} == {"a"}


def test_names_in_the_session_of_an_r_magic_are_not_those_of_python() -> None:
    cells = ["%load_ext rpy2.ipython", "x = 1", "%%R -i x -o out\nx <- x + 1\nout <- x", "%%R\nprint(x)", "y = out + x"]
    facts = analyse(parse(json.dumps(document(cells, "python")).encode(), "a.ipynb"))
    edges = {(numbers(facts)[edge.source], numbers(facts)[edge.target], edge.name) for edge in facts.flow.edges}

    assert {(2, 3, "x"), (3, 5, "out"), (2, 5, "x"), (3, 4, "R variable x")} <= edges
    assert (3, 5, "x") not in edges


def test_a_view_that_r_makes_is_found_by_sql() -> None:
    text = b"# Databricks notebook source\ncreateOrReplaceTempView(df, 'v')\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC select * from v\n"
    facts = analyse(parse(text, "a.r"))
    assert [edge.name for edge in facts.flow.edges] == ["temp view v"]


def test_without_the_grammar_r_is_an_effect_that_cannot_be_seen_and_the_user_is_told_what_to_install(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(document(["a <- 1"], "R")))
    code = "import sys; sys.modules['tree_sitter_language_pack'] = None; from nbpromote.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "check", str(path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert "NB150" in run.stdout
    assert 'pip install "nbpromote[r]"' in run.stdout


def numbers(facts: Facts) -> dict[str, int]:
    return {cell.id: cell.number for cell in facts.notebook.cells}


def analyse_r(*cells: str) -> Facts:
    return analyse(parse(json.dumps(document(list(cells), "R")).encode(), "a.ipynb"))


def document(cells: list[str], language: str) -> dict[str, object]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"language_info": {"name": language}},
        "cells": [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
            for n, text in enumerate(cells, start=1)
        ],
    }
