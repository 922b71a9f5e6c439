# SPDX-License-Identifier: BSD-2-Clause
"""
Every mutant of a C file: one operator, condition, constant or statement changed, by clang's AST.

The model asks broken(NAME) where it can make a mistake on request. Nothing is, here: broken() is 0,
and what only a mistake would execute is left alone.
"""

from dataclasses import dataclass

from clang import cindex
from clang.cindex import CursorKind as Kind

OPERATORS = {
    "==": ["!="],
    "!=": ["=="],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "+": ["-"],
    "-": ["+"],
    "&": ["|"],
    "|": ["&"],
    "<<": [">>"],
    ">>": ["<<"],
    "=": [],
    "+=": ["-="],
    "-=": ["+="],
    "&=": ["|=", "="],
    "|=": ["&=", "="],
}
LOOPS = (Kind.WHILE_STMT, Kind.FOR_STMT, Kind.DO_STMT)
TRANSPARENT = (Kind.PAREN_EXPR, Kind.UNEXPOSED_EXPR)
ASSIGNMENTS = (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.UNARY_OPERATOR, Kind.CALL_EXPR)


class Unreadable(Exception):
    pass


@dataclass(frozen=True)
class Mutant:
    path: str
    function: str
    line: int
    start: int  # in the file, in bytes
    end: int
    before: str
    after: str
    nth: int = 0  # of those in the function that look the same

    @property
    def name(self):
        """It stays the same when other lines come and go."""
        nth = f" #{self.nth}" if self.nth else ""
        return f"{self.path} {self.function}: {self.before or 'nothing'} -> {self.after or 'nothing'}{nth}"

    def applied(self, text):
        return text[: self.start] + self.after.encode() + text[self.end :]


def one_line(text):
    return " ".join(text.split())


