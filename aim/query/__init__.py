"""AimQL and its answers: text to tree (parse, check), tree to answers (evaluate), and completion (complete)."""
