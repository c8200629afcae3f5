"""AimQL and reading: text to tree (parse, check), tree to answers (evaluate), what may be typed next (complete)."""
