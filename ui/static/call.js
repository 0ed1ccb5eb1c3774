// A call from the browser: microphone in, voice out, words as they come. The protocol: docs/phone.md.
//
//   const call = await startCall({ url, onState, onTranscript, onEnded, onLevel });
//   call.stop();  call.mute(true);  call.digit("5");
//
//   url           a path of this origin, or ws:// or wss://
//   onState       "connecting" | "listening" | "thinking" | "speaking" | "ended"
//   onTranscript  { who: "person" | "chief", id, text, final }; the same id again replaces
//   onEnded       { reason, text }: once; the text is a sentence for the person, or empty
//   onLevel       how loud the microphone is, 0 to 1, about ten times a second
//
// startCall rejects with an Error whose name says why: NotAllowedError (no permission), NotFoundError (no
// microphone), InsecureContextError (neither https nor localhost), or what the browser gives.

const RATE_HZ = 16000;
const LEVEL_EVERY = 5;
const WORKLET = new URL("./call-worklet.js", import.meta.url);
const nothing = () => {};

export async function startCall(options) {
  if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    throw named("InsecureContextError", "A microphone needs https, or localhost.");
  }
  const call = new Call(options);
  await call.open(options.url);
  return { stop: () => call.stop(), mute: (on) => call.mute(on), digit: (key) => call.digit(key) };
}

class Call {
  constructor({ onState = nothing, onTranscript = nothing, onEnded = nothing, onLevel = nothing }) {
    this.tell = { onState, onTranscript, onEnded, onLevel };
    this.over = false;
    this.ready = false;
    this.frames = 0;
    this.ending = { reason: "lost", text: "The connection was lost. You can call again." };
  }

  async open(url) {
    this.become("connecting");
    try {
      this.microphone = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      await this.connectSound();
      this.connectSocket(url);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  async connectSound() {
    // The context resamples: the microphone to 16 kHz, the voice to whatever the loudspeaker wants.
    this.context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(WORKLET);
    await this.context.resume();
    this.node = new AudioWorkletNode(this.context, "call", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }) => (data.mark === undefined ? this.heard(data) : this.played(data.mark));
    this.context.createMediaStreamSource(this.microphone).connect(this.node);
    this.node.connect(this.context.destination);
  }

  connectSocket(url) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace(/^http/, "ws");
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => (typeof data === "string" ? this.told(JSON.parse(data)) : this.play(data));
    this.socket.onclose = () => this.finish();
  }

  heard({ sound, level }) {
    if (this.ready && this.socket.readyState === WebSocket.OPEN) this.socket.send(sound);
    if (++this.frames % LEVEL_EVERY === 0) this.tell.onLevel(level);
  }

  play(data) {
    const samples = Float32Array.from(new Int16Array(data), (value) => value / 32768);
    this.node?.port.postMessage({ sound: samples }, [samples.buffer]);
  }

  played(name) {
    this.say({ type: "mark", name });
  }

  told(message) {
    switch (message.type) {
      case "ready":
        this.ready = true;
        break;
      case "mark":
        this.node?.port.postMessage({ mark: message.name });
        break;
      case "clear":
        this.node?.port.postMessage({ clear: true });
        break;
      case "transcript":
        this.tell.onTranscript(message);
        break;
      case "state":
        this.become(message.state);
        break;
      case "ended":
        this.ending = { reason: message.reason, text: message.text };
        break;
    }
  }

  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  digit(key) {
    this.say({ type: "digit", key });
  }

  mute(on) {
    this.node?.port.postMessage({ muted: Boolean(on) });
  }

  stop() {
    this.ending = { reason: "caller", text: "" };
    this.say({ type: "hangup" });
    this.socket?.close(1000);
    this.finish();
  }

  finish() {
    if (this.over) return;
    this.over = true;
    this.release();
    this.become("ended");
    this.tell.onEnded(this.ending);
  }

  release() {
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.context?.close().catch(nothing);
    this.node = null;
  }

  become(state) {
    this.tell.onState(state);
  }
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
