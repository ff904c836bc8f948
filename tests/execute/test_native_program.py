"""The native backend as users meet it: calls, buffers, sizes, source, no compiler."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.native.definitions.arrays import Combination, Formula, Monomial
from gradform.codegen.native.definitions.expand import Expansion
from gradform.errors import ArrayError
from gradform.execute.native.compiler import compiler
from gradform.execute.native.kept import agreed

SHAPES = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
LOSS = gf.parse("sum(softplus(-y.*(X*w)))", shapes=SHAPES)


def arrays(m: int = 5, n: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(m)
    return {"X": rng.normal(size=(m, n)), "w": rng.normal(size=n), "y": np.sign(rng.normal(size=m))}


def native(*what: Any, **options: Any) -> Any:
    return gf.compile(*what, backend="native", **options)


def test_other_sizes_are_compiled_when_they_come() -> None:
    program, plain = native(LOSS.gradient("w")), LOSS.gradient("w").compile()
    for size in ((5, 3), (7, 2), (5, 3), (1, 1)):
        given = arrays(*size)
        np.testing.assert_allclose(program(**given), plain(**given), rtol=1e-12)


def test_source_is_that_of_the_last_sizes() -> None:
    program = native(LOSS.gradient("w"))
    assert "before the first call" in program.source
    program(**arrays())
    assert "int gf_derivative(" in program.source


def test_buffers_are_filled_and_returned() -> None:
    program = native(LOSS, LOSS.gradient("w"), LOSS.hessian("w"))
    given = arrays()
    wanted = program(**given)
    out = (np.empty(()), np.empty(3), np.empty((3, 3)))
    assert program(**given, out=out) is out
    for buffer, result in zip(out, wanted, strict=True):
        assert np.array_equal(buffer, result)


def test_an_output_that_is_an_input_or_comes_twice() -> None:
    value = gf.parse("x", shapes={"x": ("n",)})
    given = np.arange(3.0)
    first, second = native(value, value)(x=given)
    assert first.tolist() == second.tolist() == [0.0, 1.0, 2.0]
    first[0] = 7.0
    assert given[0] == 0.0 and second[0] == 0.0


def test_specialised_by_sizes_and_by_arrays() -> None:
    program = native(LOSS.gradient("w"))
    given = arrays()
    wanted = program(**given)
    for kernel in (program.specialised(m=5, n=3), program.specialised(**given)):
        assert np.array_equal(kernel(**given), wanted)
    other = arrays(6, 2)
    assert np.array_equal(program.specialised(m=5, n=3)(**other), program(**other))


def test_integers_lists_and_strided_arrays() -> None:
    value = native(gf.parse("A*x", shapes={"A": ("m", "n"), "x": ("n",)}))
    table = np.arange(24).reshape(4, 6)
    assert value(A=table[:, ::2], x=[1, 0, 2]).tolist() == (table[:, ::2] @ [1, 0, 2]).tolist()
    assert value(A=np.asfortranarray(table), x=np.ones(6, int)).tolist() == table.sum(1).tolist()


def test_shapes_that_do_not_fit() -> None:
    program = native(LOSS.gradient("w"))
    given = arrays()
    with pytest.raises(ArrayError, match=r"w must have shape \(n,\) with n = 3, got \(4,\)"):
        program(**{**given, "w": np.ones(4)})
    with pytest.raises(ArrayError, match="No value was given for 'y'"):
        program(X=given["X"], w=given["w"])


def test_matrices_without_factors() -> None:
    solve = native(gf.parse("inv(A)*x", shapes={"A": ("n", "n"), "x": ("n",)}))
    with pytest.raises(np.linalg.LinAlgError, match="A is singular"):
        solve(A=np.zeros((3, 3)), x=np.ones(3))
    shapes = {"S": ("n", "n"), "x": ("n",)}
    spd = gf.parse("x'*inv(S)*x + logdet(S)", shapes=shapes, assume={"S": "spd"})
    with pytest.raises(np.linalg.LinAlgError, match="S is not positive definite"):
        native(spd)(S=-np.eye(3), x=np.ones(3))
    determinant = native(gf.parse("det(A)", shapes={"A": ("n", "n")}))
    assert determinant(A=np.zeros((3, 3))) == 0.0


def test_operations_without_a_native_form() -> None:
    """NumPy does them between stages; batches go point by point."""
    value = gf.parse("sum(exp(expm(A)*x)) + tr(pinv(A))", shapes={"A": ("n", "n"), "x": ("n",)})
    rng = np.random.default_rng(0)
    given = {"A": rng.normal(size=(3, 3)), "x": rng.normal(size=3)}
    np.testing.assert_allclose(native(value)(**given), value.compile()(**given), rtol=1e-12)
    stacked = {name: np.stack([array, 2 * array]) for name, array in given.items()}
    wanted = value.compile(batch=True)(**stacked)
    np.testing.assert_allclose(native(value, batch=True)(**stacked), wanted, rtol=1e-12)


def test_factors_on_both_sides_of_such_operations() -> None:
    value = gf.parse(
        "inv(A)*expm(inv(A)*B)*x", shapes=dict.fromkeys("AB", ("n", "n")) | {"x": ("n",)}
    )
    rng = np.random.default_rng(0)
    given = {"A": rng.normal(size=(3, 3)) + 3 * np.eye(3), "B": rng.normal(size=(3, 3))}
    given["x"] = rng.normal(size=3)
    np.testing.assert_allclose(native(value)(**given), value.compile()(**given), rtol=1e-12)


def test_without_a_compiler_numpy_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler()
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.warns(UserWarning, match="runs on NumPy"):
        program = native(LOSS.gradient("w"))
    given = arrays()
    np.testing.assert_allclose(program(**given), LOSS.gradient("w").compile()(**given))


FORMULAS = [
    "norm2([softmax(A*x); y.*softmax(x)])^3/sum(softmax(x).^2)",
    "sumsq((x*[x; y]')*[y; x])",
    "sum(kron(softmax(A*x), y))^2",
    "tr(x*y'*A)^3*norm2([x; y])",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_entries_are_read_with_the_indices_of_their_array(text: str) -> None:
    """What is computed entry by entry reads arrays of its own shape, or numbers: an axis of one
    entry has no other index to be read with."""
    rng = np.random.default_rng(3)
    function = gf.parse(text, shapes={"x": ("n",), "y": ("n",), "A": ("n", "n")})
    for what in (function.gradient("x"), function.hessian("x")):
        task = what.compile().task
        program, values = program_of(task, {"n": 4})
        expansion = Expansion(program, {"n": 4}, {p.name: k for k, p in enumerate(task.parameters)})
        expansion.expand(values)
        for array in expansion.arrays.all:
            if isinstance(array.kind, Combination | Monomial | Formula):
                read = {expansion.arrays[each].shape for each in array.arguments}
                assert read <= {(), array.shape}, array
        given = {p.name: rng.uniform(0.5, 2, [4] * len(p.axes)) for p in task.parameters}
        wanted = what.compile()(**given)
        scale = float(np.abs(wanted).max())
        np.testing.assert_allclose(native(what)(**given), wanted, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize(
    "text",
    [
        "logsumexp(a) + logsumexp(b) + sum(exp(c))",
        "max(a)*max(b) - min(a) + sum(exp(c))",
        "norm2(a)*norm2(b) + norm2(a - b) + sum(exp(c))",
        "sum(softmax(a).*softmax(b)) + norm1(a)*norminf(b) + sum(exp(c))",
        "logsumexp(a + b) - logsumexp(a) + logdet(P) + sum(exp(c))",
    ],
)
@pytest.mark.parametrize("k", [1, 2])
def test_loops_of_one_round_stand_beside_each_other(k: int, text: str) -> None:
    """They are no blocks of C, so that names in them have to differ."""
    shapes = {"a": ("k",), "b": ("k",), "c": ("n",), "P": ("k", "k")}
    used = {name: shape for name, shape in shapes.items() if name in text}
    function = gf.parse(text, shapes=used, assume={"P": "spd"} if "P" in used else None)
    rng = np.random.default_rng(k)
    given = {name: rng.normal(size=[{"k": k, "n": 2000}[x] for x in used[name]]) for name in used}
    if "P" in used:
        given["P"] = np.eye(k)
    parts: list[Any] = [function, function.gradient("a")]
    found = gf.compile(*parts, backend="native")(**given)
    for one, other in zip(found, gf.compile(*parts)(**given), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_fork_does_not_wait_for_threads() -> None:
    """What OpenMP started in the parent is not there in the child."""
    shapes = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
    f = gf.parse("sum(log(vector(1) + exp(-y.*(X*w))))", shapes=shapes)
    program = gf.compile(f, f.gradient("w"), backend="native", threads=2)
    random = np.random.default_rng(0)
    given = {"X": random.normal(size=(20_000, 30)), "w": np.ones(30), "y": np.ones(20_000)}
    wanted = program(**given)
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends a child that waits
        same = [program(**given), pickle.loads(pickle.dumps(program))(**given)]
        os._exit(0 if all(np.array_equal(each[1], wanted[1]) for each in same) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_threads_may_call_what_another_has_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    program = gf.parse("sum(exp(x))", shapes={"x": ("n",)}).compile("native")
    program(x=np.ones(2))
    asks = "gradform.execute.native.program.agreed"
    failed = []

    def call() -> None:
        try:
            program(x=np.zeros(3))
        except KeyError as error:
            failed.append(error)

    def slow(key: str) -> bool:
        monkeypatch.setattr(asks, agreed)
        other = threading.Thread(target=call)
        other.start()
        other.join()
        return agreed(key)

    monkeypatch.setattr(asks, slow)
    assert program(x=np.zeros(3)) == 3.0
    assert not failed
