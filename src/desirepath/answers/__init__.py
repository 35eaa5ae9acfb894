"""What a question gives back: tables, words, warnings and charts, and how they are shown and stored."""
