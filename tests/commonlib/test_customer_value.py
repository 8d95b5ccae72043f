"""What the functions of commonlib.customer_value returned in notebooks/adhoc/customer_value.ipynb, they still return."""

from pathlib import Path

import pytest

from commonlib import customer_value, laws, recorded

CALLS = Path(__file__).parent / "recorded" / "customer_value"


@pytest.mark.parametrize("call", recorded.calls(CALLS / "rfm_summary.json"), ids=str)
def test_rfm_summary_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.rfm_summary(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "rfm_summary.json"), ids=str)
def test_rfm_summary_takes_rows_in_any_order(call: recorded.Call) -> None:
    laws.takes_rows_in_any_order(customer_value.rfm_summary, call)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "bgnbd_loglik.json"), ids=str)
def test_bgnbd_loglik_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.bgnbd_loglik(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "bgnbd_loglik.json"), ids=str)
def test_bgnbd_loglik_treats_each_row_alone(call: recorded.Call) -> None:
    laws.treats_each_row_alone(customer_value.bgnbd_loglik, call)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "fit_bgnbd.json"), ids=str)
def test_fit_bgnbd_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.fit_bgnbd(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "p_alive.json"), ids=str)
def test_p_alive_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.p_alive(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "p_alive.json"), ids=str)
def test_p_alive_treats_each_row_alone(call: recorded.Call) -> None:
    laws.treats_each_row_alone(customer_value.p_alive, call)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "expected_purchases.json"), ids=str)
def test_expected_purchases_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.expected_purchases(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "expected_purchases.json"), ids=str)
def test_expected_purchases_treats_each_row_alone(call: recorded.Call) -> None:
    laws.treats_each_row_alone(customer_value.expected_purchases, call)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "fit_gamma_gamma.json"), ids=str)
def test_fit_gamma_gamma_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.fit_gamma_gamma(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "expected_spend.json"), ids=str)
def test_expected_spend_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.expected_spend(*call.args, **call.kwargs), call.result)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "expected_spend.json"), ids=str)
def test_expected_spend_treats_each_row_alone(call: recorded.Call) -> None:
    laws.treats_each_row_alone(customer_value.expected_spend, call)


@pytest.mark.parametrize("call", recorded.calls(CALLS / "discount_factor.json"), ids=str)
def test_discount_factor_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same(customer_value.discount_factor(*call.args, **call.kwargs), call.result)
