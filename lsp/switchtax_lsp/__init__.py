"""The language server of switchtax: a thin client of the daemon (not yet built)."""
