"""The settings themselves, by the part of the gateway that reads them.

A class is a section of the reference page: its docstring is the heading and what stands below it. A field is
a setting: its name, bounds and description (which says the unit) are all there is to know; `config.reference`
renders them.
"""

from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import (
    AppendFsync,
    File,
    Folder,
    GatewayName,
