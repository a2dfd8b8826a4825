// The page's program once more, in a worker: it sees that it has no page, and computes outlines and spectrograms.
import init from "./app.js";

init().then(() => self.postMessage({ kind: "ready" }));
