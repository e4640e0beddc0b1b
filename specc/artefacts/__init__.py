"""From a trained model to an artefact that is proven equal to it."""
