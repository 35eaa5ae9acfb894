"""What did people say, and how did they mean it? Readers of remarks: language, sentiment, effort, emotion, reason."""
