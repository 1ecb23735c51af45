"""Changes with many rows, from a file or from a list: kept as data, judged and applied by workers."""
