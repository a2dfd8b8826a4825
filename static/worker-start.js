// Loads the in-tab engine. A worker's program says itself when it is ready for messages; what ends it without a word of
// its own is told from here.
import init from "./worker.js";
import { broken, failed, watch } from "./failures.js";

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
  const program = await init();
  program.__wasm_call_ctors();
  watch(program.memory);
} catch (error) {
  failed(error);
}
