// What ends the in-tab engine without a word of its own is told from here, by each of its threads.

let memory;
// 256 MB, in pages: as much is asked for at once by the larger tensors of a model.
const LARGE = 4096;

// Where the program ends without a word of its own, it was mostly refused memory: then there is no more to be had now.
const isFull = () => {
  try {
    memory?.grow(LARGE);
    return false;
  } catch {
    return true;
  }
};

// Says that the engine is at its end.
export const broken = (message, failure) => self.postMessage(JSON.stringify({ kind: "broken", message: String(message), failure }));

// Says what went wrong.
export const failed = (error) => {
  if (error instanceof WebAssembly.RuntimeError && isFull()) {
    broken(`no memory is left in this tab, of which the program has ${Math.round(memory.buffer.byteLength / 1e6)} MB`, "memory");
  } else {
    broken(error?.message ?? error);
  }
};

// The memory of the program that runs here.
export const watch = (own) => {
  memory = own;
};

self.addEventListener("unhandledrejection", (event) => failed(event.reason));
self.addEventListener("error", (event) => {
  // It is told here; the page need not hear of it twice.
  event.preventDefault();
  failed(event.error ?? event.message);
});
