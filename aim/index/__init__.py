"""The index folds logs into columns that answer questions over many runs. It is a cache: the logs decide.
docs/format/index.md"""