class File:
    def __init__(self, path, flags):
        self.path = str(path)
        with open(path, "rb") as file:
            self.text = file.read()
        options = cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
        self.unit = cindex.Index.create().parse(self.path, args=flags, options=options)
        errors = [d for d in self.unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise Unreadable(f"{errors[0].location}: {errors[0].spelling}")
        self.macros = {}  # {start: (end, name)} of what is expanded in this file
        for node in self.unit.cursor.get_children():
            if node.kind == Kind.MACRO_INSTANTIATION and self.is_here(node):
                self.macros[node.extent.start.offset] = (node.extent.end.offset, node.spelling)
        self.found = []
        self.function = ""

    def is_here(self, node):
        file = node.location.file
        return file is not None and file.name == self.path

    # --- text ---

    def span(self, node):
        return node.extent.start.offset, node.extent.end.offset

    def between(self, start, end):
        return self.text[start:end].decode()

    def in_macro(self, start, end):
        """Inside of one's arguments; a macro as a whole may be replaced."""
        return any(s <= start and end <= e and (s, e) != (start, end) for s, (e, _) in self.macros.items())

    def macro_of(self, node):
        start, end = self.span(node)
        macro = self.macros.get(start)
        return macro[1] if macro and macro[0] == end else None

    def add(self, start, end, after):
        if self.in_macro(start, end):
            return
        line = self.text.count(b"\n", 0, start) + 1
        before = self.between(start, end)
        if one_line(before) == one_line(after):
            return
        self.found.append(
            Mutant(self.path, self.function, line, start, end, one_line(before), one_line(after))
        )

    def mutants(self):
        for node in self.unit.cursor.get_children():
            if node.kind == Kind.FUNCTION_DECL and node.is_definition() and self.is_here(node):
                self.function = node.spelling
                self.is_bool = node.result_type.spelling in ("bool", "_Bool")
                self.walk(next(c for c in node.get_children() if c.kind == Kind.COMPOUND_STMT))
        return numbered(self.found)

    # --- what is known without a mistake on request ---

    def value(self, node):
        """0, 1, or None: it depends."""
        if self.macro_of(node) == "broken":
            return 0
        children = list(node.get_children())
        if node.kind in TRANSPARENT and len(children) == 1:
            return self.value(children[0])
        if node.kind == Kind.UNARY_OPERATOR and self.text[self.span(node)[0] :][:1] == b"!":
            value = self.value(children[0])
            return None if value is None else 1 - value
        if node.kind == Kind.BINARY_OPERATOR and len(children) == 2:
            sides = [self.value(child) for child in children]
            if self.operator(children)[0] == "&&":
                return 0 if 0 in sides else 1 if sides == [1, 1] else None
            if self.operator(children)[0] == "||":
                return 1 if 1 in sides else 0 if sides == [0, 0] else None
        return None

    def operator(self, children):
        """(the operator between two operands, its start)"""
        start, end = self.span(children[0])[1], self.span(children[1])[0]
        gap = self.between(start, end)
        bare = gap.strip().strip("()").strip()
        return bare, start + gap.find(bare)

    # --- walking ---

    def walk(self, node):
        if self.value(node) is not None:
            return
        children = list(node.get_children())
        if node.kind == Kind.IF_STMT:
            self.condition(children[0])
            known = self.value(children[0])
            children = [c for i, c in enumerate(children) if not (i == 1 and known == 0) and not (i == 2 and known == 1)]
        elif node.kind == Kind.CONDITIONAL_OPERATOR:
            self.condition(children[0])
            known = self.value(children[0])
            children = [c for i, c in enumerate(children) if i == 0 or known in (None, 2 - i)]
        elif node.kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR):
            children = self.binary(node, children)
        else:
            self.other(node, children)
        for child in children:
            self.walk(child)

    def condition(self, node):
        if self.value(node) is not None:
            return
        start, end = self.span(node)
        for after in ("1", "0"):
            self.add(start, end, after)

    def binary(self, node, children):
        operator, at = self.operator(children)
        left, right = (self.value(child) for child in children)
        if operator in ("&&", "||"):
            if left is None and right is None:
                self.add(at, at + 2, "||" if operator == "&&" else "&&")
                self.add(*self.span(node), self.between(*self.span(children[0])))
                self.add(*self.span(node), self.between(*self.span(children[1])))
            return [child for child in children if self.value(child) is None]
        for after in OPERATORS.get(operator, []):
            self.add(at, at + len(operator), after)
        return children

    def other(self, node, children):
        start, end = self.span(node)
        macro = self.macro_of(node)
        if node.kind == Kind.UNARY_OPERATOR:
            self.unary(start, end)
        elif node.kind == Kind.INTEGER_LITERAL and macro in (None, "true", "false"):
            self.literal(start, end, macro)
        elif node.kind == Kind.DECL_REF_EXPR and node.referenced and node.referenced.kind == Kind.ENUM_CONSTANT_DECL:
            self.enumerator(node, start, end)
        elif node.kind == Kind.RETURN_STMT and children:
            self.returned(children[0])
        elif node.kind == Kind.COMPOUND_STMT:
            for child in children:
                self.statement(child)

    def unary(self, start, end):
        text = self.between(start, end)
        if text.startswith("!"):
            self.add(start, end, text[1:])
        elif text.endswith(("++", "--")):
            self.add(end - 2, end, "--" if text.endswith("++") else "++")

    def literal(self, start, end, macro):
        if macro:
            self.add(start, end, "false" if macro == "true" else "true")
            return
        self.add(start, end, f"({self.between(start, end)} + 1)")
        if self.between(start, end) not in ("0", "1"):
            self.add(start, end, "0")

    def enumerator(self, node, start, end):
        """The next one of its kind."""
        names = [child.spelling for child in node.referenced.semantic_parent.get_children()]
        if len(names) > 1:
            self.add(start, end, names[(names.index(node.spelling) + 1) % len(names)])

    def returned(self, node):
        start, end = self.span(node)
        if self.is_bool:
            self.add(start, end, f"!({self.between(start, end)})")
        elif self.between(start, end) != "0":
            self.add(start, end, "0")

    def statement(self, node):
        start, end = self.span(node)
        if node.kind in ASSIGNMENTS and self.value(node) is None:
            self.add(start, end, "")


def numbered(found):
    """Those that look the same in one function are told apart by a number."""
    seen, result = {}, []
    for mutant in sorted(set(found), key=lambda m: (m.start, m.end, m.after)):
        nth = seen.get(mutant.name, 0)
        seen[mutant.name] = nth + 1
        result.append(Mutant(**{**mutant.__dict__, "nth": nth + 1 if nth else 0}))
    return result
