// SPDX-License-Identifier: Apache-2.0
// Debian's browsers under Playwright: Chromium by its own protocol, Firefox ESR by WebDriver BiDi.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.FNCARD_PAGES, "package.json"));
const playwright = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const NAME = process.env.FNCARD_BROWSER;
const SHOTS = join(process.env.FNCARD_PAGES, "screenshots", NAME);
mkdirSync(SHOTS, { recursive: true });

export function launch() {
  return NAME === "firefox"
    ? playwright.firefox.launch({ channel: "moz-firefox", executablePath: "/usr/bin/firefox-esr" })
    : // the sandbox of Chromium wants rights that a container does not have
      playwright.chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/** A page of a person with an own browser profile. */
export async function person(browser, { javaScript = true, locale = "en-GB", width = 1000, height = 900 } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: javaScript, locale, viewport: { width, height } });
  return context.newPage();
}

export async function signIn(page, world, applicant) {
  await page.goto(`${world.portal}/sign-in`);
  await page.locator("#permitNumber").fill(applicant.permitNumber);
  await page.locator("#userCode").fill(applicant.userCode);
  await page.locator("main button").click();
  await page.waitForURL("**/order");
}

/** FNCARD_PAGES_DEEP=1: axe-core reads every page in every language and width of both browsers, which takes minutes and finds the same. */
export const DEEP = process.env.FNCARD_PAGES_DEEP === "1";

/** What must hold of every page: no finding of axe-core (where it is asked for), one heading, a language, nothing beside the screen; and a picture of it. */
export async function inspect(page, name, { axe = true } = {}) {
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  const facts = await page.evaluate(() => ({
    language: document.documentElement.lang,
    headings: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    title: document.title,
    beside: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    bare: /\b(pages|payment|registration|session)\.[a-z-]+/.test(document.querySelector("main").innerText.replace(/<code>.*/, "")),
  }));
  assert.match(facts.language, /^(en|zh-TW|id|vi|th)$/, name);
  assert.equal(facts.headings, 1, name);
  assert.equal(facts.mains, 1, name);
  assert.ok(facts.title.length > 10, name);
  assert.ok(facts.beside <= 0, `${name}: ${facts.beside} pixels are beside the screen`);
  if (!axe && !DEEP) {
    return facts;
  }
  await page.evaluate(AXE);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(result.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), [], `${name}: axe-core`);
  return facts;
}
