"""The history of the schema: additive revisions first, clean-up later."""
