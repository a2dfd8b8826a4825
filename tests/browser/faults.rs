//! What a browser may lack, refuse or lose while the engine is at work: simulated by a script that its worker runs
//! before the engine's own.

use crate::{
    tab::{Tab, in_browser},
    training::{INI, LOSS, THREADS, as_natively, begin, has_threads, losses, native, wait},
};
use serde_json::{Value, json};

/// Has the adapter say that it is a card: kernels are then those of cards, which a software adapter carries out as well,
/// only slowly.
pub(crate) const AS_A_CARD: &str =
    "Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});";

/// Makes `restrict(features)`, after which adapters have no other features, and no limits above those that every
/// adapter has, and refuse devices that want more.
const RESTRICT: &str = "
    const FLOOR = {
        maxStorageBufferBindingSize: 134217728, maxBufferSize: 268435456, maxUniformBufferBindingSize: 65536,
        maxStorageBuffersPerShaderStage: 8, maxUniformBuffersPerShaderStage: 12, maxBindGroups: 4, maxBindingsPerBindGroup: 1000,
        maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupSizeX: 256, maxComputeWorkgroupSizeY: 256,
        maxComputeWorkgroupSizeZ: 64, maxComputeWorkgroupStorageSize: 16384, maxComputeWorkgroupsPerDimension: 65535,
    };
    const restrict = (names) => {
        const adapters = GPUAdapter.prototype;
        const read = (name) => Object.getOwnPropertyDescriptor(adapters, name).get;
        const [features, limits, request] = [read('features'), read('limits'), adapters.requestDevice];
        const has = (adapter) => new Set([...features.call(adapter)].filter((name) => names.includes(name)));
        const most = (adapter) => {
            const own = limits.call(adapter), less = {};
            for (const name in own) less[name] = FLOOR[name] ?? own[name];
            return less;
        };
        Object.defineProperty(adapters, 'features', {get() { return has(this); }, configurable: true});
        Object.defineProperty(adapters, 'limits', {get() { return most(this); }, configurable: true});
        adapters.requestDevice = async function (wanted = {}) {
            const [own, least] = [has(this), most(this)];
            for (const name of wanted.requiredFeatures ?? []) {
                if (!own.has(name)) throw new TypeError(`this adapter has no ${name}`);
            }
            for (const [name, value] of Object.entries(wanted.requiredLimits ?? {})) {
                if (!name.startsWith('min') && value > least[name]) throw new DOMException(`${name}: ${value}`, 'OperationError');
            }
            self.asked = {features: [...wanted.requiredFeatures ?? []], limits: wanted.requiredLimits};
            return request.call(this, wanted);
        };
    };";

/// Calls `happen(device)` behind the first step that is told.
const AFTER_A_STEP: &str = "
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (wanted) {
        const device = await request.call(this, wanted);
        let lose;
        const lost = new Promise((done) => { lose = done; });
        Object.defineProperty(device, 'lost', {value: lost});
        const say = self.postMessage.bind(self);
        let happened = false;
        self.postMessage = (message) => {
            say(message);
            const text = typeof message === 'string' ? message : message.text;
            if (!happened && text.includes('\"event\":\"step\"')) {
                happened = true;
                happen(device, lose);
            }
        };
        return device;
    };";

/// Lets the program's memory grow by 64 kB x 96 and no more.
const SMALL_MEMORY: &str = "
    const number = (bytes, at) => {
        let value = 0, shift = 0, byte;
        do { byte = bytes[at++]; value |= (byte & 127) << shift; shift += 7; } while (byte & 128);
        return [value, at];
    };
    const written = (value) => {
        const bytes = [];
        do { bytes.push((value & 127) | (value > 127 ? 128 : 0)); value >>>= 7; } while (value);
        return bytes;
    };
    const limited = (bytes) => {
        let at = 8;
        for (;;) {
            const begins = at, id = bytes[at];
            const [size, content] = number(bytes, at + 1);
            at = content + size;
            if (id === 5) {
                const [least] = number(bytes, content + 2);
                const section = [1, 1, ...written(least), ...written(least + 96)];
                return new Blob([bytes.slice(0, begins), new Uint8Array([5, ...written(section.length), ...section]), bytes.slice(at)]);
            }
        }
    };
    WebAssembly.instantiateStreaming = async (response, imports) => {
        const bytes = new Uint8Array(await (await response).arrayBuffer());
        return WebAssembly.instantiate(await limited(bytes).arrayBuffer(), imports);
    };";

