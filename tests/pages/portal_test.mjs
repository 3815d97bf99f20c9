// SPDX-License-Identifier: Apache-2.0
// The applicant's way through the portal: sign in, address, e-invoice, payment, receipt.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { inspect, launch, NAME, person, signIn } from "./browser.mjs";
import { World } from "./world.mjs";

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

async function fillPaymentForm(page) {
  await page.locator("#deliveryAddress").fill("100 臺北市中正區廣州街15號");
  await page.locator("#addressConfirmed").check();
  await page.locator("#kind-mobile").check();
  await page.locator("#invoice-mobile").fill("/ABC1234");
}

describe("the journey", () => {
  // Playwright cannot act in a Firefox without scripts: they are its hands there, by WebDriver BiDi
  for (const javaScript of NAME === "chromium" ? [true, false] : [true]) {
    test(`${javaScript ? "with" : "without"} JavaScript ends with a receipt`, async () => {
      const applicant = await world.applicant();
      const page = await person(browser, { javaScript });
      await signIn(page, world, applicant);
      assert.match(await page.locator("main").innerText(), /CÔNG THỊ MẪU 範例[\s\S]*days left: 15/);
      await page.locator("main a.button").click();
      await fillPaymentForm(page);
      await page.locator("main form button").click();
      if (!javaScript) {
        await page.waitForURL("**/order/payment/gateway?trade=*");
        await page.locator("#gateway button").click();
      }
      await page.waitForURL(`${world.gateway}/Cashier/AioCheckOut/V5`);
      await page.locator("button").click();
      if (!javaScript) {
        await page.locator("#result button").click();
      }
      await page.waitForURL("**/payment/return");
      assert.match(await page.locator("main").innerText(), /The fee is paid/);
      assert.equal(await world.state(applicant.orderId), "paid");
      await page.locator("main a.button").click();
      await page.waitForURL("**/order");
      assert.match(await page.locator("main").innerText(), /Your card is being made/);
      await page.locator("main a.button").click();
      await page.waitForURL("**/order/receipt");
      assert.match(await page.locator("main").innerText(), /NT\$278[\s\S]*\/ABC1234/);
      await page.context().close();
    });
  }

  test("by keyboard alone, in Chinese, on a screen of 320 pixels", async () => {
    const applicant = await world.applicant();
    const page = await person(browser, { locale: "zh-TW", width: 320, height: 640 });
    const press = async (key, times = 1) => {
      for (let i = 0; i < times; ++i) {
        await page.keyboard.press(key);
      }
    };
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent.trim());
    /** Tab until that has the focus, and it must be seen to have it. */
    const tabTo = async (what) => {
      for (let i = 0; i < 40; ++i) {
        await press("Tab");
        if ((await focused()) === what) {
          const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
          assert.notEqual(outline, "none", `${what} shows no focus`);
          return;
        }
      }
      throw new Error(`no way to ${what} by Tab; at ${await focused()}`);
    };
    await page.goto(`${world.portal}/sign-in`);
    await tabTo("permitNumber");
    await page.keyboard.type(applicant.permitNumber);
    await tabTo("userCode");
    await page.keyboard.type(applicant.userCode);
    await press("Enter");
    await page.waitForURL("**/order");
    await inspect(page, "keyboard-order");
    await tabTo("確認地址並繳費");
    await press("Enter");
    await page.waitForURL("**/order/payment");
    await tabTo("deliveryAddress");
    await page.keyboard.type("100 Taipei, Guangzhou St. 15");
    await tabTo("addressConfirmed");
    await press("Space");
    await tabTo("kind-paper");
    await press("ArrowDown", 3);
    await tabTo("invoice-donation");
    await page.keyboard.type("12");
    await inspect(page, "keyboard-payment");
    await press("Enter");
    await page.waitForSelector(".problems");
    await inspect(page, "keyboard-payment-wrong");
    assert.match(await page.title(), /^錯誤：/);
    await tabTo("捐贈發票：捐贈碼為三至七位數字，請確認。");
    await press("Enter");
    assert.equal(await focused(), "invoice-donation", "the summary leads to the field");
    await page.keyboard.type("3");
    await press("Enter");
    await page.waitForURL(`${world.gateway}/Cashier/AioCheckOut/V5`);
    await press("Tab", 2);
    await press("Enter");
    await page.waitForURL("**/payment/return");
    await inspect(page, "keyboard-returned");
    assert.equal(await world.state(applicant.orderId), "paid");
    await page.context().close();
  });

  test("a person who comes back from the gateway with the back button is not sent there again", async () => {
    const applicant = await world.applicant();
    const page = await person(browser);
    await signIn(page, world, applicant);
    await page.goto(`${world.portal}/order/payment`);
    await fillPaymentForm(page);
    await page.locator("main form button").click();
    await page.waitForURL(`${world.gateway}/Cashier/AioCheckOut/V5`);
    await page.goBack();
    // the page that goes on by itself leaves no step in the browser's history
    await page.waitForURL("**/order/payment");
    assert.equal(await page.locator("#deliveryAddress").inputValue(), "100 臺北市中正區廣州街15號");
    await page.context().close();
  });

  test("money that the gateway does not tell of is told as not confirmed yet", async () => {
    const applicant = await world.applicant();
    const page = await person(browser);
    await signIn(page, world, applicant);
    await page.goto(`${world.portal}/order/payment`);
    await fillPaymentForm(page);
    await page.locator("main form button").click();
    await page.waitForURL(`${world.gateway}/Cashier/AioCheckOut/V5`);
    await page.locator("select").selectOption("failed");
    await page.locator("button").click();
    await page.waitForURL("**/payment/return");
    assert.match(await page.locator("main").innerText(), /has not been confirmed yet/);
    assert.equal(await world.state(applicant.orderId), "applied");
    await page.context().close();
  });
});

test("sign-out ends the session in every window", async () => {
  const applicant = await world.applicant();
  const page = await person(browser);
  await signIn(page, world, applicant);
  const second = await page.context().newPage();
  await second.goto(`${world.portal}/order`);
  await page.locator("header form button").click();
  await page.waitForURL(`${world.portal}/`);
  await second.reload();
  assert.match(await second.locator("main").innerText(), /You are not signed in or the time is over/);
  await page.context().close();
});

test("a wrong check digit is told at once, before the form is sent", async () => {
  const page = await person(browser);
  await page.goto(`${world.portal}/sign-in`);
  for (const [typed, said] of [
    ["A800000015", /A character of the permit number is wrong/], ["a80", /not the form of a permit number/],
    ["A800000014", /can be right/], ["AC03095424", /can be right/], ["HD02717288", /can be right/],
  ]) {
    await page.locator("#permitNumber").fill(typed);
    await page.keyboard.press("Tab");
    assert.match(await page.locator("#permit-check").innerText(), said, typed);
  }
  await page.context().close();
});
