#!/usr/bin/env python3
"""What Python's `configparser` and `ast.literal_eval` make of tricky texts.

Writes tests/fixtures/config/python.json; run it from the repository's root with Python 3.11 to 3.13,
which agree on all of it.
"""

import ast
import configparser
import io
import json
import random
import warnings

OUT = "tests/fixtures/config/python.json"

INIS = [
    "", "\n\n", "# only a comment\n; and another", "[A]", "[A]\n", "[A]\nx = 1", "[A]\nx=1\ny:2\nz   =   3",
    "[A]\nX = 1\nYy = 2", "[A]\nx = 1\nX = 2", "[A]\nx = 1\n[A]\ny = 2", "[A]\nx = 1\n[a]\nx = 2",
    "x = 1", "x = 1\n[A]\ny = 2", "  \n\nx\n[A]", "[A]\nx", "[A]\nx\ny\nz = 1", "[A]\n= 1", "[A]\n= 1\n  2\nx = 1",
    "[A]\n: 1", "[A]\nx = a = b", "[A]\nx : a = b", "[A]\nx = a : b", "[A]\na b c = d", "[A]\nx =", "[A]\nx =\ny = 1",
    "[A]\nx =\n  1\n  2", "[A]\nx = 1\n  2\n  3\ny = 4", "[A]\nx = 1\n\n  2\n\n\ny = 4", "[A]\nx = 1\n\n\n",
    "[A]\nx = 1\n  # comment\n  2", "[A]\nx = 1\n# comment\n  2", "[A]\nx = 1\n; comment\n\n  2",
    "[A]\nx = 1 # no comment", "[A]\nx = 1 ; no comment", "[A]\nx = # all of it", "[A]\nx = ;", "[A] # behind\nx = 1",
    "[A] junk ] more\nx = 1", "[A]]\nx = 1", "[]\nx = 1", "[A]\n[]\nx = 1", "[]]\nx = 1", "[ A ]\nx = 1", "[A\nx = 1",
    "[A]\n[B\nx = 1", "[A]\n[b = 1", "  [A]\n  x = 1\n  y = 2", "  [A]\nx = 1", "[A]\n  x = 1\ny = 2", "[A]\n  x = 1\n    y = 2\n  z = 3",
    "[A]\n x = 1\n  y = 2\n z = 3", "[A]\nx = 1\n [B]\ny = 2", "[A]\nx = 1\n\t[B]\ny = 2", "[A]\n  [B]\n  x = 1",
    "[A]\nx = 1\n\ty", "[A]\nx = 1\n\t\n\ty\n\n\n\tz\n", "[A]\nx\n  y = 1", "[A]\na = 0\nx\n  y = 1", "[A]\na = 0\n  x\n y = 1",
    "[DEFAULT]\nd = 1\n[A]\nx = 2", "[DEFAULT]\nd = 1\n[A]\nd = 2\nx = 3", "[A]\nx = 2\n[DEFAULT]\nd = 1", "[DEFAULT]\nd = 1\n[DEFAULT]\ne = 2\n[A]",
    "[DEFAULT]\nd = 1\n[DEFAULT]\nd = 2\n[A]", "[default]\nd = 1\n[A]\nx = 1", "[DEFAULT]\nd = %(x)s\n[A]\nx = 2\n[B]\nx = 3",
    "[DEFAULT]\nd = %(x)s\n[A]\ny = 2", "[A]\nx = 1\ny = %(x)s", "[A]\nx = 1\ny = %(X)s%(x)s!", "[A]\nx = 100%%", "[A]\nx = 100%",
    "[A]\nx = %", "[A]\nx = %d", "[A]\nx = %(y)s", "[A]\nx = %(x)s", "[A]\nx = %(y", "[A]\nx = %(y)", "[A]\nx = %(y)d", "[A]\nx = %()s",
    "[A]\nx = %%(y)s\ny = 1", "[A]\nx = %%%(y)s\ny = 1", "[A]\na b = 1\nx = %(a b)s", "[A]\nx = a\n  %(y)s\ny = b\n  c",
    "[A]\na = %(b)s\nb = %(c)s\nc = %(d)s\nd = end", "[A]\n" + "".join(f"k{i} = %(k{i + 1})s\n" for i in range(12)) + "k12 = end",
    "[A]\n" + "".join(f"k{i} = %(k{i + 1})s\n" for i in range(9)) + "k9 = end", "[A]\n" + "".join(f"k{i} = %(k{i + 1})s\n" for i in range(10)) + "k10 = %%",
    "[A]\nx = %(y)s\ny = %(x)s", "[A]\r\nx = 1\r\ny = 2\r\n", "[A]\rx = 1\ry = 2", "[A]\r\nx = 1\r\n  2\r\n\r\ny = 3", "[A]\nx = 1\r  2\n",
    "\ufeff[A]x", "[A]\nx = \ufeff1", "[A]\n\u00a0x = 1", "[A]\nx\u00a0=\u00a01\u00a0", "[A]\nx = 1\u2028y = 2", "[A]\nx = 1\x0by = 2", "[A]\nx = 1\x0c\ny = 2",
    "[A]\nx = 1\x1c\x1d\ny = 2", "[A]\n\x1cx = 1", "[A]\nx = 1\x85y", "[A]\n\u3000x = 1\n\u3000\u3000y", "[Ä]\nÖ = ü", "[A]\nİ = 1", "[A]\nΣΑΣ = 1\nσας = 2",
    "[A]\nß = 1\nSS = 2", "[A]\nǅ = 1\nǆ = 2", "[A]\n# x = 1\n;y = 2\nz = 3", "[A]\nx#y = 1", "[A]\nx;y = 1", "[A]\nx = 'a'", "[A]\nx = ['a',\n  'b',\n  'c']",
    "[A]\nx = ['a',\n'b']", "[A]\nx = {'a': 1,\n   'b': 2}", "[A]\nx = [\n  'a',\n  # no\n  'b'\n  ]", "[A]\nemodb.mapping = {'a':'b'}\nemodb.dev = [1, 2]",
    "[A]\nrem x = 1\nREM y = 2", "[A]\nx = \"quoted # text\"", "[A]\nx == 1", "[A]\nx := 1", "[A]\nx =: 1", "[A]\nx\t=\t1\t", "[A]\n\tx = 1\n\ty = 2", "[A]\n\tx = 1\n  y = 2",
    "[A]\nx = 1\n    \n    y", "[A]\nx = 1\n\n\n[B]\ny = 2\n", "[A]\n\n\n[B]", "[A]\nx =   \n   \n  a", "[A]\nx =\n\n\n  a", "[A]\nx =\n#c\n  a", "[A]\nx = a\n  = b\n  c : d",
    "[A]\nx = a\n  [B]\n  y = 1", "[A]\n[x] = 1", "[A]\nx[0] = 1", "[A]\n'x' = 1", "[A]\nx = 1\n y\nz", "[A]\nz\n y = 1\n x = 2", "[A][B]\nx = 1", "[A]\n%(x)s = 1\nx = y",
    "[A]\nx = 1\nx: 2\n[A]\nz", "[A]\nz\nx = 1\nx = 2", "z\n[A]\nx = 1\nx = 2", "[A]\nx = a\\\ny = b", "[A]\nx = a\\\n  b", "[A]\nx = \x00", "[A]\nx = 😀\n😀 = y",
]

