// Starts the program that looks at recordings, in its worker. What is asked before it is there waits.
import init from "./clips.js";

const early = [];
self.onmessage = (event) => early.push(event);
init().then(
  () => early.forEach((event) => self.onmessage(event)),
  (error) => self.postMessage({ kind: "failed", error: `the program that reads recordings did not start: ${error}` }),
);
