"""What is not for everybody: levels of facts, informants, interventions, secret words, looks."""
