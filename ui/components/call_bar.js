const SHOWN = 4;

export default {
  template: `
    <section v-if="state" class="call" :aria-label="words.live">
      <div class="call-head">
        <span class="icon icon-mic" aria-hidden="true"></span>
        <span class="call-state" role="status">{{ words.states[state] || "" }}</span>
        <span class="call-level" aria-hidden="true"><span :style="{ transform: 'scaleX(' + loud + ')' }"></span></span>
        <template v-if="state !== 'ended'">
          <button type="button" class="button" :aria-pressed="muted" @click="mute">
            {{ muted ? words.unmute : words.mute }}</button>
          <button ref="end" type="button" class="button button-bad" @click="end">{{ words.end }}</button>
        </template>
        <button v-else ref="close" type="button" class="button" @click="state = ''">{{ words.close }}</button>
      </div>
      <p v-if="error" class="call-error" role="alert">{{ error }}</p>
      <div v-if="lines.length" class="call-lines" aria-live="polite">
        <p v-for="line in lines" :key="line.id"><span class="call-who">{{ words[line.who] }}</span> {{ line.text }}</p>
      </div>
    </section>`,
  props: { url: String, words: Object },
  data() {
    return { state: "", error: "", lines: [], muted: false, level: 0 };
  },
  computed: {
    loud() {
      return this.muted || this.state === "ended" ? 0 : Math.min(1, this.level * 4);
    },
  },
  mounted() {
    window.addEventListener("cos-call", this.start);
  },
  unmounted() {
    window.removeEventListener("cos-call", this.start);
    this.call?.stop();
  },
  methods: {
    async start() {
      if (this.state && this.state !== "ended") return;
      Object.assign(this, { state: "connecting", error: "", lines: [], muted: false, level: 0 });
      try {
        const { startCall } = await import("/static/call.js");
        this.call = await startCall({
          url: this.url,
          onState: (state) => (this.state = state),
          onTranscript: this.said,
          onEnded: this.ended,
          onLevel: (level) => (this.level = level),
        });
        this.$nextTick(() => this.$refs.end?.focus());
      } catch (error) {
        this.state = "ended";
        this.error = this.words.faults[error.name] || this.words.failed;
      }
    },
    said({ who, id, text }) {
      const known = this.lines.find((line) => line.id === id);
      if (known) known.text = text;
      else this.lines = [...this.lines, { who, id, text }].slice(-SHOWN);
    },
    ended({ text }) {
      this.call = null;
      this.state = "ended";
      this.error = text || "";
      if (!text) this.state = "";
    },
    mute() {
      this.muted = !this.muted;
      this.call?.mute(this.muted);
    },
    end() {
      this.call?.stop();
    },
  },
};
