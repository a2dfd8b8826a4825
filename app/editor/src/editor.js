// The page's text editor. The page knows it only through `create` and the methods of what that returns; it asks the
// page back, through `page`, for everything that it must know of an experiment: completions, help, findings.
// Places are offsets in UTF-16 units on both sides of this file.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyField, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { forEachDiagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { ini } from "./ini.js";
import { theme } from "./theme.js";

const kept = { history: historyField };

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

// What helps to edit a text, and is not seen before it is edited.
const helpers = new Compartment();

function helping(page) {
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
      ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
  ];
}

// Shows the text; `furnish`, in a task of its own, adds what else an editor has: together they take longer than a picture.
export function create(host, page, label, text, saved) {
  const extensions = [
    lineNumbers(),
    lintGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    ini(),
    helpers.of([]),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    theme,
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) page.changed(update.state.doc.toString());
      if (update.docChanged || update.selectionSet) {
        const head = update.state.selection.main.head;
        const line = update.state.doc.lineAt(head);
        page.moved(line.number, [...line.text.slice(0, head - line.from)].length + 1, head);
      }
    }),
  ];
  let state;
  try {
    const json = saved && JSON.parse(saved);
    // What was saved is of another text where another tab has written since.
    if (json?.doc === text) state = EditorState.fromJSON(json, { extensions }, kept);
  } catch {
    state = undefined;
  }
  state ??= EditorState.create({ doc: text, extensions });
  const view = new EditorView({ state, parent: host });

  return {
    furnish: () => view.dispatch({ effects: helpers.reconfigure(helping(page)) }),
    // The state with its undo steps, for `saved` of a later `create`.
    snapshot: () => JSON.stringify(view.state.toJSON(kept)),
    // Another text, which undo takes back.
    open(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
    },
    edit: (from, to, insert) => replace(view, from, to, insert, "input.form"),
    diagnose(json) {
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
    },
    reveal(from, to) {
      const length = view.state.doc.length;
      const selection = EditorSelection.single(Math.min(from, length), Math.min(to, length));
      view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.main, { y: "center" }) });
      view.focus();
    },
    mend: () => mend(view),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
