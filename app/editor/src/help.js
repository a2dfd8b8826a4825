// What helps to edit a text, and is not seen before it is edited: apart from the editor, so that its text is there sooner.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { bracketMatching } from "@codemirror/language";
import { forEachDiagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { hoverTooltip, keymap } from "@codemirror/view";

// An element with text in it; what stands in backquotes becomes code. Nothing is ever read as HTML.
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  text.split("`").forEach((part, i) => {
    if (i % 2 === 1) made.append(element("code", "", part));
    else made.append(part);
  });
  return made;
}

function completions(page) {
  return (context) => {
    const found = JSON.parse(page.complete(context.state.doc.toString(), context.pos, context.explicit) || "null");
    if (!found) return null;
    const options = found.options.map(({ label, detail, info, kind, insert, boost }) => ({
      label,
      detail,
      type: kind,
      boost,
      info: info ? () => element("div", "", info) : undefined,
      apply: (view, _, from, to) => {
        const again = insert.endsWith(" ");
        view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input.complete" });
        if (again) page.chosen?.();
      },
    }));
    return { from: found.from, options, validFor: /^[\w.-]*$/ };
  };
}

function help(page) {
  return hoverTooltip((view, pos) => {
    const found = JSON.parse(page.hover(view.state.doc.toString(), pos) || "null");
    if (!found) return null;
    const create = () => {
      const dom = element("div", "cm-help", "");
      dom.append(element("div", "cm-help-title", found.title), element("div", "", found.doc));
      if (found.facts) dom.append(element("div", "cm-help-facts", found.facts));
      return { dom };
    };
    return { pos: found.from, end: found.to, above: true, create };
  });
}

// Applies the first fix on the caret's line.
function mend(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  let done = false;
  forEachDiagnostic(view.state, (finding, from, to) => {
    if (!done && finding.actions?.length && from <= line.to && to >= line.from) {
      done = true;
      finding.actions[0].apply(view, from, to);
    }
  });
  return done;
}

function replace(view, from, to, insert, userEvent) {
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent });
}

// The margin in which findings are marked.
export const marks = () => lintGutter();

// All else.
export function helping(page) {
  return [
    bracketMatching(),
    closeBrackets(),
    autocompletion({ override: [completions(page)], icons: false }),
    help(page),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([
      { key: "Alt-Enter", run: mend },
      { key: "Mod-s", run: () => (page.save(), true), preventDefault: true },
      { key: "Mod-Enter", run: () => (page.train(), true), preventDefault: true },
      ...closeBracketsKeymap,
      ...searchKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
  ];
}

// Shows findings about the text.
export function diagnose(view, json) {
  const length = view.state.doc.length;
  const findings = JSON.parse(json).map(({ from, to, severity, message, advice, fix }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity,
    message,
    renderMessage: () => {
      const dom = element("div", "", message);
      if (advice) dom.append(element("div", "cm-help-facts", advice));
      return dom;
    },
    actions: fix ? [{ name: fix.name, apply: (view) => replace(view, fix.from, fix.to, fix.insert, "input.fix") }] : [],
  }));
  view.dispatch(setDiagnostics(view.state, findings));
}
