// Loads the in-tab engine. A worker's program says itself when it is ready for messages; what ends it without a word of
// its own is told from here.
import init from "./worker.js";

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
const broken = (message, failure) => self.postMessage(JSON.stringify({ kind: "broken", message: String(message), failure }));
const failed = (error) => {
  if (error instanceof WebAssembly.RuntimeError && isFull()) {
    broken(`no memory is left in this tab, of which the program has ${Math.round(memory.buffer.byteLength / 1e6)} MB`, "memory");
  } else {
    broken(error?.message ?? error);
  }
};
self.addEventListener("unhandledrejection", (event) => failed(event.reason));
self.addEventListener("error", (event) => {
  // It is told here; the page need not hear of it twice.
  event.preventDefault();
  failed(event.error ?? event.message);
});

// The tensor library measures time with the graphics adapter only when it is told to, which never happens here, but will
// not start where the adapter has no clock. So each adapter says that it has one, and none is asked for it that hasn't.
const CLOCK = "timestamp-query";
if (self.GPUAdapter) {
  const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "features");
  Object.defineProperty(GPUAdapter.prototype, "features", {
    get() {
      return new Set([...get.call(this), CLOCK]);
    },
  });
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (wanted = {}) {
    const own = get.call(this);
    const requiredFeatures = [...(wanted.requiredFeatures ?? [])].filter((feature) => own.has(feature));
    const device = await request.call(this, { ...wanted, requiredFeatures });
    device.lost.then(({ reason, message }) => {
      if (reason !== "destroyed") broken(`the graphics device was lost: ${message || "the driver says no more"}`);
    });
    return device;
  };
}

try {
  ({ memory } = await init());
} catch (error) {
  failed(error);
}
