// Judges pages with Lighthouse as on a desk, each in a fresh browser; one JSON line for each on stdout.
// Arguments: the program of Chromium, the session's cookie, and the addresses.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as launcher from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const [chromePath, cookie, ...addresses] = process.argv.slice(2);
const CATEGORIES = ["performance", "accessibility", "best-practices"];

function wanting({ lhr }) {
  const audits = CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs.filter(({ weight }) => weight > 0));
  return audits.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 0.9);
}

async function judged(address) {
  const userDataDir = mkdtempSync(join(tmpdir(), "lighthouse-"));
  const chrome = await launcher.launch({
    chromePath,
    userDataDir,
    chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
  try {
    const flags = { port: chrome.port, onlyCategories: CATEGORIES, extraHeaders: { Cookie: cookie }, logLevel: "error" };
    const result = await lighthouse(address, flags, desktopConfig);
    const scores = CATEGORIES.map((name) => [name, Math.round(100 * result.lhr.categories[name].score)]);
    const wants = wanting(result).map(({ id, title, displayValue }) => `${id}: ${displayValue ?? title}`);
    console.log(JSON.stringify({ address, scores: Object.fromEntries(scores), wants }));
  } finally {
    await chrome.kill();
    rmSync(userDataDir, { recursive: true, force: true });
  }
}

for (const address of addresses) await judged(address);
