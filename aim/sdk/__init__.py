"""The write path: what a training script calls. Standard library only, and training is never harmed by it."""
