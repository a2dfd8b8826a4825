// The text editor, whose two halves are evaluated in a task each: together they take longer than a picture.
export async function editor() {
  await import("./editor-chunk.js");
  return import("./editor.js");
}
