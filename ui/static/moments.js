// Times in the reader's own words and zone.
const sameDay = (a, b) => a.toDateString() === b.toDateString();

function span(seconds) {
  if (seconds < 60) return seconds < 5 ? "" : `${Math.floor(seconds / 5) * 5} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day" : `${days} days`;
}

export function worded(at, form) {
  const now = new Date();
  const seconds = Math.max(0, (now - at) / 1000);
  if (form === "since") return span(seconds) || "now";
  if (form === "ago") return span(seconds) ? `${span(seconds)} ago` : "just now";
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (sameDay(at, now)) return time;
  return `${at.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

const tickers = new Set();
setInterval(() => tickers.forEach((tick) => tick()), 10000);

export const everyTenSeconds = (tick) => {
  tickers.add(tick);
  return () => tickers.delete(tick);
};
