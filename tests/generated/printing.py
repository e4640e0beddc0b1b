"""Trees as text, one layout and no comments; parentheses stand where the tree has them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from specc.syntax import tree


def printed(file: tree.File) -> str:
    lines = ["nnspec 1"]
    for statement in file.body:
        lines += ["", *_statement(statement, 0)]
    return "\n".join(lines) + "\n"


def _block(body: Iterable[tree.Statement], depth: int) -> list[str]:
    return [line for statement in body for line in _statement(statement, depth + 1)]


def _statement(node: tree.Statement, depth: int) -> list[str]:
    pad = "  " * depth
    match node:
        case tree.Assign(kind=kind, targets=targets, type=type_, value=value):
            text = f"{kind.id} " if kind else ""
            text += ", ".join(target.id for target in targets)
            text += f": {_type(type_)}" if type_ else ""
            return [pad + text + (f" = {expression(value)}" if value else "")]
        case tree.Assert(condition=condition, message=message):
            said = f", {expression(message)}" if message else ""
            return [f"{pad}assert {expression(condition)}{said}"]
        case tree.For(targets=targets, iterable=iterable, index=index, body=body):
            head = f"for {', '.join(t.id for t in targets)} in {expression(iterable)}"
            return [f"{pad}{head}{_as(index)} {{", *_block(body, depth), f"{pad}}}"]
        case tree.Repeat(count=count, index=index, body=body):
            head = f"repeat {expression(count)}{_as(index)}"
            return [f"{pad}{head} {{", *_block(body, depth), f"{pad}}}"]
        case tree.If(branches=branches, otherwise=otherwise):
            lines: list[str] = []
            for number, branch in enumerate(branches):
                start = f"{pad}if" if not number else f"{pad}}} else if"
                lines += [f"{start} {expression(branch.condition)} {{"]
                lines += _block(branch.body, depth)
            if otherwise is not None:
                lines += [f"{pad}}} else {{", *_block(otherwise, depth)]
            return [*lines, f"{pad}}}"]
        case tree.Section(word=word, name=name, parameters=parameters, body=body):
            head = f"{word.id} {name.id}" if name else word.id
            if parameters is not None:
                head += f"({', '.join(map(_parameter, parameters))})"
            return [f"{pad}{head} {{", *_block(body, depth), f"{pad}}}"]
    raise TypeError(f"no statement of a drawn program: {node!r}")


def _as(index: tree.Name | None) -> str:
    return f" as {index.id}" if index else ""


def _parameter(node: tree.Parameter) -> str:
    assert node.type is not None
    default = f" = {expression(node.default)}" if node.default is not None else ""
    return f"{node.name.id}: {_type(node.type)}{default}"


def _type(node: tree.TypeExpr) -> str:
    bounds = f"({', '.join(map(expression, node.bounds))})" if node.bounds else ""
    items = "" if node.items is None else f"[{', '.join(map(expression, node.items))}]"
    return node.name.id + bounds + items


def expression(node: tree.Node) -> str:
    match node:
        case tree.IntLiteral(value=value):
            return str(value)
        case tree.FloatLiteral(text=text) | tree.Name(id=text):
            return text
        case tree.StringLiteral(value=value):
            return json.dumps(value)
        case tree.BoolLiteral(value=value):
            return "true" if value else "false"
        case tree.NoneLiteral():
            return "none"
        case tree.EllipsisItem():
            return "..."
        case tree.Attribute(value=value, name=name):
            return f"{expression(value)}.{name.id}"
        case tree.Slice(start=start, stop=stop, step=step):
            first, last = (expression(part) if part else "" for part in (start, stop))
            return f"{first}:{last}" + (f":{expression(step)}" if step else "")
        case tree.Index(value=value, items=items):
            return f"{expression(value)}[{', '.join(map(expression, items))}]"
        case tree.Argument(name=name, value=value):
            return (f"{name.id}=" if name else "") + expression(value)
        case tree.Call(func=func, arguments=arguments):
            return f"{expression(func)}({', '.join(map(expression, arguments))})"
        case tree.ListExpr(items=items):
            return f"[{', '.join(map(expression, items))}]"
        case tree.Group(items=items):
            return f"({', '.join(map(expression, items))}{',' if len(items) == 1 else ''})"
        case tree.Paren(inner=inner):
            return f"({expression(inner)})"
        case tree.Unary(op=op, operand=operand):
            return f"{'not ' if op == 'not' else op}{expression(operand)}"
        case tree.Binary(op=op, left=left, right=right):
            return f"{expression(left)} {op} {expression(right)}"
        case tree.Ternary(then=then, condition=condition, otherwise=otherwise):
            sides = (expression(then), expression(condition), expression(otherwise))
            return "{} if {} else {}".format(*sides)
        case tree.Pipe(source=source, stages=stages):
            return " |> ".join([expression(source), *map(expression, stages)])
        case tree.Stage(label=label, target=target):
            return (f"{label.id}: " if label else "") + expression(target)
    raise TypeError(f"no expression of a drawn program: {node!r}")
