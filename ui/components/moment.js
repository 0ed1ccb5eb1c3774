const tickers = new Set();
setInterval(() => tickers.forEach((tick) => tick()), 10000);

const sameDay = (a, b) => a.toDateString() === b.toDateString();

function span(seconds) {
  if (seconds < 60) return seconds < 5 ? "" : `${Math.floor(seconds / 5) * 5} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day" : `${days} days`;
}

function worded(at, form) {
  const now = new Date();
  const seconds = Math.max(0, (now - at) / 1000);
  if (form === "since") return span(seconds) || "now";
  if (form === "ago") return span(seconds) ? `${span(seconds)} ago` : "just now";
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (sameDay(at, now)) return time;
  return `${at.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

export default {
  template: `<time :datetime="at" :title="exact">{{ text }}</time>`,
  props: { at: String, form: String },
  data() {
    return { text: "" };
  },
  computed: {
    exact() {
      return new Date(this.at).toLocaleString();
    },
  },
  methods: {
    tick() {
      this.text = worded(new Date(this.at), this.form);
    },
  },
  created() {
    this.tick();
    tickers.add(this.tick);
  },
  updated() {
    this.tick();
  },
  unmounted() {
    tickers.delete(this.tick);
  },
};
