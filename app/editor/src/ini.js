// Colours of an INI as Python's configparser reads it: a line that is indented deeper than its key continues the value.
import { LanguageSupport, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tagHighlighter, tags } from "@lezer/highlight";

const indentation = (stream) => stream.indentation();

function token(stream, state) {
  if (stream.sol()) {
    const indent = indentation(stream);
    stream.eatSpace();
    if (stream.eol()) return null;
    if (/[#;]/.test(stream.peek())) {
      stream.skipToEnd();
      return "comment";
    }
    state.inValue = state.key >= 0 && indent > state.key;
    if (!state.inValue) {
      if (stream.peek() === "[") {
        stream.skipToEnd();
        state.key = -1;
        return "section";
      }
      state.key = indent;
      state.atKey = true;
    }
  }
  if (state.atKey) {
    state.atKey = false;
    stream.eatWhile(/[^=:]/);
    return "property";
  }
  if (!state.inValue && stream.eat(/[=:]/)) {
    state.inValue = true;
    return "operator";
  }
  if (stream.eatSpace()) return null;
  if (stream.match(/^(True|False|None)(?![\w.])/)) return "bool";
  if (stream.match(/^-?\d+(\.\d*)?([eE][-+]?\d+)?(?![\w.])/)) return "number";
  if (stream.match(/^'[^']*'|^"[^"]*"/)) return "string";
  if (stream.match(/^%\([^)]*\)s/)) return "variable";
  if (stream.eat(/[[\]{}(),]/)) return "bracket";
  stream.next();
  stream.eatWhile(/[^\s[\]{}(),'"%]/);
  return "text";
}

const language = StreamLanguage.define({
  name: "ini",
  startState: () => ({ key: -1, inValue: false, atKey: false }),
  copyState: (state) => ({ ...state }),
  token,
  tokenTable: {
    section: tags.heading,
    property: tags.propertyName,
    operator: tags.operator,
    comment: tags.lineComment,
    bool: tags.bool,
    number: tags.number,
    string: tags.string,
    variable: tags.special(tags.variableName),
    bracket: tags.bracket,
    text: tags.content,
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", "'", '"'] } },
});

const colours = tagHighlighter([
  { tag: tags.heading, class: "ini-section" },
  { tag: tags.propertyName, class: "ini-key" },
  { tag: tags.operator, class: "ini-operator" },
  { tag: tags.lineComment, class: "ini-comment" },
  { tag: [tags.bool, tags.number], class: "ini-number" },
  { tag: tags.string, class: "ini-string" },
  { tag: tags.special(tags.variableName), class: "ini-variable" },
  { tag: tags.bracket, class: "ini-bracket" },
]);

export const ini = () => [new LanguageSupport(language), syntaxHighlighting(colours)];
