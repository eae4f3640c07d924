"""What a user may set, and where it stands."""

from switchtax.config.keys import KEYS, Agents, Key, Material
from switchtax.config.reading import Config, Problem, config_file, config_folder, load

__all__ = [
    "KEYS",
    "Agents",
    "Config",
    "Key",
    "Material",
    "Problem",
    "config_file",
    "config_folder",
    "load",
]
