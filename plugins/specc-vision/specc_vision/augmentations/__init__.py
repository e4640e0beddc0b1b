"""What is done to batches of training images, at random."""