/// Tells behind each step how many bytes of buffers the graphics device has: made, and neither destroyed nor swept up;
/// and how many the program.
pub(crate) const BUFFERS: &str = "
    let bytes = 0;
    const swept = new FinalizationRegistry((size) => { bytes -= size; });
    const create = GPUDevice.prototype.createBuffer, destroy = GPUBuffer.prototype.destroy;
    const live = new WeakSet();
    GPUDevice.prototype.createBuffer = function (wanted) {
        const buffer = create.call(this, wanted);
        bytes += buffer.size;
        live.add(buffer);
        swept.register(buffer, buffer.size, buffer);
        return buffer;
    };
    GPUBuffer.prototype.destroy = function () {
        if (live.delete(this)) {
            bytes -= this.size;
            swept.unregister(this);
        }
        return destroy.call(this);
    };
    const compile = WebAssembly.instantiateStreaming;
    let memory;
    WebAssembly.instantiateStreaming = async (...given) => {
        const made = await compile(...given);
        ({memory} = made.instance.exports);
        return made;
    };
    const say = self.postMessage.bind(self);
    self.postMessage = (message) => {
        say(message);
        const text = typeof message === 'string' ? message : message.text;
        if (text.includes('\"event\":\"step\"')) say(JSON.stringify({kind: 'buffers', bytes, heap: memory?.buffer.byteLength}));
    };";

/// Lets the memory that threads share grow by as much and no more: it is made by the first of the workers that the
/// engine's script starts.
const SMALL_SHARED_MEMORY: &str = "
    const Real = self.Worker;
    self.Worker = class extends Real {
        constructor(address, options) {
            const script = `
                const Real = WebAssembly.Memory;
                WebAssembly.Memory = function (size) { return new Real({...size, maximum: size.initial + 96}); };
                await import('${address}');`;
            super(URL.createObjectURL(new Blob([script], {type: 'text/javascript'})), options);
        }
    };";

