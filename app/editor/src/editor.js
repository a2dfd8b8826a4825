// The page's text editor. The page knows it only through `create` and the methods of what that returns; it asks the
// page back, through `page`, for everything that it must know of an experiment: completions, help, findings.
// Places are offsets in UTF-16 units on both sides of this file.
import { defaultKeymap, history, historyField, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { ini } from "./ini.js";
import { theme } from "./theme.js";

const kept = { history: historyField };

// What comes after the text, in the order of its precedence.
const [helpers, colours, drawn, numbers, marks] = Array.from({ length: 5 }, () => new Compartment());

// Comes back in a task of its own.
function turn() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(null);
  });
}

// Shows the text; `furnish` adds what else an editor has, step by step, since all at once takes longer than a picture.
export function create(host, page, label, text, saved) {
  const extensions = [
    helpers.of([]),
    keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...historyKeymap]),
    history(),
    colours.of([]),
    drawn.of([]),
    numbers.of([]),
    marks.of([]),
    EditorState.allowMultipleSelections.of(true),
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
  let help;
  let gone = false;

  return {
    async furnish() {
      const add = async (part, extensions) => {
        await turn();
        if (!gone) view.dispatch({ effects: part.reconfigure(extensions()) });
      };
      await add(numbers, () => [lineNumbers(), highlightActiveLineGutter()]);
      await add(colours, ini);
      await add(drawn, () => [highlightSpecialChars(), drawSelection(), highlightActiveLine()]);
      help = await import("./help.js");
      await add(marks, help.marks);
      await add(helpers, () => help.helping(page));
    },
    // The state with its undo steps, for `saved` of a later `create`.
    snapshot: () => JSON.stringify(view.state.toJSON(kept)),
    // Another text, which undo takes back.
    open(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
    },
    edit(from, to, insert) {
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent: "input.form" });
    },
    diagnose: (json) => help?.diagnose(view, json),
    reveal(from, to) {
      const length = view.state.doc.length;
      const selection = EditorSelection.single(Math.min(from, length), Math.min(to, length));
      view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.main, { y: "center" }) });
      view.focus();
    },
    destroy() {
      gone = true;
      view.destroy();
    },
  };
}
