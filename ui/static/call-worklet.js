// Sound of a call, on the audio thread: the microphone in pieces of 20 ms, what comes back without gaps.
// Runs at 16 kHz: call.js makes the AudioContext so.

const FRAME = 320;

class Call extends AudioWorkletProcessor {
  constructor() {
    super();
    this.out = new Int16Array(FRAME);
    this.filled = 0;
    this.loudest = 0;
    this.muted = false;
    this.queue = []; // Float32Array of sound, or the name of a mark
    this.at = 0; // in the first of the queue
    this.port.onmessage = ({ data }) => this.told(data);
  }

  told({ sound, mark, clear, muted }) {
    if (sound) this.queue.push(sound);
    else if (mark !== undefined) this.queue.push(mark);
    else if (clear) {
      this.queue = [];
      this.at = 0;
    } else if (muted !== undefined) this.muted = muted;
  }

  process(inputs, outputs) {
    const microphone = inputs[0][0];
    if (microphone) this.record(microphone);
    this.play(outputs[0][0]);
    return true;
  }

  record(samples) {
    for (const sample of samples) {
      const value = this.muted ? 0 : Math.max(-1, Math.min(1, sample));
      this.loudest = Math.max(this.loudest, Math.abs(value));
      this.out[this.filled++] = Math.round(value * 32767);
      if (this.filled === FRAME) {
        this.port.postMessage({ sound: this.out.buffer, level: this.loudest }, [this.out.buffer]);
        this.out = new Int16Array(FRAME);
        this.filled = 0;
        this.loudest = 0;
      }
    }
  }

  play(output) {
    let written = 0;
    while (written < output.length && this.queue.length) {
      const first = this.queue[0];
      if (typeof first === "string") {
        this.port.postMessage({ mark: first });
        this.queue.shift();
        continue;
      }
      const take = Math.min(output.length - written, first.length - this.at);
      output.set(first.subarray(this.at, this.at + take), written);
      written += take;
      this.at += take;
      if (this.at === first.length) {
        this.queue.shift();
        this.at = 0;
      }
    }
    output.fill(0, written);
  }
}

registerProcessor("call", Call);
