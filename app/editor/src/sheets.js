// Takes the place of `style-mod`, through which CodeMirror brings its styles: the same modules, but in a constructed
// style sheet, since the page's content security policy allows no <style> elements.
import { StyleModule } from "../node_modules/style-mod/src/style-mod.js";

const mounted = new WeakMap();

StyleModule.mount = (root, modules) => {
  const document = root.ownerDocument ?? root;
  let known = mounted.get(document);
  if (!known) {
    known = { sheet: new document.defaultView.CSSStyleSheet(), modules: [] };
    mounted.set(document, known);
    document.adoptedStyleSheets = [known.sheet, ...document.adoptedStyleSheets];
  }
  const given = Array.isArray(modules) ? modules : [modules];
  if (given.every((module) => known.modules.includes(module))) return;
  // Later modules win, so the given order must hold among those that were there.
  known.modules = [...known.modules.filter((module) => !given.includes(module)), ...given];
  known.sheet.replaceSync(known.modules.map((module) => module.getRules()).join("\n"));
};

export { StyleModule };
