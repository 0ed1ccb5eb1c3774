const KEY = "cos-theme";

export default {
  template: `
    <label class="theme-switch">
      <span class="sr-only">{{ label }}</span>
      <select v-model="theme" @change="apply">
        <option v-for="(name, value) in options" :key="value" :value="value">{{ name }}</option>
      </select>
    </label>`,
  props: { label: String, options: Object },
  data() {
    return { theme: localStorage.getItem(KEY) || "system" };
  },
  methods: {
    apply() {
      localStorage.setItem(KEY, this.theme);
      if (this.theme === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = this.theme;
    },
  },
};
