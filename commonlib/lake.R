# The lake for notebooks in R: data that no crash, re-run or colleague can corrupt.
#
#   source("commonlib/lake.R")
#   sales <- lake$read("validated/sales")
#   lake$write(sales, "derived/sales", partition = list(run_date = as.Date("1998-06-30")))
#
# Python's commonlib does the work in this process, by Arrow, so that versions, commits and receipts are those of
# every other notebook. It takes the R package reticulate, and a Python with pyarrow: RETICULATE_PYTHON names it, and
# "nbpromote run" sets that.
lake <- local({
  sourced <- Filter(Negate(is.null), lapply(sys.frames(), function(frame) frame$ofile))
  root <- normalizePath(if (length(sourced)) dirname(dirname(sourced[[length(sourced)]])) else ".")

  frames <- function() {
    if (!requireNamespace("reticulate", quietly = TRUE)) {
      stop("the lake takes the R package reticulate: install.packages(\"reticulate\")", call. = FALSE)
    }
    path <- reticulate::import("sys", convert = FALSE)$path
    if (!(root %in% reticulate::py_to_r(path))) path$insert(0L, root)
    reticulate::import("commonlib.lake.r_frames", convert = FALSE)
  }

  show <- function(json, line) {
    if (isTRUE(getOption("jupyter.in_kernel"))) {
      receipt <- jsonlite::fromJSON(json, simplifyVector = FALSE)
      IRdisplay::publish_mimebundle(list("application/vnd.commonlib.receipt+json" = receipt, "text/plain" = line))
    } else {
      cat(line, "\n", sep = "")
    }
  }

  # A vector as Python takes it: its class, its values (texts, or doubles as bytes), and which of them are absent.
  # NaN is a number.
  handed <- function(name, column) {
    absent <- if (is.double(column) && !is.object(column)) is.na(column) & !is.nan(column) else is.na(column)
    kind <- class(column)[1]
    if (is.factor(column)) {
      column <- as.character(column)
      kind <- "character"
    } else if (inherits(column, "POSIXlt")) {
      column <- as.POSIXct(column)
      kind <- "POSIXct"
    }
    values <- if (!is.atomic(column)) {
      raw()
    } else if (kind == "character") {
      as.list(enc2utf8(column))
    } else {
      writeBin(as.double(unclass(column)), raw(), endian = "little")
    }
    reticulate::tuple(name, kind, values, as.raw(absent))
  }

  taken <- function(column, count) {
    kind <- reticulate::py_to_r(column[[1]])
    values <- reticulate::py_to_r(column[[2]])
    vector <- if (kind == "character") {
      as.character(unlist(values))
    } else {
      readBin(values, "double", count, endian = "little")
    }
    vector <- switch(kind,
      logical = as.logical(vector), integer = as.integer(vector), Date = structure(vector, class = "Date"),
      POSIXct = structure(vector, class = c("POSIXct", "POSIXt"), tzone = "UTC"), vector
    )
    vector[as.logical(reticulate::py_to_r(column[[3]]))] <- NA
    vector
  }

  list(
    # The latest committed version of a dataset, or the one named, or the latest as of a time such as
    # "2026-11-22T09:15:00Z", as a data frame.
    read = function(dataset, version = NULL, as_of = NULL) {
      found <- frames()$read(dataset, version, as_of)
      columns <- lapply(seq_len(reticulate::py_len(found[[0]])), function(place) found[[0]][[place - 1]])
      count <- reticulate::py_to_r(found[[1]])
      frame <- lapply(columns, taken, count)
      names(frame) <- vapply(columns, function(column) reticulate::py_to_r(column[[0]]), "")
      class(frame) <- "data.frame"
      attr(frame, "row.names") <- .set_row_names(count)
      show(reticulate::py_to_r(found[[2]]), reticulate::py_to_r(found[[3]]))
      frame
    },

    # Commit the data frame as a new version of the dataset; its number. As lake.write in Python: only a partition is
    # replaced with `partition`, and a version that was committed under the same `key` is given back as it is.
    write = function(frame, dataset, partition = NULL, partition_by = character(), key = NULL, add_columns = FALSE) {
      stopifnot(is.data.frame(frame))
      columns <- unname(Map(handed, names(frame), frame))
      done <- frames()$write(columns, dataset, partition, as.list(partition_by), key, add_columns = add_columns)
      show(reticulate::py_to_r(done[[1]]), reticulate::py_to_r(done[[2]]))
      invisible(reticulate::py_to_r(done[[0]]))
    }
  )
})
