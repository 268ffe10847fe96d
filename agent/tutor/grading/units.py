"""Units of measure, so that 1600 cm is 16 m, and 16 kg is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

_TABLE: Final[Mapping[str, Mapping[float, str]]] = {
    "length": {
        1: "m meter meters metre metres 미터", 0.01: "cm centimeter centimeters centimetre centimetres 센티미터 센티",
        0.001: "mm millimeter millimeters 밀리미터", 1000: "km kilometer kilometers kilometre kilometres 킬로미터",
        1e-9: "nm nanometer nanometers 나노미터", 0.0254: "inch inches 인치", 0.3048: "ft foot feet 피트",
        0.9144: "yd yard yards", 1609.344: "mi mile miles 마일",
    },
    "mass": {
        1: "kg kilogram kilograms 킬로그램", 0.001: "g gram grams 그램", 1e-6: "mg milligram milligrams 밀리그램",
        1000: "tonne tonnes 톤", 0.45359237: "lb lbs pound pounds 파운드", 0.028349523125: "oz ounce ounces",
    },
    "time": {
        1: "s sec second seconds 초", 60: "min minute minutes 분", 3600: "h hr hrs hour hours 시간",
        86400: "day days 일", 604800: "week weeks 주", 0.001: "ms millisecond milliseconds 밀리초",
        31557600: "yr year years 년",
    },
    "volume": {1: "L liter liters litre litres 리터", 0.001: "mL ml milliliter milliliters 밀리리터"},
    "angle": {1: "rad radian radians 라디안", math.pi / 180: "deg degree degrees 도"},
    "force": {1: "N newton newtons 뉴턴"}, "energy": {1: "J joule joules 줄", 1000: "kJ"},
    "power": {1: "W watt watts 와트", 1000: "kW"}, "voltage": {1: "V volt volts 볼트"},
    "current": {1: "A amp amps ampere amperes 암페어"}, "pressure": {1: "Pa pascal pascals 파스칼", 1000: "kPa"},
    "frequency": {1: "Hz hertz 헤르츠"}, "amount": {1: "mol mole moles 몰"}, "temperature": {1: "K kelvin 켈빈"},
    "information": {1: "bit bits 비트", 8: "B byte bytes 바이트", 8 * 1024: "KB", 8 * 1024**2: "MB", 8 * 1024**3: "GB"},
    "dollars": {1: "dollar dollars USD 달러", 0.01: "cent cents 센트"}, "won": {1: "won KRW 원"},
}  # fmt: skip

UNITS: Final[Mapping[str, tuple[str, float]]] = {
    name: (measure, size)
    for measure, sizes in _TABLE.items()
    for size, names in sizes.items()
    for name in names.split()
}
"""What each unit measures, and how many of that measure's base unit it is."""
