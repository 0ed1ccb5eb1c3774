"""From an expression to a value, with Pint."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pint

from calculation.phrases import Asked

_LONGEST = 200
_ALIASES = {
    "f": "degF", "°f": "degF", "fahrenheit": "degF", "degrees fahrenheit": "degF", "c": "degC", "°c": "degC",
    "celsius": "degC", "degrees celsius": "degC", "degrees c": "degC", "degrees f": "degF", "k": "kelvin",
    "pounds": "lb", "stones": "stone", "lbs": "lb", "feet": "ft", "inches": "inch", "in": "inch",
    "mph": "mile/hour", "km/h": "km/hour", "kmh": "km/hour", "kph": "km/hour", "sqm": "m**2", "m2": "m**2",
    "square metres": "m**2", "square meters": "m**2", "square feet": "ft**2", "sqft": "ft**2", "km2": "km**2",
    "cubic metres": "m**3", "cubic meters": "m**3", "m3": "m**3", "h": "hour", "hrs": "hour",
    "mins": "minute", "secs": "second", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte",
    "gib": "gibibyte", "mib": "mebibyte", "cups": "cup", "tbsp": "tablespoon", "tsp": "teaspoon",
    "knots": "knot",
    "nautical miles": "nautical_mile", "light years": "light_year", "fluid ounces": "fluid_ounce",
    "square kilometres": "km**2", "square kilometers": "km**2", "square miles": "mile**2", "cl": "centiliter",
}  # fmt: skip
_MONEY = re.compile(r"[€$£¥]|\b(?:eur|euros?|usd|dollars?|gbp|chf|francs?|yen|jpy)\b", re.IGNORECASE)
_TERM = re.compile(
    r"(\d[\d.]*(?:e[+-]?\d+)?)\s*([a-zµ°]+(?:(?:\s+per\s+|\s*/\s*|\s+)[a-zµ°]+)*(?:\s?\*\*[23]|[23])?)?",
    re.IGNORECASE,
)
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


class NoValue(Exception):
    """It cannot be computed, and the message says why."""


@cache
def _units() -> "pint.UnitRegistry[float]":
    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True, on_redefinition="ignore")


def compute(asked: Asked) -> str:
    """The value as text, such as `26.0976 miles`.

    Raises:
        NoValue: it is no expression, has an unknown unit, or a value too large.
    """
    if _MONEY.search(asked.expression) or (asked.unit and _MONEY.search(asked.unit)):
        raise NoValue("I do not convert money: rates change, and I have no source for them.")
    if not any(char.isdigit() for char in asked.expression) or len(asked.expression) > _LONGEST:
        raise NoValue("There is no number to calculate with.")
    try:
        value = _value(asked.expression)
        if asked.unit is None:
            return _told(value)
        return _told(_quantity(value).to(_unit(asked.unit)), wanted=asked.unit)
    except pint.UndefinedUnitError as error:
        raise NoValue(f"I do not know the unit “{_listed(error.unit_names)}”.") from error
    except pint.DimensionalityError as error:
        raise NoValue(f"{error.units1} cannot be turned into {error.units2}.") from error
    except (OverflowError, ZeroDivisionError) as error:
        what = "divide by zero" if isinstance(error, ZeroDivisionError) else "write out a number so large"
        raise NoValue(f"Nobody can {what}.") from error
    except Exception as error:  # Pint's parser raises whatever its tokens lead it to
        raise NoValue(f"I cannot read “{asked.expression}” as a calculation.") from error


def _value(expression: str) -> Any:
    terms: dict[str, Any] = {}

    def name(found: re.Match[str]) -> str:
        key = f"q{len(terms)}"
        number = float(found[1])
        terms[key] = _units().Quantity(number, _unit(found[2])) if found[2] else number
        return key

    return _walked(ast.parse(_TERM.sub(name, expression), mode="eval").body, terms)


def _walked(node: ast.expr, terms: Mapping[str, Any]) -> Any:
    """Numbers are floats, so that powers of powers overflow at once instead of filling the memory."""
    match node:
        case ast.Name(id=name):
            return terms[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_walked(inner, terms)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATORS[type(sign)](_walked(left, terms), _walked(right, terms))
    raise ValueError("no arithmetic")


def _quantity(value: Any) -> Any:
    return value if isinstance(value, pint.Quantity) else _units().Quantity(value)


def _unit(name: str) -> str:
    plain = " ".join(name.lower().split())
    if plain in _ALIASES:
        return _ALIASES[plain]
    return name.strip().replace("²", "**2").replace("³", "**3").replace("^", "**").replace(" per ", "/")


def _told(value: Any, *, wanted: str | None = None) -> str:
    if not isinstance(value, pint.Quantity):
        return _number(float(value), 12)
    if value.dimensionless and wanted is None:
        return _number(float(value.to("").magnitude), 12)
    return f"{_number(float(value.magnitude), 6)} {wanted or _name(value.units)}".strip()


def _name(units: Any) -> str:
    return format(units, "~P")


def _number(value: float, digits: int) -> str:
    """With separators of thousands, and no digits that the computer made up."""
    if not math.isfinite(value):
        raise OverflowError
    text = f"{value:,.{digits}g}" if 1e-4 <= abs(value) < 1e15 or value == 0 else f"{value:.{digits}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e15:
        text = f"{value:,.0f}"
    return text


def _listed(names: Any) -> str:
    return names if isinstance(names, str) else ", ".join(names)
