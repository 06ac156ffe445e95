"""Runs in cosmic-ray's environment: SEED COUNT MODULE... -> drawn mutants, one JSON object a line.

A place in the code is drawn first, then one of the mutants at that place: a comparison, which has many, is not
drawn more often than a condition.
"""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import json
import random
import re
import sys
from pathlib import Path

# Unions are nearly all in annotations and decorators fail at import: both would only add mutants that always die.
# Other exchanges of `==` and `is` change nothing for interned values.
_LEFT_OUT = re.compile(r"BitOr_|RemoveDecorator|Variable|Is_Eq|IsNot_NotEq|Eq_Is$|NotEq_IsNot|ExceptionReplacer")


def main(seed: int, count: int, modules: list[str]) -> None:
    from cosmic_ray.ast import ast_nodes, get_ast_from_path  # noqa: PLC0415
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415
    from cosmic_ray.plugins import get_operator, operator_names  # noqa: PLC0415

    operators = {name: get_operator(name)() for name in sorted(operator_names()) if not _LEFT_OUT.search(name)}
    places: dict[tuple[str, int, int, str], list[tuple[str, int]]] = {}
    for module in modules:
        tree, lines = get_ast_from_path(Path(module)), Path(module).read_text("utf-8").splitlines()
        for name, operator in operators.items():
            found = [at for node in ast_nodes(tree) for at, _ in operator.mutation_positions(node)]
            for occurrence, (row, column) in enumerate(found):
                if not lines[row - 1].startswith("@"):  # `frozen=True` is held by the type checker
                    places.setdefault((module, row, column, name[:24]), []).append((name, occurrence))
    draws = random.Random(seed)
    for place in draws.sample(sorted(places), min(count, len(places))):
        name, occurrence = draws.choice(places[place])
        code = mutate_code(Path(place[0]).read_text("utf-8"), operators[name], occurrence)
        sys.stdout.write(json.dumps({"module": place[0], "row": place[1], "operator": name, "code": code}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
