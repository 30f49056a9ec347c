"""From text to syntax tree.

Three languages share one limit (1024 characters) and are distinguished by the first character: ``{`` JSON,
``[`` space-delimited, anything else terms of the raw message. Time is linear in the length; parentheses
are kept on a stack of our own, so no nesting exhausts Python's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sg_alarm.patterns.lexer import Kind, Token, tokenize
from sg_alarm.patterns.regex import RegexError, parse_regex
from sg_alarm.patterns.syntax import (
    MAX_LENGTH,
    MAX_REGEXES,
    MAX_WILDCARD_SELECTORS,
    NUMBER,
    PLAIN_KEY,
    PLAIN_WORD,
    And,
    Column,
    Comparison,
    Condition,
    Constant,
    Expression,
    FieldTest,
    Gap,
    Is,
    JsonPattern,
    NotExists,
    Number,
    Operand,
    Operator,
    Or,
    PatternError,
    Regex,
    RegexPattern,
    Selector,
    SpacePattern,
    Text,
    TextPattern,
    Tree,
)


def parse(text: str) -> Tree:
    """Read a filter pattern.

    Raises PatternError (with position and reason) for what AWS rejects. Undocumented, and decided here: white
    space after the closing bracket is allowed, before the opening one it is not (observed); a backslash in a
    quoted string escapes a quote or a backslash; keywords are upper case.
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(
            text, MAX_LENGTH, f"a pattern has at most {MAX_LENGTH} characters, this has {len(text)}"
        )
    if text.startswith("{"):
        return _JsonParser(text).pattern()
    if text.startswith("["):
        return _SpaceParser(text).pattern()
    if text.startswith("%"):
        return _regex_pattern(text)
    return _text_pattern(text)


@dataclass
class _Frame:
    """What has been read between two parentheses: closed alternatives, and the terms of the open one."""

    alternatives: list[Expression] = field(default_factory=list)
    terms: list[Expression] = field(default_factory=list)

    def close_alternative(self) -> None:
        self.alternatives.append(_conjunction(self.terms))
        self.terms = []

    def close(self) -> Expression:
        self.close_alternative()
        return _disjunction(self.alternatives)


