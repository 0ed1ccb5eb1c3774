const NEAR_PX = 80;

export default {
  template: `
    <div class="scroller" ref="box" tabindex="0" role="log" aria-live="polite" :aria-label="label" @scroll.passive="look">
      <div class="scroller-column" ref="column"><slot></slot></div>
    </div>`,
  props: { label: String },
  data() {
    return { atEnd: true };
  },
  mounted() {
    this.follow();
    this.observer = new ResizeObserver(() => this.atEnd && this.follow());
    this.observer.observe(this.$refs.column);
    this.observer.observe(this.$refs.box);
  },
  unmounted() {
    this.observer.disconnect();
  },
  methods: {
    look() {
      const box = this.$refs.box;
      this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    },
    follow() {
      const box = this.$refs.box;
      box.scrollTop = box.scrollHeight;
    },
    toEnd() {
      this.atEnd = true;
      this.follow();
    },
  },
};