LINES = [
    "[A]", "[B]", "[DEFAULT]", " [C]", "[D] # x", "[", "]", "[]", "a = 1", "b: 2", " c = 3", "  d = 4", "\te = 5", "f =", "g", "= h", "i = %(a)s", "j = %(n)s", "k = 5%",
    "l = %%", "A = 1", "m = [1,", "   2]", "  cont", "\tcont", " cont", "# c", "; c", "  # c", "\t; c", "", "", "  ", "\t", "n = a ; b", "o = a # b", "p == q", "q : = r",
    "r\u00a0=\u00a0s", "t = ü", "u = %(b)s %(a)s", "v = x\u2003", "\u2003w = 1", "x y = z", "y = %(x y)s",
]

LITERALS = [
    "5", "-5", "+5", "- 5", "--5", "-(5)", "-(-5)", "-True", "5.", ".5", "5.5", "-.5", "5e3", "5E-3", "5e+3", "5e", "5e+", "5..", ".", "1.5.5", "1ee5", "1_000", "1__0", "1_", "_1", "1_.5", "1._5", "1.5_0",
    "1e1_0", "1e_1", "0x1F", "0X1f", "0x_f", "0xf_", "0xg", "0x", "0b101", "0b12", "0b", "0o17", "0o8", "0O7", "00", "0_0", "07", "0777", "01.5", "09.5", "0_1.5", "01e5", "1j", "1+2j", "1l", "1if", "1 2",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "-170141183460469231731687303715884105728", "1" * 60, "-0x" + "f" * 50, "0b1" + "0" * 200, "0o7" + "1" * 80, "'a\0b'", "170141183460469231731687303715884105727", "340282366920938463463374607431768211456", "0xffffffffffffffffffff",
    "1e308", "1e309", "-1e309", "1e-400", "5e-324", "0.1", "0.30000000000000004", "1e16", "1e15", "123456789012345680.0", "1e22", "1.5e-5", "0.0001", "0.00001", "-0.0", "1e100", "100.0",
    "True", "False", "None", "true", "none", "TRUE", "not True", "abc", "_", "é", "...", "set()", "set ( )", "set(1)", "set([])", "set", "dict()", "frozenset()",
    "''", '""', "'a'", '"a"', "'it''s'", "'a' 'b'", "'a'\"b\"", "'a'\n'b'", "('a'\n'b')", "'a", "a'", "'a\nb'", "'''a\nb'''", "'''a''' 'b'", "''''a'''", "''''''", "'''a''''", "'''a", '"""a"b"""', '""""a"""',
    "u'x'", "U'x'", "r'x'", "R'\\n'", "r'\\''", "r'a\\'", "ur'x'", "b'x'", "rb'x'", "Br'x'", "b'a' b'b'", "'a' b'c'", "f'a'", "rf'a'", "x'a'", "'a'u'b'r'\\c'", "u 'a'",
    r"'\n\t\r\a\b\f\v\\\'\"'", r"'\0\12\123\1234'", r"'\400'", r"'\8'", r"'\x41\x7a'", r"'\x4'", r"'\xg1'", r"'\u0041\u00e9'", r"'\u12'", r"'\U0001F600'", r"'\U00110000'", r"'\ud800'", r"'\q\ \é'", r"'\N{BULLET}'", "'\\\n'", "'a\\\nb'", "'a\\'",
    "'ä😀'", "'\t'", "'\x07'", "'\xa0\xad'", "'it\\'s'", "'\"'", "'\\'\"'", '"\'"',
    "[]", "[ ]", "[1]", "[1,]", "[1,2]", "[1,,2]", "[,]", "[1 2]", "[1", "1]", "[1)", "[1,\n2]", "[\n1\n,\n2\n]", "[1, # one\n 2]", "[1, 2] # two", "[1] [2]", "[[1], [2, [3]]]", "['a' 'b', 'c']", "['a', 'b'", "[*[1]]", "[x for x in y]", "[1][0]",
    "()", "( )", "(1)", "(1,)", "(1,2)", "(1,2,)", "(,)", "(1,,)", "((1))", "((1),)", "((1,),)", "('a')", "('a','b')", "1,", "1,2", "1,2,", "1,,2", ",", ",1", "'a','b'", "[1],[2]", "(1,2", "(1 2)", "(yield)", "(-1)", "(-1,)", "(1)(2)",
    "{}", "{ }", "{1}", "{1,}", "{1,1}", "{,}", "{'a':1}", "{'a':1,}", "{'a':1,'b':2}", "{'a' 1}", "{'a':}", "{:1}", "{'a':1 'b':2}", "{'a':1,'b'}", "{'a','b':1}", "{1:2,True:3,1.0:4}", "{'a':1,'a':2}", "{'b':1,'a':2,'b':3}", "{[1]:2}", "{(1,2):3}", "{(1,[2]):3}", "{{}:1}", "{{1}}",
    "{None:1}", "{1.5:'x'}", "{-1:'x'}", "{'a':{'b':{'c':[1,(2,),{3}]}}}", "{**{}}", "{'a':1}{}", "{1:2,1.0000000000000002:3}", "{True:1,'True':2}", "{0:'a',False:'b',0.0:'c',-0.0:'d'}", "{'anger, joy':'aroused'}",
    "", " ", "\t5", " 5", "5 ", "5\t", "\n5", "\n\n5", "\n 5", "\n\t5", "5\n", "5\n\n", "5\n6", "5 # c", "5# c\n# d\n", "#c", "#c\n5", "# c\n 5", "5;", "5;6", "5\\", "5\\\n", "\\\n5", "[1,\\\n2]", "[1,\\ \n2]", "1\\\n,2", "\x0c5", "\n \x0c5", "5\x0b", "\x1f5", "\u00a05", "5\u00a0", "[1,\u00a02]", "\ufeff5", "５", "5\r\n", "5\r", "'''a\rb'''", "'a\rb'", "[1,\r\n2]", "5\x00",
    "1+1", "'a'*3", "'a'+'b'", "1 if True else 2", "lambda:0", "a.b", "f(x)", "__import__('os')", "`1`", "$", "?", "@", "1 == 1", "not 1", "~1", "-'a'", "+[]", "- - 1", "-None", "1 _", "'a'.upper()", "[]*2", "1or 2", "0or 2",
    "[" * 50 + "]" * 50, "[" * 200 + "]" * 200, "[" * 201 + "]" * 201, "(" * 30 + "1" + ")" * 30, "{'a':" * 20 + "1" + "}" * 20, "-" * 50 + "1",
    "./data/emodb", "wav2vec2", "2024-01-01", "1e-4", "0.5 0.6", "anger, happiness", "/tmp/x", "C:\\data", "50%", "a=b",
]


