// The in-tab engine with a look at what it has the graphics device do. Each dispatch is noted; told to `replay`, the
// notes of one piece of work (what came between two results that were read) are gone through, and each dispatch is made
// again by itself and timed.
const pipelines = new WeakMap();
const modules = new WeakMap();
// Dispatches of each piece of work, the last one being at work.
const pieces = [[]];
let device;

// Calls `see` behind each call of a method, with its object, arguments and result.
const behind = (type, method, see) => {
  const inner = type.prototype[method];
  type.prototype[method] = function (...given) {
    const result = inner.apply(this, given);
    see(this, given, result);
    return result;
  };
  return inner;
};

const name = ({ compute }) => /fn (\w+)\(@builtin|@workgroup_size\([^)]*\)\s*fn (\w+)/.exec(modules.get(compute.module))?.slice(1).find(Boolean) ?? "?";

behind(GPUDevice, "createShaderModule", (self, [{ code }], module) => {
  device = self;
  modules.set(module, code);
});
behind(GPUDevice, "createComputePipeline", (_, [description], pipeline) => pipelines.set(pipeline, name(description)));
behind(GPUDevice, "createComputePipelineAsync", (_, [description], promise) =>
  promise.then((pipeline) => pipelines.set(pipeline, name(description))),
);
const setPipeline = behind(GPUComputePassEncoder, "setPipeline", (pass, [pipeline]) => (pass.pipeline = pipeline));
const setBindGroup = behind(GPUComputePassEncoder, "setBindGroup", (pass, [index, ...group]) => (pass.groups = { ...pass.groups, [index]: group }));
const dispatch = behind(GPUComputePassEncoder, "dispatchWorkgroups", (pass, grid) =>
  pieces.at(-1).push({ pipeline: pass.pipeline, groups: pass.groups, grid }),
);
behind(GPUBuffer, "mapAsync", () => pieces.push([]));

// Milliseconds for the dispatch `times` times, one behind the other.
const time = async ({ pipeline, groups, grid }, times) => {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  setPipeline.call(pass, pipeline);
  for (const [index, group] of Object.entries(groups)) setBindGroup.call(pass, Number(index), ...group);
  for (let i = 0; i < times; i++) dispatch.call(pass, ...grid);
  pass.end();
  const begun = performance.now();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begun;
};

const replay = async (piece, times) => {
  const found = [];
  for (const one of pieces[piece]) {
    await time(one, 1);
    const idle = await time(one, 0);
    const milliseconds = Math.max(0, (await time(one, times)) - idle) / times;
    found.push({ kernel: pipelines.get(one.pipeline), grid: one.grid, milliseconds });
  }
  return found;
};

self.addEventListener("message", async (event) => {
  if (event.data.replay === undefined) return;
  event.stopImmediatePropagation();
  self.postMessage(JSON.stringify({ kind: "replayed", found: await replay(event.data.replay, event.data.times) }));
});

await import("/worker/start.js");
