import { everyTenSeconds, worded } from "/static/moments.js";

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
    this.stop = everyTenSeconds(this.tick);
  },
  updated() {
    this.tick();
  },
  unmounted() {
    this.stop();
  },
};
