"""Folds logs into columns that answer questions over many runs: a cache, never a truth. docs/format/index.md"""
