"""The browser of the tests: Debian's chromium, with the Japanese fonts the portal itself ships."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
#: The same engine without windows: half the work, where ``make setup`` could bring it.
_WITHOUT_WINDOWS = "chromium-headless-shell"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--font-render-hinting=none",
)


def launch_args() -> dict[str, Any]:
    """Return the arguments of ``playwright.chromium.launch``; ``CHROMIUM`` names another binary."""
    return {
        "executable_path": os.environ.get("CHROMIUM")
        or shutil.which(_WITHOUT_WINDOWS)
        or "/usr/bin/chromium",
        "args": list(_ARGUMENTS),
    }


def font_folders() -> list[Path]:
    """Return the folders of the installed Japanese font packages.

    Raises:
        ModuleNotFoundError: a font package is missing.
    """
    folders = []
    for package in _FONT_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"the font package {package} is not installed")
        folders.append(Path(spec.origin).parent)
    return folders


def font_environment(cache_dir: Path) -> dict[str, str | float | bool]:
    """Return the environment for ``launch(env=…)``: these fonts and no others.

    Writes ``fonts.conf`` and fontconfig's cache into ``cache_dir``. Without any font a page of
    Japanese text brings Debian's chromium down, so no test starts it otherwise.
    """
    cache_dir.mkdir(parents=True, exist_ok=True)
    folders = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in font_folders())
    cache = escape(str(cache_dir / "cache"))
    configuration = cache_dir / "fonts.conf"
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig>{folders}<cachedir>{cache}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return {**os.environ, "FONTCONFIG_FILE": str(configuration)}
