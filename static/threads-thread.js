// A thread of the in-tab engine: the one that the page speaks with, or one of those that help it to compute.
import init, { helpToCompute, openPool } from "./worker.js";
import { failed, watch } from "./failures.js";

const MODULE = new URL("./worker_bg.wasm", import.meta.url);

// The engine's own thread. What the helpers need is said before it waits for them.
const begin = async (threads) => {
  const module = await WebAssembly.compileStreaming(fetch(MODULE));
  const program = await init({ module_or_path: module });
  program.__wasm_call_ctors();
  const { memory } = program;
  watch(memory);
  self.postMessage({ shared: { module, memory } });
  openPool(threads);
};

// A helper; it comes back when the engine ends.
const help = async ({ module, memory }) => {
  watch(memory);
  await init({ module_or_path: module, memory });
  helpToCompute();
};

const task = ({ data }) => (data.memory ? help(data) : begin(data.threads)).catch(failed);
self.addEventListener("message", task, { once: true });
self.postMessage({ kind: "here" });
