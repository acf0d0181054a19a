"""A budget is spent, and comes back with the next minute."""

from workers.budget import WINDOW_MS, Budget


def test_a_budget_is_spent_and_comes_back() -> None:
    budget = Budget(2)
    assert [budget.spend("a", 1000 + each) for each in range(4)] == [True, True, False, False]
    assert budget.spend("b", 1000)
    assert not budget.spend("a", 1000 + WINDOW_MS - 1)
    assert budget.spend("a", 1000 + WINDOW_MS)


def test_old_names_are_forgotten() -> None:
    budget = Budget(1)
    assert budget.spend("first", 0)
    assert all(budget.spend(str(each), 0) for each in range(1000))
    assert budget.spend("first", 0)
