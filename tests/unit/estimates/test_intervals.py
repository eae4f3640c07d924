"""How uncertainty goes through: averages, swings, whole micro-dollars."""

from __future__ import annotations

import math

import pytest

from switchtax.estimates.interval import Interval, average_over, exactly
from switchtax.estimates.money import PICOS, Money, Swing, difference_of, money_of
from switchtax.estimates.spread import count, evaluate, extremes, points_of, swing
from switchtax.records import Unknown

NO = Unknown("not known")


def test_disorder_is_refused() -> None:
    with pytest.raises(ValueError, match="not an interval"):
        Interval(2, 1, 3)
    with pytest.raises(ValueError, match="not an amount"):
        Money(1, 2, 1)


def test_width() -> None:
    assert 4 == Interval(1, 2, 5).width


class TestAverage:
    def test_one_draw_is_the_distribution_itself(self) -> None:
        assert Interval(1, 5, 29) == average_over(Interval(1, 5, 29), 1)
        assert Interval(1, 5, 29) == average_over(Interval(1, 5, 29), 0.2)

    def test_what_is_known_stays_known(self) -> None:
        assert exactly(3) == average_over(exactly(3), 50)

    def test_every_end_counts_in_the_mean(self) -> None:
        """mean = 0.3·10 + 0.4·20 + 0.3·60 = 29, half = 25, and four draws halve the spread."""
        found = average_over(Interval(10, 20, 60), 4)
        assert math.isclose(29 - 9 / 4, found.mid)
        assert math.isclose(29 - 25 / 2 + (10 - 29 + 25) / 4, found.low)
        assert math.isclose(29 + 25 / 2 + (60 - 29 - 25) / 4, found.high)
        two = average_over(Interval(10, 20, 60), 2)
        assert math.isclose(29 - 9 / 2, two.mid)

    def test_ten_recorded_turns(self) -> None:
        """mean = 0.3·1 + 0.4·5 + 0.3·29 = 11; half = 14; the mid goes there with 1/n."""
        found = average_over(Interval(1, 5, 29), 10)
        assert math.isclose(11 - 6 / 10, found.mid)
        assert math.isclose(11 - 14 / math.sqrt(10) + (1 - 11 + 14) / 10, found.low)
        assert math.isclose(11 + 14 / math.sqrt(10) + (29 - 11 - 14) / 10, found.high)


class TestSwings:
    def test_points_are_the_mids_and_each_input_alone(self) -> None:
        inputs = (Interval(1, 2, 3), exactly(7), Interval(4, 5, 6))
        assert [[(2, 7, 5)], [(1, 7, 5), (3, 7, 5)], [(2, 7, 4), (2, 7, 6)]] == points_of(inputs)

    def test_independent_swings_add_as_squares(self) -> None:
        results = evaluate(lambda p: p[0] + p[1], (Interval(7, 10, 14), Interval(16, 20, 23)))
        assert Swing(30, math.isqrt(3**2 + 4**2), math.isqrt(4**2 + 3**2)) == swing(results, int)

    def test_a_common_input_cancels_in_the_difference(self) -> None:
        """Worst-case subtraction would give -15 to +15."""
        results = evaluate(lambda p: (p[0] * 3, p[0] * 3), (Interval(5, 8, 10),))
        assert Swing(0, 0, 0) == swing(results, lambda pair: int(pair[1] - pair[0]))

    def test_an_input_that_moves_one_way_only_widens_one_end(self) -> None:
        results = evaluate(lambda p: int(p[0] ** 2), (Interval(-2, 0, 3),))
        assert Swing(0, 0, 9) == swing(results, int)

    def test_unknown_anywhere_is_unknown(self) -> None:
        results = evaluate(lambda p: p[0], (Interval(1, 2, 3),))
        assert NO == swing(results, lambda value: NO if value == 3 else 1)
        assert NO == swing(results, lambda value: NO if value == 2 else 1)

    def test_counts_do_not_fall_below_zero(self) -> None:
        results = evaluate(lambda p: int(min(p)), (Interval(0, 3, 9), Interval(0, 3, 9)))
        assert Interval(0, 3, 3) == count(results, int)

    def test_extremes_may_be_infinite(self) -> None:
        results = evaluate(lambda p: p[0], (Interval(1, 2, 3),))
        found = extremes(results, lambda value: math.inf if value == 3 else value)
        assert Interval(1, 2, math.inf) == found


class TestMoney:
    def test_no_cost_is_below_zero(self) -> None:
        """A wide swing reaches down to nothing, not to a gain."""
        assert Money(0, 1, 4) == money_of(Swing(PICOS, 2 * PICOS, 3 * PICOS))

    def test_picos_are_rounded_half_up_once(self) -> None:
        assert Money(1, 2, 2) == money_of(Swing(1_500_000, 500_000, 499_999))
        assert Money(-1, -1, -1) == money_of(Swing(-1_500_000, 0, 0))

    def test_amounts_are_integers(self) -> None:
        found = money_of(Swing(10**18 + 1, 3, 10**9))
        assert [int] * 3 == [type(each) for each in (found.low, found.mid, found.high)]
        assert 10**12 == found.mid

    def test_the_rounded_mids_add_up(self) -> None:
        stay, switch = money_of(Swing(400_000, 0, 0)), money_of(Swing(1_600_000, 0, 0))
        assert Money(2, 2, 2) == difference_of(switch, stay, Swing(1_200_000, 0, 0))

    def test_unknown_parts(self) -> None:
        some = Money(1, 1, 1)
        assert NO == money_of(NO)
        assert NO == difference_of(NO, some, Swing(1, 1, 1))
        assert NO == difference_of(some, NO, Swing(1, 1, 1))
        assert NO == difference_of(some, some, NO)