def _conjunction(terms: list[Expression]) -> Expression:
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, And) else [term])
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def _disjunction(terms: list[Expression]) -> Expression:
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Or) else [term])
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.token = next(self.tokens)
        self.regexes = 0

    def error(self, reason: str, at: Token | None = None) -> PatternError:
        return PatternError(self.text, (at or self.token).position, reason)

    def take(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self.token = next(self.tokens)
        return token

    def at_mark(self, mark: str) -> bool:
        return self.token.kind is Kind.MARK and self.token.text == mark

    def take_mark(self, mark: str) -> bool:
        if self.at_mark(mark):
            self.take()
            return True
        return False

    def expect_end(self) -> None:
        if self.token.kind is not Kind.END:
            raise self.error(f"nothing may follow the closing bracket, found {self.token}")

    def operator(self) -> Operator:
        if self.token.kind is not Kind.OPERATOR:
            raise self.error(f"expected an operator, found {self.token}")
        return Operator(self.take().text)

    def operand(self, operator: Operator) -> Operand:
        token = self.token
        if token.kind not in (Kind.WORD, Kind.STRING, Kind.REGEX):
            raise self.error(f"expected a value, found {token}")
        self.take()
        if token.kind is Kind.WORD and NUMBER.fullmatch(token.text):
            return Number(token.text)
        if operator.is_order:
            raise self.error(f"{operator.value} needs a number without quotes", token)
        if token.kind is Kind.REGEX:
            self.regexes += 1
            if self.regexes > MAX_REGEXES:
                raise self.error(f"a pattern has at most {MAX_REGEXES} regular expressions", token)
            return _regex(self.text, token.text, token.position)
        return Text(token.text)


class _JsonParser(_Parser):
    wildcards = 0

    def pattern(self) -> JsonPattern:
        self.take()
        expression = self.expression()
        self.expect_end()
        return JsonPattern(expression)

    def expression(self) -> Expression:
        opened: list[Token] = []
        frames = [_Frame()]
        while True:
            while self.at_mark("("):
                opened.append(self.take())
                frames.append(_Frame())
            frames[-1].terms.append(self.condition())
            while opened and self.take_mark(")"):
                opened.pop()
                inner = frames.pop().close()
                frames[-1].terms.append(inner)
            if self.take_mark("&&"):
                continue
            if self.take_mark("||"):
                frames[-1].close_alternative()
                continue
            if self.at_mark(")"):
                raise self.error("this ) closes nothing")
            if opened and (self.at_mark("}") or self.token.kind is Kind.END):
                raise self.error("this ( is never closed", opened[-1])
            if not self.take_mark("}"):
                raise self.error(f"expected &&, || or }}, found {self.token}")
            return frames[-1].close()

    def condition(self) -> Condition:
        selector = self.selector()
        if self.token.kind is Kind.WORD:
            return self.keyword(selector)
        operator = self.operator()
        return Comparison(selector, operator, self.operand(operator))

    def selector(self) -> Selector:
        token = self.token
        if token.selector is None:
            raise self.error(f"expected a selector such as $.eventName, found {token}")
        self.take()
        self.wildcards += token.selector.has_wildcard
        if self.wildcards > MAX_WILDCARD_SELECTORS:
            raise self.error(f"a pattern has at most {MAX_WILDCARD_SELECTORS} wildcard selectors", token)
        return token.selector

    def keyword(self, selector: Selector) -> Condition:
        token = self.take()
        if token.text == "IS":
            value = self.take()
            if value.kind is Kind.WORD and value.text in Constant.__members__:
                return Is(selector, Constant(value.text))
            raise self.error("IS is followed by NULL, TRUE or FALSE", value)
        if token.text == "NOT":
            word = self.take()
            if word.kind is Kind.WORD and word.text == "EXISTS":
                return NotExists(selector)
            raise self.error("NOT is followed by EXISTS", word)
        if token.text == "EXISTS":
            raise self.error("EXISTS alone is not supported; compare with *", token)
        raise self.error(f"expected an operator, IS or NOT EXISTS, found {token}", token)


class _SpaceParser(_Parser):
    def pattern(self) -> SpacePattern:
        self.take()
        if self.at_mark("]"):
            raise self.error("a space-delimited pattern names at least one field")
        fields: list[Column | Gap] = [self.column()]
        while self.take_mark(","):
            token = self.token
            fields.append(self.column())
            # Undocumented: with two ellipses a field has no definite place.
            if fields.count(Gap()) > 1:
                raise self.error("a pattern has at most one ellipsis", token)
        if not self.take_mark("]"):
            raise self.error(f"expected a comma or ], found {self.token}")
        self.expect_end()
        return SpacePattern(tuple(fields))

    def column(self) -> Column | Gap:
        if self.at_mark(",") or self.at_mark("]"):
            return Column("")  # a field without a name: "[..., status_code=4*,]" in the documentation
        token = self.take()
        if token.kind is Kind.WORD and token.text == "...":
            return Gap()
        if token.kind is not Kind.WORD or not PLAIN_KEY.fullmatch(token.text):
            raise self.error(f"expected the name of a field, found {token}", token)
        if self.token.kind is not Kind.OPERATOR:
            return Column(token.text)
        alternatives = [[self.test()]]
        while self.at_mark("&&") or self.at_mark("||"):
            mark = self.take().text
            name = self.take()
            if name.kind is not Kind.WORD or name.text != token.text:
                raise self.error(f"expected another condition on {token.text}, found {name}", name)
            if mark == "&&":
                alternatives[-1].append(self.test())
            else:
                alternatives.append([self.test()])
        return Column(token.text, tuple(tuple(tests) for tests in alternatives))

    def test(self) -> FieldTest:
        operator = self.operator()
        return FieldTest(operator, self.operand(operator))


def _regex(text: str, source: str, position: int) -> Regex:
    try:
        parse_regex(source)
    except RegexError as error:
        raise PatternError(text, position + 1 + error.position, error.reason) from None
    return Regex(source)


def _regex_pattern(text: str) -> RegexPattern:
    end = text.find("%", 1)
    if end < 0:
        raise PatternError(text, 0, "the regular expression is never closed with %")
    if text[end + 1 :].strip():
        raise PatternError(text, end + 1, "a regular expression stands alone in a pattern for raw messages")
    return RegexPattern(_regex(text, text[1:end], 0))


_TERM = re.compile(
    r"""(?P<sign>[?-]?)(?:(?P<word>[A-Za-z0-9_]+)|"(?P<quoted>(?:[^"\\]|\\.)*)")(?=\s|$)""", re.S
)
_ESCAPED = re.compile(r'\\(["\\])')


def _text_pattern(text: str) -> TextPattern:
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TERM.match(text, at)
        if not found:
            raise _no_term(text, at)
        term = found["word"] or _ESCAPED.sub(r"\1", found["quoted"])
        terms[found["sign"]].append(term)
        at = found.end()
    return TextPattern(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _no_term(text: str, at: int) -> PatternError:
    """Say where a term of the raw message goes wrong, and why."""
    at += text[at] in "?-"
    if text.startswith('"', at):
        return PatternError(
            text, at, "the double quote is never closed, or something touches the closing one"
        )
    word = PLAIN_WORD.match(text, at)
    at = word.end() if word else at
    found = repr(text[at]) if at < len(text) else "the end"
    return PatternError(
        text, at, f"expected a term of letters, digits and _, or a quoted phrase; found {found}"
    )
