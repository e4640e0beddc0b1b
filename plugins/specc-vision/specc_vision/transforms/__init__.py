"""What is done to the images of every split."""
