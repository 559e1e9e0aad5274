"""What lets somebody pass: his permissions, recusal, and words that nobody may type here."""
