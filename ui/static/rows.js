// Lists and boards by the arrow keys, from the row that has the focus; Ctrl+K (or ⌘K) goes to the search.
// No key works alone outside of a list: WCAG 2.1.4 asks so, for people who speak to their computer.
const links = (list) => [...list.querySelectorAll("[data-row]")];

function sideways(list, step) {
  const lists = [...document.querySelectorAll("[data-board] [data-rows]")];
  for (let place = lists.indexOf(list) + step; lists[place]; place += step) {
    if (links(lists[place]).length) return lists[place];
  }
  return null;
}

function goal(row, list, key) {
  const rows = links(list);
  const place = rows.indexOf(row);
  switch (key) {
    case "ArrowDown":
      return rows[place + 1];
    case "ArrowUp":
      return rows[place - 1];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    case "ArrowRight":
    case "ArrowLeft": {
      const beside = sideways(list, key === "ArrowRight" ? 1 : -1);
      return beside && links(beside)[Math.min(place, links(beside).length - 1)];
    }
    default:
      return null;
  }
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.("[data-row]");
  const next = row && goal(row, row.closest("[data-rows]"), event.key);
  if (next) {
    event.preventDefault();
    next.focus();
  } else if (event.key === "ArrowDown" && event.target.matches?.("[data-search]")) {
    document.querySelector("[data-row]")?.focus();
  }
});

// A row that changes is drawn anew: whoever stood on it stays there.
let stood = null;

document.addEventListener("focusin", (event) => {
  stood = event.target.closest?.("[data-row]") ?? null;
});

document.addEventListener("focusout", () => {
  // Left on purpose, unless it went away under the person.
  setTimeout(() => {
    if (stood?.isConnected && document.activeElement === document.body) stood = null;
  });
});

new MutationObserver(() => {
  if (!stood || stood.isConnected || document.activeElement !== document.body) return;
  const address = stood.getAttribute("href");
  links(document).find((row) => row.getAttribute("href") === address)?.focus({ preventScroll: true });
}).observe(document.documentElement, { childList: true, subtree: true });
