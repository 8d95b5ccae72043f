"""A process that stays behind a run for the next ones: kernels are forked of it, and it holds a Spark server."""
