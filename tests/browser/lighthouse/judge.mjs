// Judges one page with Lighthouse as on a desk, in a fresh browser; one line of JSON on stdout.
// Arguments: the program of Chromium, the session's cookie, and the address.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as launcher from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const [chromePath, cookie, address] = process.argv.slice(2);
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const FIGURES = {
  bytes: "total-byte-weight",
  first_paint_ms: "first-contentful-paint",
  main_paint_ms: "largest-contentful-paint",
  blocked_ms: "total-blocking-time",
  shift: "cumulative-layout-shift",
  work_ms: "mainthread-work-breakdown",
};

function wanting({ lhr }) {
  const audits = CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs.filter(({ weight }) => weight > 0));
  return audits.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 0.9);
}

function judgement(result) {
  const { lhr } = result;
  const score = (name) => [name, Math.round(100 * lhr.categories[name].score)];
  const figure = ([name, audit]) => [name, lhr.audits[audit].numericValue ?? 0];
  return {
    scores: Object.fromEntries(CATEGORIES.map(score)),
    figures: Object.fromEntries(Object.entries(FIGURES).map(figure)),
    machine: lhr.environment.benchmarkIndex,
    wants: wanting(result).map(({ id, title, displayValue }) => `${id}: ${displayValue ?? title}`),
    failed: lhr.runtimeError?.message ?? "",
  };
}

const userDataDir = mkdtempSync(join(tmpdir(), "lighthouse-"));
const chrome = await launcher.launch({
  chromePath,
  userDataDir,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
try {
  const flags = { port: chrome.port, onlyCategories: CATEGORIES, extraHeaders: { Cookie: cookie }, logLevel: "error" };
  console.log(JSON.stringify(judgement(await lighthouse(address, flags, desktopConfig))));
} finally {
  await chrome.kill();
  rmSync(userDataDir, { recursive: true, force: true });
}
