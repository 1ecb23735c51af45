"""The icons the pages use, and the command that writes them into one sprite.

`python -m console.web.icons FOLDER` reads an unpacked @tabler/icons package and writes
`static/vendor/tabler-icons/icons.svg`. Names are those of the package.
"""

import re
import sys
from pathlib import Path

SPRITE = "vendor/tabler-icons/icons.svg"

_NAMES = """
adjustments-horizontal alert-circle alert-triangle arrow-down arrow-left arrow-narrow-right
arrow-right arrow-up ban bolt bookmark box building building-community calendar chart-dots check
chevron-down chevron-left chevron-right chevron-up circle-check circle-dashed circle-x clock copy
database device-mobile dots download equal external-link eye eye-off filter folder git-compare
hand-stop help help-circle hierarchy-2 history home id-badge-2 info-circle key layout-sidebar-right
link list-check list-tree loader-2 lock login logout mail minus moon packages pencil player-pause
plug plus question-mark refresh robot route router search selector server settings shield
shield-check shield-lock shield-x sitemap sun table topology-star trash unlink upload user
user-minus user-plus users users-group world x
"""

OUTLINE = frozenset(_NAMES.split())

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_SPACE = re.compile(r">\s+<")


def symbol(name: str, svg: str) -> str:
    """Return one `<symbol>` of an icon file, without the empty frame that each file starts with.

    Raises ValueError for text that is no SVG.
    """
    found = _BODY.search(svg)
    if found is None:
        raise ValueError(f"The file of icon {name} holds no svg element.")
    body = _SPACE.sub("><", _FRAME.sub("", found.group(1)).strip())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def sprite(folder: Path) -> str:
    """Return the sprite of all icons, read from an unpacked package. Raises FileNotFoundError."""
    symbols = (
        symbol(name, (folder / "icons/outline" / f"{name}.svg").read_text()) for name in sorted(OUTLINE)
    )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main(folder: str) -> None:
    """Write the sprite and say what was written."""
    target = Path(__file__).resolve().parents[2] / "static" / SPRITE
    target.write_text(sprite(Path(folder)))
    print(f"{len(OUTLINE)} icons, {target.stat().st_size} bytes: {target}")


if __name__ == "__main__":
    main(sys.argv[1])
