"""The write path: the code that a training script calls. It uses the standard library only, and never harms
training."""
