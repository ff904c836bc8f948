"""Run in a process of its own: all losses on four devices, which JAX has to know at its start.

Prints a line for each loss that agrees with NumPy and exchanges nothing but totals.
"""

from __future__ import annotations

import os
import re
from typing import Any

import numpy as np

import gradform as gf
from gradform.errors import ArrayError, CannotError
from tests.execute.chunks import agree, drawn
from tests.unit.codegen.loss_cases import LOSSES, Loss

SIZES = {"m": 8, "n": 4, "k": 3, "p": 2}


def main() -> None:
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
    import jax  # noqa: PLC0415 - after the flags

    configuration: Any = jax.config
    configuration.update("jax_enable_x64", True)
    automatic = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
    for loss in LOSSES:
        check(jax, loss, automatic)
    explicit = jax.make_mesh((4,), ("rows",))
    check(jax, LOSSES[0], explicit)
    check_refusals(automatic)


def check(jax: Any, loss: Loss, mesh: Any) -> None:
    arrays = drawn(loss, SIZES)
    program = gf.compile(*loss.parts(), backend="jax", mesh=mesh)
    rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
    data = {
        name: jax.device_put(array, rows) if loss.shapes[name][:1] == ("m",) else array
        for name, array in arrays.items()
    }
    found = program(**data)
    for one, wanted in zip(found, gf.compile(*loss.parts())(**arrays), strict=True):
        agree(one, wanted)
        is_parted = np.shape(wanted)[:1] == (SIZES["m"],)
        assert one.sharding.is_fully_replicated != is_parted
    text = program.lower(**data).compile().as_text()  # type: ignore[attr-defined]
    exchanges = set(re.findall(r"(all-\w+|collective-\w+|reduce-scatter)\(", text))
    assert exchanges == {"all-reduce"}, exchanges
    print(loss.name)


def check_refusals(mesh: Any) -> None:
    program = gf.compile(*LOSSES[0].parts(), backend="jax", mesh=mesh)
    try:
        program(**drawn(LOSSES[0], {**SIZES, "m": 9}))
    except ArrayError as error:
        assert "9 rows of X and y cannot be parted evenly over 4 devices" in str(error)
        print("refused")
    try:
        program(**{**drawn(LOSSES[0], SIZES), "y": 1j * np.ones(SIZES["m"])})
    except ArrayError as error:
        assert "y must hold real numbers" in str(error)
        print("refused")
    try:
        gf.parse("sum(exp(A*A*x))", shapes={"A": ("n", "n"), "x": ("n",)}).compile(
            "jax", mesh=mesh
        )(A=np.eye(4), x=np.ones(4))
    except CannotError as error:
        assert error.kind == "not_separable"
        print("refused")


main()
