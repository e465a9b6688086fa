"""Automatic mutants: a reference answer changed in one place, as a slip of the hand would.

The names of mutants are stable, for the known answers refer to them: they quote the changed line.
"""

import ast
import copy
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Any

__all__ = ["mutants", "region"]

LONGEST = 76  # characters of a name, so that a section may be called by it
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
    ast.FloorDiv: "//", ast.Mod: "%", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
PAIRS = ("sum mean", "max min", "argmax argmin", "maximum minimum", "any all", "zeros ones",
         "zeros_like ones_like")  # fmt: skip
NAMES = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}
AXIS = {0: 1, 1: 0, -1: 0}
ALONG = {"sum", "mean", "max", "min", "argmax", "argmin", "std", "var", "prod", "cumsum", "any",
         "all", "sort", "argsort", "concatenate", "stack", "softmax"}  # fmt: skip
SYMMETRIC = {"maximum", "minimum", "max", "min", "add", "multiply", "logaddexp", "hypot"}
DELETABLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.For, ast.While, ast.If,
             ast.With, ast.Break, ast.Continue, ast.Delete)  # fmt: skip

Variant = tuple[str, str, ast.AST]  # the kind of change, what it is, the node in place of the old


def mutants(source: str, limit: int | None = 40) -> Iterator[tuple[str, str]]:
    """Change a reference answer in one place at a time, inside its solution.

    Parameters
    ----------
    source : an answer cell; without markers all of it is the solution.
    limit : at most so many, spread evenly over the kinds of change; None for all.

    Yields
    ------
    name : what is changed and in which line, ``- for +: return x @ W + b``; a ``(2)`` follows where
        that is said twice.
    mutant : the changed cell, which compiles and differs from all others.
    """
    tree, lines = ast.parse(source), source.splitlines()
    inside = region(source) or range(1, len(lines) + 1)
    seen, names, found = {ast.dump(ast.parse(ast.unparse(tree)))}, Counter(), []
    for parent, field, index, node in _places(tree):
        if getattr(node, "lineno", 0) not in inside:
            continue
        for change, what, new in chain(*(make(node, parent) for make in MAKERS)):
            _put(parent, field, index, new)
            text = ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, field, index, node)
            with suppress(SyntaxError):
                compile(text, "<mutant>", "exec")
                if (form := ast.dump(ast.parse(text))) not in seen:
                    seen.add(form)
                    name = f"{what}: {lines[node.lineno - 1].split('  #')[0].strip()}"
                    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
                    names[name] += 1
                    name += f" ({names[name]})" if names[name] > 1 else ""
                    found.append((change, name, text))
    yield from _spread(found, limit)


def region(source: str) -> set[int]:
    """The numbers of the lines between BEGIN and END markers."""
    inside, found = False, set()
    for number, line in enumerate(source.splitlines(), 1):
        if marker := re.match(r"\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)", line):
            inside = marker[1] == "BEGIN"
        elif inside:
            found.add(number)
    return found


def _spread(found: list[tuple[str, str, str]], limit: int | None) -> Iterator[tuple[str, str]]:
    """Choose mutants, one of each kind in turn, and give them in their first order."""
    kinds: dict[str, list[int]] = {}
    for index, (change, _, _) in enumerate(found):
        kinds.setdefault(change, []).append(index)
    rng = random.Random(0)
    for group in kinds.values():
        rng.shuffle(group)
    turns = [index for turn in zip_longest(*kinds.values()) for index in turn if index is not None]
    for index in sorted(turns[:limit]):
        yield found[index][1:]


