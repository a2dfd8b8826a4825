// Hands the samples of a microphone on, in the browser's thread for sound. What is left is handed on when asked for.
const BLOCK = 1024;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(BLOCK);
    this.count = 0;
    this.port.onmessage = () => this.send();
  }

  send() {
    const samples = this.block.slice(0, this.count);
    this.count = 0;
    this.port.postMessage(samples, [samples.buffer]);
  }

  process([channels]) {
    for (const sample of channels[0] ?? []) {
      this.block[this.count++] = sample;
      if (this.count === BLOCK) this.send();
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
