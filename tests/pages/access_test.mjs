// SPDX-License-Identifier: Apache-2.0
// Every page for everybody: axe-core, languages, narrow and wide screens, with pictures to look at.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { DEEP, inspect, launch, NAME, person, signIn } from "./browser.mjs";
import { World } from "./world.mjs";

const OPEN = { start: "/", "sign-in": "/sign-in", activation: "/activation", unblock: "/unblock", computer: "/computer", privacy: "/privacy" };
const OWN = { order: "/order", payment: "/order/payment" };

/** Language, width, whether axe-core reads it. What it finds hangs on the page, hardly on the language; what is beside the screen hangs on both. */
const CHROMIUM = [["en", 320, true], ["zh-TW", 1000, true], ["en", 1000], ["zh-TW", 320], ["id", 320], ["vi", 320], ["th", 320]];
const VIEWS = NAME === "chromium" || DEEP ? CHROMIUM : [["en", 320, true], ["th", 320]];

let world;
let browser;
before(async () => {
  world = await World.open();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.close();
});

describe("every page has no finding of axe-core and nothing beside the screen", () => {
  for (const [locale, width, axe = false] of VIEWS) {
    test(`${locale} at ${width} pixels`, async () => {
      const page = await person(browser, { locale, width });
      for (const [name, path] of Object.entries(OPEN)) {
        await page.goto(world.portal + path);
        const facts = await inspect(page, `${name}-${locale}-${width}`, { axe });
        assert.equal(facts.language, locale, name);
      }
      await signIn(page, world, await world.applicant());
      for (const [name, path] of Object.entries(OWN)) {
        await page.goto(world.portal + path);
        await inspect(page, `${name}-${locale}-${width}`, { axe });
      }
      await page.context().close();
    });
  }

  test("wrong entries, errors and what comes after the payment", async () => {
    const page = await person(browser, { width: 320 });
    await page.goto(`${world.portal}/sign-in`);
    await page.locator("main button").click();
    await page.waitForSelector(".problems");
    await inspect(page, "sign-in-wrong");
    assert.equal(await page.locator("[aria-invalid=true]").count(), 2);
    await page.goto(`${world.portal}/order`);
    await inspect(page, "signed-out");
    await page.goto(`${world.portal}/order/nothing`);
    await inspect(page, "not-found");

    await signIn(page, world, await world.applicant());
    await page.goto(`${world.portal}/order/payment`);
    await page.locator("main form button").click();
    await page.waitForSelector(".problems");
    await inspect(page, "payment-wrong");
    await page.locator("#deliveryAddress").fill("100 Taipei, Guangzhou St. 15");
    await page.locator("#addressConfirmed").check();
    // to look at the page that goes on by itself, its script is kept back; in Firefox, WebDriver BiDi would hold up the navigation too
    const looked = NAME === "chromium";
    if (looked) {
      await page.route("**/assets/gateway.mjs", (route) => route.abort());
    }
    await page.locator("main form button").click();
    if (looked) {
      await page.waitForURL("**/order/payment/gateway?trade=*");
      await inspect(page, "gateway");
      await page.locator("#gateway button").click();
    }
    await page.waitForURL(`${world.gateway}/Cashier/AioCheckOut/V5`);
    await page.locator("button").click();
    await page.waitForURL("**/payment/return");
    await page.goto(`${world.portal}/order`);
    await inspect(page, "order-paid");
    await page.goto(`${world.portal}/order/receipt`);
    await inspect(page, "receipt");
    await page.context().close();
  });
});

test("the language is chosen by a link, on the same page, and stays", async () => {
  const page = await person(browser, { locale: "en" });
  await page.goto(`${world.portal}/computer`);
  await page.locator("a[lang=zh-TW]").click();
  await page.waitForSelector("html[lang=zh-TW]", { state: "attached" });
  assert.equal(new URL(page.url()).pathname, "/computer");
  await page.goto(`${world.portal}/privacy`);
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-TW");
  await page.context().close();
});

test("the skip link is the first stop and leads past the header", async () => {
  const page = await person(browser);
  await page.goto(`${world.portal}/`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null));
  await page.context().close();
});

test("a page that shows no picture and no script of another origin asks nobody but the portal", async () => {
  const page = await person(browser);
  const asked = new Set();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  const blocked = [];
  page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && blocked.push(message.text()));
  for (const path of Object.values(OPEN)) {
    await page.goto(world.portal + path);
  }
  assert.deepEqual([...asked], [world.portal]);
  assert.deepEqual(blocked, []);
  await page.context().close();
});