def _places(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node with the place it stands in; messages are left alone."""
    for field, value in ast.iter_fields(parent):
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr | ast.Raise):
                yield parent, field, index, node
                if _axis(node, parent) is None:
                    yield from _places(node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    """Put a node into a place."""
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """A copy of a node with other fields."""
    node = copy.copy(node)
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _axis(node: ast.AST, parent: ast.AST) -> int | None:
    """The axis that a node names: ``axis=1``, or the last argument of ``x.sum(1)``."""
    match parent:
        case ast.keyword(arg="axis"):
            pass
        case ast.Call(func=ast.Attribute(attr=name), args=[*_, last]) if last is node:
            if name not in ALONG:
                return None
        case _:
            return None
    with suppress(ValueError):
        value = ast.literal_eval(node)
        return value if type(value) is int and value in AXIS else None
    return None


def _operators(node: ast.AST, parent: ast.AST) -> Iterator[Variant]:
    match node:
        case ast.BinOp(op=old) | ast.AugAssign(op=old) if new := OPERATORS.get(type(old)):
            yield "operator", f"{SIGNS[new]} for {SIGNS[type(old)]}", _with(node, op=new())
        case ast.Compare(ops=ops):
            for i, old in enumerate(ops):
                for new in COMPARISONS.get(type(old), ()):
                    what = f"{SIGNS[new]} for {SIGNS[type(old)]}"
                    yield "comparison", what, _with(node, ops=[*ops[:i], new(), *ops[i + 1 :]])
        case ast.BoolOp(op=ast.And()):
            yield "logic", "or for and", _with(node, op=ast.Or())
        case ast.BoolOp():
            yield "logic", "and for or", _with(node, op=ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "logic", "without not", operand
        case ast.UnaryOp(op=ast.USub(), operand=operand) if _axis(node, parent) is None:
            yield "sign", "without minus", operand


def _values(node: ast.AST, parent: ast.AST) -> Iterator[Variant]:
    axis = _axis(node, parent)
    called = isinstance(parent, ast.Call) and parent.func is node
    match node:
        case _ if axis is not None:
            yield "axis", f"axis {AXIS[axis]} for {axis}", ast.Constant(AXIS[axis])
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int(value)):
            yield "constant", f"{value + 1} for {value}", ast.Constant(value + 1)
        case ast.Constant(value=float(value)) if value == 0:
            yield "constant", "1.0 for 0.0", ast.Constant(1.0)
        case ast.Constant(value=float(value)) if not isinstance(parent, ast.UnaryOp):
            yield "constant", f"-{value} for {value}", ast.UnaryOp(ast.USub(), node)
        case ast.Attribute(attr="T", value=value):
            yield "transpose", "without .T", value
        case ast.Attribute(attr=name) if called and name in NAMES:
            yield "function", f"{NAMES[name]} for {name}", _with(node, attr=NAMES[name])
        case ast.Name(id=name) if called and name in NAMES:
            yield "function", f"{NAMES[name]} for {name}", _with(node, id=NAMES[name])


def _calls(node: ast.AST, parent: ast.AST) -> Iterator[Variant]:
    if not isinstance(node, ast.Call):
        return
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if len(node.args) > 1 and name not in SYMMETRIC:
        first, second, *rest = node.args
        yield "arguments", "arguments swapped", _with(node, args=[second, first, *rest])
    for word in node.keywords:
        if word.arg:
            change = "keepdims" if word.arg == "keepdims" else "keyword"
            rest = [other for other in node.keywords if other is not word]
            yield change, f"without {word.arg}", _with(node, keywords=rest)


def _statements(node: ast.AST, parent: ast.AST) -> Iterator[Variant]:
    match node:
        case ast.AugAssign(target=target, value=value):
            sign = SIGNS.get(type(node.op), "")
            yield "assignment", f"= for {sign}=", ast.Assign([target], value)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield "condition", "negated", _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Slice():
            for end, step, op in (("lower", 1, ast.Add), ("upper", -1, ast.Sub)):
                if bound := getattr(node, end):
                    by = ast.BinOp(bound, op(), ast.Constant(1))
                    with suppress(ValueError):
                        by = ast.Constant(ast.literal_eval(bound) + step)
                    yield "slice", f"{end} bound {step:+d}", _with(node, **{end: by})
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, DELETABLE) and not text:
        yield "deletion", "deleted", ast.Pass()


MAKERS = (_operators, _values, _calls, _statements)
