"""The files of a repository: found, read, and written by one writer, all or nothing."""
