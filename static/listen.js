// Hands on what the microphone hears: one channel, in pieces of about a twentieth of a second.
class Listen extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(Math.round(sampleRate / 20));
    this.filled = 0;
  }

  process([channels]) {
    // Nothing is connected for a moment at the beginning.
    const length = channels[0]?.length ?? 0;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.piece[this.filled++] = sum / channels.length;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("listen", Listen);
