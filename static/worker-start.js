// Loads the in-tab engine. A worker's program says itself when it is ready for messages.
import init from "./worker.js";

await init();
