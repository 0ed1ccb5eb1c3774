"""How every chart looks: one sheet, a headline, quiet axes, colours that stay apart in print."""

import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csv_report import wording

INK, QUIET, GRID, PAPER = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff"
BLUE, AMBER = "#2563eb", "#d97706"
SERIES = (BLUE, AMBER, "#059669", "#db2777", "#7c3aed")  # told apart with red-green blindness, and in grey

_WIDTH_IN, _HEIGHT_IN, _DPI = 10.0, 5.8, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.075, 0.955, 0.80, 0.105
_FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "Noto Sans Arabic",
)


def new_sheet(title: str, subtitle: str) -> Figure:
    """An empty sheet of 1,600 by 928 pixels under its headline."""
    known = {entry.name for entry in fontManager.ttflist}
    mpl.rcParams.update(
        {
            "font.family": [font for font in _FONTS if font in known] or ["sans-serif"],
            "font.size": 11,
            "text.color": INK,
            "text.parse_math": False,  # a dollar sign in a name is a dollar sign
            "axes.unicode_minus": False,
        }
    )
    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), dpi=_DPI, facecolor=PAPER)
    figure.text(0.04, 0.935, wording.clip(title, 68), fontsize=17, fontweight="bold", va="center")
    figure.text(0.04, 0.875, wording.clip(subtitle, 110), fontsize=11, color=QUIET, va="center")
    return figure


def add_panel(figure: Figure, *, left: float = _LEFT, bottom: float = _BOTTOM) -> Axes:
    """One set of axes that fills the sheet below the headline."""
    axes = figure.add_axes((left, bottom, _RIGHT - left, _TOP - bottom))
    quieten(axes)
    return axes


def add_panels(figure: Figure, number: int) -> list[Axes]:
    """One to four sets of axes, two beside each other."""
    across, down = min(number, 2), (number + 1) // 2
    grid = figure.add_gridspec(
        down, across, left=0.06, right=_RIGHT, top=_TOP - 0.04, bottom=_BOTTOM, hspace=0.62, wspace=0.16
    )
    panels = [figure.add_subplot(grid[place // across, place % across]) for place in range(number)]
    for axes in panels:
        quieten(axes)
    return panels


def quieten(axes: Axes) -> None:
    """Only what helps reading: a faint grid across and a base line."""
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#9ca3af")
    axes.grid(axis="y", color=GRID, linewidth=0.9)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=QUIET, labelsize=10.5, pad=6)


def scale(axes: Axes, which: str, unit: str = "", *, ticks: int = 6, whole: bool = False) -> None:
    """Short round numbers along one axis."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10], integer=whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _: wording.short(value, unit)))


def scale_dates(axes: Axes) -> None:
    """Dates along the bottom, each as short as its neighbours allow."""
    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]


def spread_labels(heights: Sequence[float], gap: float) -> list[float]:
    """Moves labels apart until none is nearer than `gap` to the next, each as little as possible."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    moved = list(heights)
    for _ in range(50):
        for below, above in pairwise(order):
            overlap = gap - (moved[above] - moved[below])
            if overlap > 1e-12:
                moved[below] -= overlap / 2
                moved[above] += overlap / 2
    return moved


def save(figure: Figure, path: Path) -> None:
    """Writes the PNG; the same data gives the same bytes."""
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box is drawn instead
        figure.savefig(path, format="png", metadata={"Software": None})
