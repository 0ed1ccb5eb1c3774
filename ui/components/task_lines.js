// Tasks as rows of a list or cards of a board. What changes comes as a difference, so that one news costs
// one row and not the page.
import { everyTenSeconds, worded } from "/static/moments.js";

const STATE = `
  <progress v-if="line.status === 'in_progress'" class="progress" max="1" :aria-label="words.task + ' ' + line.number"
    v-bind="line.progress === null ? {} : { value: line.progress }"></progress>
  <span v-else-if="line.note" class="task-row-note">{{ line.note }}</span>`;
const PRIORITY = `
  <span v-if="words.priority[line.priority]" :class="'priority priority-' + line.priority">{{
    words.priority[line.priority] }}</span>`;
const TIME = `<time :datetime="line.at" :title="new Date(line.at).toLocaleString()">{{ ago(line.at, now) }}</time>`;

export default {
  template: `
    <ul v-if="cards" class="lane-cards" data-rows>
      <li v-for="line in lines" :key="line.number" v-memo="[line, now]">
        <a class="task-card" :href="'/tasks/' + line.number" data-row>
          <span class="task-row-title"><span class="number">{{ line.number }}</span><span>{{ line.title }}</span>${PRIORITY}
          </span>${STATE}${TIME}
        </a>
      </li>
    </ul>
    <ul v-else class="entries entries-tasks" data-rows>
      <li v-for="line in lines" :key="line.number" v-memo="[line, now]" class="entry entry-task">
        <a class="task-row" :href="'/tasks/' + line.number" data-row>
          <span class="number">{{ line.number }}</span>
          <span class="task-row-main"><span class="task-row-title"><span>{{ line.title }}</span>${PRIORITY}</span>${STATE}</span>
          <span :class="'status status-' + line.status.replace('_', '-')">
            <span :class="'icon icon-' + words.marks[line.status]" aria-hidden="true"></span>
            <span>{{ words.status[line.status] }}</span>
          </span>${TIME}
        </a>
      </li>
    </ul>`,
  props: { cards: Boolean, first: Array, words: Object },
  data() {
    return { lines: this.first.map(Vue.markRaw), now: 0 };
  },
  created() {
    this.stop = everyTenSeconds(() => (this.now += 1));
  },
  unmounted() {
    this.stop();
  },
  methods: {
    ago: (at) => worded(new Date(at), "ago"),
    show(numbers, changed) {
      const known = new Map(this.lines.map((line) => [line.number, line]));
      for (const line of changed) known.set(line.number, Vue.markRaw(line));
      this.lines = numbers.map((number) => known.get(number));
    },
  },
};
