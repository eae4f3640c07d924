"""What was estimated, what came of it, and what happened: kept in one small database."""
