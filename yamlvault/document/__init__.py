"""The document editor: YAML text, changed by splicing at source spans and never dumped again."""
