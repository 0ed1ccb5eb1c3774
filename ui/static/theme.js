// Runs before the first paint, so that a chosen appearance does not flash.
const chosen = localStorage.getItem("cos-theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
