"""Numbers and names as figures and sentences print them: true minus signs, powers of ten, small indices."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: float) -> str:
    """Four significant digits and a true minus: −0.1491."""
    return f"{value:.4g}".replace("-", "−")


def power_of_ten(exponent: int) -> str:
    """10⁻⁵ for −5."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def scientific(value: float, digits: int = 1) -> str:
    """A number in scientific notation, ``digits`` of them, that no line breaks: 3.5 × 10⁻⁷; from 1 to 10 as it is."""
    mantissa, exponent = f"{value:.{digits - 1}e}".replace("-", "−", int(value < 0)).split("e")
    if int(exponent) == 0:
        return mantissa
    return f"{mantissa}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{power_of_ten(int(exponent))}"


def indexed(pattern: str, index: int) -> str:
    """``pattern`` with every # replaced by a small index: W₁ for "W#" and 1."""
    return pattern.replace("#", str(index).translate(SUBSCRIPTS))
