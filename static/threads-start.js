// Starts the in-tab engine with threads: the page speaks with this script as with the engine of one thread (`../start.js`).
// All threads are workers of this one, which never computes: so it always hears what one of them complains of, also
// while the others wait for that one.
import { broken, failed } from "./failures.js";

// How many threads, which the page says; else as many as there are cores.
const asked = Number(new URL(import.meta.url).searchParams.get("threads"));
const count = Math.max(1, asked || navigator.hardwareConcurrency || 1);
// The memory that the threads share is reserved as a whole, for which addresses may be too few.
const LARGEST = 65536;

// Whether the browser lets threads share memory, and wait for one another without being asked again and again.
const canShare = () => {
  try {
    new WebAssembly.Memory({ initial: 1, maximum: LARGEST, shared: true });
    return self.crossOriginIsolated && typeof Atomics.waitAsync === "function";
  } catch {
    return false;
  }
};

// Starts a thread and gives it its task when it is there; `hear` gets what it says.
const start = (task, hear) => {
  const thread = new Worker(new URL("./thread.js", import.meta.url), { type: "module" });
  thread.onmessage = ({ data }) => (data.kind === "here" ? thread.postMessage(task) : hear(data));
  thread.onerror = (event) => {
    event.preventDefault();
    broken(event.message || "a thread of the engine could not be loaded");
  };
  return thread;
};

const say = (data) => self.postMessage(data);

if (canShare()) {
  const engine = start({ threads: count }, (data) => {
    if (!data.shared) return say(data);
    for (let helper = 1; helper < count; helper++) start(data.shared, say);
  });
  self.addEventListener("message", ({ data }) => engine.postMessage(data));
} else {
  // One core is better than none.
  import("../start.js").catch(failed);
}
