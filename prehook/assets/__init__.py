"""The step `assets`: the assets manifest of this commit and environment, from S3."""