def ini(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_file(io.StringIO(text, newline=None))
    except (
        configparser.MissingSectionHeaderError,
        configparser.DuplicateSectionError,
        configparser.DuplicateOptionError,
    ) as error:
        return {"text": text, "error": type(error).__name__, "lines": [error.lineno]}
    except configparser.ParsingError as error:
        return {"text": text, "error": type(error).__name__, "lines": [line for line, _ in error.errors]}
    sections, failed = {}, []
    for section in parser.sections():
        sections[section] = {}
        for key in parser.options(section):
            try:
                sections[section][key] = parser.get(section, key)
            except configparser.InterpolationError as error:
                sections[section][key] = parser.get(section, key, raw=True)
                failed.append([section, key, type(error).__name__])
    return {"text": text, "sections": sections, "failed": failed}


def refused(value, text):
    """Literals that the parser leaves out on purpose."""
    if isinstance(value, (bytes, complex)) or value is Ellipsis or "\\N" in text:
        return True
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) >= 10**4300
    if isinstance(value, str):
        return any(0xD800 <= ord(c) < 0xE000 for c in value)
    if isinstance(value, dict):
        return any(refused(k, "") or refused(v, "") for k, v in value.items())
    return isinstance(value, (list, tuple, set)) and any(refused(v, "") for v in value)