async fn on_adapter(tab: Tab, features: &[&str]) {
    let before = format!("{AS_A_CARD} {RESTRICT} restrict({});", json!(features));
    as_natively(tab, "webgpu", 1, 10.0 * LOSS, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_of_adapters_trains() {
    in_browser(async |tab| on_adapter(tab, &[]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_with_subgroups_and_no_clock_trains() {
    in_browser(async |tab| on_adapter(tab, &["subgroups"]).await).await;
}

/// The end of a job on WebGPU to which something happens behind the first step.
async fn struck(tab: &Tab, happen: &str) -> Value {
    let before = format!("const happen = (device, lose) => {{ {happen} }}; {AFTER_A_STEP}");
    begin(tab, INI, "webgpu", &before).await;
    let said = wait(tab).await;
    assert!(said.iter().any(|one| one["event"] == "step"), "{said:?}");
    let end = said
        .iter()
        .find(|one| matches!(one["kind"].as_str(), Some("broken" | "ended")));
    end.expect("an end").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_told() {
    in_browser(async |tab| {
        let happen =
            "device.destroy(); lose({reason: 'unknown', message: 'the driver was reset'});";
        let end = struck(&tab, happen).await;
        assert_eq!(end["kind"], "broken", "{end}");
        let message = end["message"].as_str().expect("a text");
        assert!(
            message.contains("graphics device was lost")
                && message.contains("the driver was reset"),
            "{end}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_device_is_told() {
    in_browser(async |tab| {
        let happen = "device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', {error: new GPUOutOfMemoryError('no room')}));";
        let end = struck(&tab, happen).await;
        let words = end.to_string().to_lowercase();
        assert!(words.contains("memory"), "{end}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_program_is_told() {
    in_browser(async |tab| {
        begin(&tab, INI, "cpu", SMALL_MEMORY).await;
        let said = wait(&tab).await;
        let broken = said.iter().find(|one| one["kind"] == "broken");
        let broken = broken.unwrap_or_else(|| panic!("{said:?}"));
        assert_eq!(broken["failure"], "memory", "{said:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_program_with_threads_is_told() {
    if !has_threads() {
        return;
    }
    in_browser(async |tab| {
        begin(&tab, INI, THREADS, SMALL_SHARED_MEMORY).await;
        let said = wait(&tab).await;
        let broken = said.iter().find(|one| one["kind"] == "broken");
        let broken = broken.unwrap_or_else(|| panic!("{said:?}"));
        assert_eq!(broken["failure"], "memory", "{said:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_changes_nothing() {
    in_browser(async |tab| {
        let native = native(&tab.given, INI);
        // It is told to stand still when it has told of its second step.
        let pause = "
            const say = self.postMessage.bind(self);
            let steps = 0;
            self.postMessage = (message) => {
                say(message);
                const text = typeof message === 'string' ? message : message.text;
                if (text.includes('\"event\":\"step\"') && ++steps === 2) {
                    self.dispatchEvent(new MessageEvent('message', {data: '{\"kind\":\"pause\"}'}));
                }
            };";
        begin(&tab, INI, "cpu", pause).await;
        let count = "return said.filter(one => one.event === 'step').length";
        let paused = "return said.some(one => one.kind === 'paused' && one.paused)";
        crate::editing::within(&tab, crate::training::PATIENCE, paused, &json!(true)).await;
        assert_eq!(tab.run(count, Value::Null).await, 2);
        // It hears and answers meanwhile.
        tab.run(
            "engine.postMessage(JSON.stringify({kind: 'check', question: 7, request: {text: arguments[0], set: []}}))",
            json!(INI),
        )
        .await;
        let answered = "return said.some(one => one.kind === 'check' && one.question === 7)";
        crate::editing::eventually(&tab, answered, &json!(true)).await;
        assert_eq!(tab.run(count, Value::Null).await, 2);
        tab.run("engine.postMessage('{\"kind\":\"continue\"}')", Value::Null).await;
        let said = wait(&tab).await;
        assert_eq!(said.last().expect("an end")["status"], "finished");
        for ((what, expected), (same, found)) in native.iter().zip(losses(&said)) {
            assert_eq!(*what, same);
            assert!((expected - found).abs() <= LOSS, "{what}: {found}, {expected}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_over_many_steps() {
    in_browser(async |tab| {
        // Recordings of five lengths, one a step.
        let text = |epochs: usize| {
            INI.replace("epochs = 2", &format!("epochs = {epochs}"))
                .replace("batch_size = 4", "batch_size = 1")
        };
        begin(&tab, &text(2), "cpu", "").await;
        let said = wait(&tab).await;
        let first = said.last().expect("an end").clone();
        let again = json!({"id": "longer", "text": text(63), "device": "cpu"});
        tab.run("window.said = []; again(arguments[0])", again).await;
        let started = std::time::Instant::now();
        let said = wait(&tab).await;
        let steps = said.iter().filter(|one| one["event"] == "step").count();
        let last = said.last().expect("an end");
        eprintln!(
            "{} bytes of WebAssembly memory after the first epochs, {} after {steps} steps more, {:.1} steps a second",
            first["heap"],
            last["heap"],
            steps as f64 / started.elapsed().as_secs_f64()
        );
        assert_eq!(last["status"], "finished", "{last}");
        assert!(steps >= 500, "{steps}");
        let bytes = |end: &Value| end["heap"].as_u64().expect("bytes");
        // A tensor more or less, and not one a step.
        assert!(bytes(last) <= bytes(&first) + 4_000_000, "{first} {last}");
    })
    .await;
}

/// Steps on the graphics device.
const STEPS: usize = 500;

#[tokio::test(flavor = "multi_thread")]
async fn graphics_memory_stays_flat_over_many_steps() {
    in_browser(async |tab| {
        // Eight recordings of five lengths, one a step.
        let text = INI
            .replace("epochs = 2", &format!("epochs = {}", STEPS.div_ceil(8)))
            .replace("batch_size = 4", "batch_size = 1");
        begin(&tab, &text, "webgpu", BUFFERS).await;
        let started = std::time::Instant::now();
        let said = wait(&tab).await;
        let last = said
            .iter()
            .find(|one| one["kind"] == "ended")
            .expect("an end");
        assert_eq!(last["status"], "finished", "{last}");
        let bytes: Vec<u64> = said
            .iter()
            .filter_map(|one| one["bytes"].as_u64())
            .collect();
        let steps = bytes.len();
        assert!(steps >= STEPS, "{steps}");
        for at in [1, steps / 4, steps / 2, steps - 1] {
            eprintln!(
                "behind step {}: {:.2} MB of buffers",
                at + 1,
                bytes[at] as f64 / 1e6
            );
        }
        eprintln!(
            "{:.2} steps a second",
            steps as f64 / started.elapsed().as_secs_f64()
        );
        let most = |bytes: &[u64]| bytes.iter().max().copied().unwrap_or(0);
        let (early, late) = (most(&bytes[..steps / 2]), most(&bytes[steps / 2..]));
        assert!(early > 0, "buffers are not counted");
        assert!(late <= early + early / 20, "{early} bytes, then {late}");
    })
    .await;
}
