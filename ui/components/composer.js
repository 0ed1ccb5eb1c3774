const DRAFT = "cos-draft";

function sized(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  template: `
    <form class="composer" @submit.prevent="send" :aria-busy="busy">
      <div v-if="error" class="composer-error" role="alert">
        <span class="icon icon-alert" aria-hidden="true"></span><span><b>{{ words.notSent }}</b> {{ error }}</span>
      </div>
      <ul v-if="files.length" class="chips">
        <li v-for="(file, place) in files" :key="file.key" class="chip">
          <span class="icon icon-file" aria-hidden="true"></span>
          <span class="chip-name">{{ file.blob.name }}</span><span class="quiet">{{ sized(file.blob.size) }}</span>
          <button type="button" class="chip-remove" :disabled="busy" :aria-label="words.remove + ' ' + file.blob.name"
            @click="remove(place)"><span class="icon icon-close" aria-hidden="true"></span></button>
        </li>
      </ul>
      <div class="composer-row">
        <button type="button" class="button-icon" :disabled="busy" :aria-label="words.attach" :title="words.attach"
          @click="$refs.picker.click()"><span class="icon icon-clip" aria-hidden="true"></span></button>
        <input ref="picker" type="file" multiple hidden tabindex="-1" :aria-label="words.attach" @change="picked">
        <textarea ref="field" v-model="text" rows="1" :aria-label="words.label" :placeholder="words.hint"
          :readonly="busy" @keydown.enter="entered" @input="changed" @paste="pasted" autocomplete="off"></textarea>
        <button type="button" class="button-icon" :aria-label="words.call" :title="words.call" @click="call">
          <span class="icon icon-mic" aria-hidden="true"></span></button>
        <button type="submit" class="button-send" :disabled="busy" :aria-label="busy ? words.sending : words.send"
          :title="words.send"><span class="icon" :class="busy ? 'icon-wait' : 'icon-up'" aria-hidden="true"></span></button>
      </div>
      <progress v-if="busy && files.length" class="composer-progress" max="1" :value="sent" :aria-label="words.sending">
      </progress>
      <div v-if="dragging" class="drop-target" aria-hidden="true">{{ words.drop }}</div>
    </form>`,
  props: { url: String, maxBytes: Number, words: Object },
  data() {
    return { text: "", files: [], busy: false, sent: 0, error: "", dragging: false, messageId: newId() };
  },
  mounted() {
    this.text = sessionStorage.getItem(DRAFT) || "";
    this.$nextTick(this.grow);
    this.listeners = {
      dragover: (event) => this.dragged(event, true),
      dragleave: (event) => event.relatedTarget === null && (this.dragging = false),
      drop: (event) => this.dropped(event),
    };
    for (const [name, heard] of Object.entries(this.listeners)) window.addEventListener(name, heard);
    if (matchMedia("(hover: hover)").matches) this.$refs.field.focus();
  },
  unmounted() {
    for (const [name, heard] of Object.entries(this.listeners)) window.removeEventListener(name, heard);
  },
  methods: {
    sized,
    call() {
      // Heard by the call beside this: a microphone opens only for a click, without a way over the server.
      window.dispatchEvent(new Event("cos-call"));
    },
    suggest(text) {
      this.text = text;
      this.changed();
      this.$refs.field.focus();
    },
    changed() {
      this.error = "";
      this.messageId = newId();
      sessionStorage.setItem(DRAFT, this.text.slice(0, 200000));
      this.$nextTick(this.grow);
    },
    grow() {
      const field = this.$refs.field;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * 0.4)}px`;
    },
    entered(event) {
      if (event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    },
    add(list) {
      for (const blob of list) this.files.push({ key: newId(), blob: Vue.markRaw(blob) });
      this.messageId = newId();
      this.error = this.tooBig();
    },
    remove(place) {
      this.files.splice(place, 1);
      this.messageId = newId();
      this.error = this.tooBig();
    },
    picked(event) {
      this.add(event.target.files);
      event.target.value = "";
      this.$refs.field.focus();
    },
    pasted(event) {
      if (event.clipboardData?.files.length) this.add(event.clipboardData.files);
    },
    dragged(event, over) {
      if (![...(event.dataTransfer?.types || [])].includes("Files")) return;
      event.preventDefault();
      this.dragging = over;
    },
    dropped(event) {
      this.dragging = false;
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      if (!this.busy) this.add(event.dataTransfer.files);
    },
    tooBig() {
      const size = this.files.reduce((sum, file) => sum + file.blob.size, 0);
      if (size <= this.maxBytes) return "";
      return this.words.tooBig.replace("{size}", sized(size)).replace("{limit}", this.words.limit);
    },
    async send() {
      if (this.busy) return;
      this.error = !this.text.trim() && !this.files.length ? this.words.empty : this.tooBig();
      if (this.error) return;
      this.busy = true;
      this.sent = 0;
      const answer = await this.post();
      this.busy = false;
      if (answer.status === 202) this.done();
      else this.error = answer.detail || this.words.offline;
      this.$nextTick(() => this.$refs.field.focus());
    },
    post() {
      const form = new FormData();
      form.append("text", this.text);
      form.append("external_id", this.messageId);
      for (const file of this.files) form.append("files", file.blob, file.blob.name);
      return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open("POST", this.url);
        request.upload.onprogress = (event) => (this.sent = event.total ? event.loaded / event.total : 0);
        request.onload = () => {
          let body = {};
          try {
            body = JSON.parse(request.responseText);
          } catch {
            // Not from the panel itself: the words for a lost connection say what to do.
          }
          resolve({ status: request.status, detail: body.detail });
        };
        request.onerror = () => resolve({ status: 0 });
        request.send(form);
      });
    },
    done() {
      this.text = "";
      this.files = [];
      this.changed();
      this.$emit("sent");
    },
  },
};