def literal(text):
    try:
        value = ast.literal_eval(text)
    except Exception as error:
        return {"text": text, "error": type(error).__name__}
    if refused(value, text):
        return {"text": text, "refused": True}
    return {"text": text, "repr": repr(value)}


def random_literal(rng, depth):
    kind = rng.randrange(9 if depth else 5)
    space = rng.choice(["", " ", "  "])
    if kind == 0:
        return rng.choice(["0", "1", "-2", "3.5", "1e3", "0x1f", "1_0", "-.25"])
    if kind < 4:
        body = rng.choice(["anger", "a b", "it\\'s", "x\\ty", "ü", "a,b", "", "#", ";", "%%", "\\\\"])
        return rng.choice(["", "", "r", "u"]) + f"'{body}'"
    if kind == 4:
        return rng.choice(["True", "False", "None"])
    items = [random_literal(rng, depth - 1) for _ in range(rng.randrange(4))]
    comma = space + "," + rng.choice(["", " ", "\n", " # c\n"])
    if kind in (5, 6):
        return "[" + space + comma.join(items) + space + "]"
    if kind == 7:
        return "(" + comma.join(items) + ("," if len(items) == 1 else "") + ")"
    return "{" + comma.join(f"'k{i}'{space}:{space}{item}" for i, item in enumerate(items)) + "}"


def main():
    warnings.simplefilter("ignore")
    rng = random.Random(20)
    inis = list(INIS)
    for _ in range(220):
        lines = ["[A]"] * (rng.random() < 0.8) + [rng.choice(LINES) for _ in range(rng.randrange(2, 9))]
        inis.append(rng.choice(["\n", "\n", "\r\n", "\r"]).join(lines) + rng.choice(["", "\n"]))
    literals = list(LITERALS)
    for _ in range(160):
        text = random_literal(rng, 3)
        if rng.random() < 0.4:
            # One character too few, too many, or another.
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(["", ",", "'", "]", "}", " ", "1", "\\"]) + text[at + rng.randrange(2) :]
        literals.append(text)
    result = {"ini": [ini(text) for text in inis], "literal": [literal(text) for text in literals]}
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
