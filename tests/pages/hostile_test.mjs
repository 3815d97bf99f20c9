// SPDX-License-Identifier: Apache-2.0
// What no browser of ours would send, over real sockets: refused with a sentence, and nothing is changed by it.
import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";

import { World } from "./world.mjs";

const FORM = "application/x-www-form-urlencoded";
const HOSTILE = [
  "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' OR '1'='1", "'); DROP TABLE orders; --",
  "{{formToken}}", "../../etc/passwd", "\u202eevil", "Ａ８０００００００１４", "0".repeat(5000),
];

let world;
before(async () => {
  world = await World.open();
});
after(() => world?.close());

/** A client with cookies: send(method, path, body, headers) → {status, headers, body}. */
class Client {
  cookies = new Map();

  send(method, path, body = "", headers = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return new Promise((resolve, reject) => {
      const sent = request(world.portal + path, {
        method, rejectUnauthorized: false,
        headers: { ...(cookie && { cookie }), ...(body && { "content-length": Buffer.byteLength(body) }), ...headers },
      }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (data) => (text += data)).on("end", () => {
          for (const line of answer.headers["set-cookie"] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            this.cookies.set(name, value);
          }
          resolve({ status: answer.statusCode, headers: answer.headers, body: text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async formToken(path) {
    return /name="formToken" value="([^"]+)"/.exec((await this.send("GET", path)).body)[1];
  }

  post(path, fields, headers = {}) {
    return this.send("POST", path, new URLSearchParams(fields).toString(), { "content-type": FORM, origin: world.portal, ...headers });
  }

  async signIn({ permitNumber, userCode }) {
    const formToken = await this.formToken("/sign-in");
    const answer = await this.post("/sign-in", { formToken, permitNumber, userCode });
    assert.equal(answer.status, 303, answer.body);
  }
}

function assertRefused(answer, what) {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
  assert.match(answer.body, /<h1>[^<]{5,}<\/h1>/, what);
  assert.ok(!answer.body.includes("<script>alert") && !answer.body.includes("<img src=x"), `${what}: markup came back`);
  assert.match(answer.headers["content-security-policy"], /^default-src 'none'/, what);
}

const payment = { addressConfirmed: "yes", deliveryAddress: "100 Taipei, Guangzhou St. 15", invoice: "paper", key: "a".repeat(24) };

test("hostile texts in every field are refused or are texts", async () => {
  const applicant = await world.applicant();
  const client = new Client();
  for (const text of HOSTILE) {
    const formToken = await client.formToken("/sign-in");
    assertRefused(await client.post("/sign-in", { formToken, permitNumber: text, userCode: applicant.userCode }), `permit ${text.slice(0, 30)}`);
    assertRefused(await client.post("/sign-in", { formToken, permitNumber: applicant.permitNumber, userCode: text }), `code ${text.slice(0, 30)}`);
  }
  await client.signIn(applicant);
  const formToken = await client.formToken("/order/payment");
  for (const text of HOSTILE) {
    for (const field of ["invoice", "addressConfirmed", "key", "formToken"]) {
      assertRefused(await client.post("/order/payment", { ...payment, formToken, [field]: text }), `${field} ${text.slice(0, 30)}`);
    }
    for (const kind of ["mobile", "citizen", "donation", "company"]) {
      const fields = { ...payment, formToken, invoice: kind, [`invoice-${kind}`]: text };
      assertRefused(await client.post("/order/payment", fields), `${kind} ${text.slice(0, 30)}`);
    }
  }
  assert.deepEqual(await world.trades(), []);
  assert.equal(await world.state(applicant.orderId), "applied");
});

test("missing and foreign tokens and origins change nothing", async () => {
  const applicant = await world.applicant();
  const client = new Client();
  await client.signIn(applicant);
  const formToken = await client.formToken("/order/payment");
  const other = new Client();
  await other.signIn(await world.applicant());
  const foreign = await other.formToken("/order/payment");
  assertRefused(await client.post("/order/payment", payment), "no token");
  assertRefused(await client.post("/order/payment", { ...payment, formToken: foreign }), "another session's token");
  for (const origin of ["null", "https://evil.example", world.plain, `${world.portal}.evil.example`, world.gateway]) {
    assertRefused(await client.post("/order/payment", { ...payment, formToken }, { origin }), origin);
  }
  const body = new URLSearchParams({ ...payment, formToken }).toString();
  assertRefused(await client.send("POST", "/order/payment", body, { "content-type": FORM }), "no origin");
  assertRefused(await client.post("/sign-out", { formToken: foreign }), "sign-out by another's token");
  assert.equal((await client.send("GET", "/order")).status, 200);
  assert.match((await client.send("GET", "/order")).body, /NT\$278/);
});

test("another account's numbers, forged and expired cookies open nothing", async () => {
  const client = new Client();
  await client.signIn(await world.applicant());
  const formToken = await client.formToken("/order/payment");
  const trade = (await client.post("/order/payment", { ...payment, formToken })).headers.location;
  assert.equal((await client.send("GET", trade)).status, 200);
  const stranger = new Client();
  await stranger.signIn(await world.applicant());
  assertRefused(await stranger.send("GET", trade), "another's trade");

  const [name, value] = [...client.cookies].find(([cookie]) => cookie.endsWith("session"));
  for (const forged of ["x", `${value}x`, value.replace(/\.\d+$/, ".99999999999"), value.toUpperCase(), "%00", "a".repeat(3000)]) {
    stranger.cookies.set(name, forged);
    assertRefused(await stranger.send("GET", "/order"), `cookie ${forged.slice(0, 20)}`);
  }
  await world.letDaysPass(1);
  try {
    assertRefused(await client.send("GET", "/order"), "expired");
    assertRefused(await client.post("/order/payment", { ...payment, formToken }), "expired form");
  } finally {
    await world.letDaysPass(0);
  }
});

test("methods and content types are not mixed up", async () => {
  const client = new Client();
  await client.signIn(await world.applicant());
  const formToken = await client.formToken("/order/payment");
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const answer = await client.send(method, "/order/payment");
    assertRefused(answer, method);
    assert.equal(answer.status, 405, method);
  }
  assert.equal((await client.send("GET", "/sign-out")).status, 405);
  for (const type of ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]) {
    assertRefused(await client.post("/order/payment", { ...payment, formToken }, { "content-type": type }), type);
  }
  const twice = `${new URLSearchParams({ ...payment, formToken })}&invoice=mobile`;
  assertRefused(await client.send("POST", "/order/payment", twice, { "content-type": FORM, origin: world.portal }), "a field twice");
  for (const path of ["/order/../order/x", "/order/%2e%2e/x", "/assets/../templates/layout.html", "/assets/%2e%2e%2fx", "/language/xx"]) {
    assert.equal((await client.send("GET", path)).status, 404, path);
  }
});

test("browsers on the plain port are sent to the secure one, and forms are not taken there", async () => {
  const page = await fetch(`${world.plain}/order`, { redirect: "manual" });
  assert.equal(page.status, 308);
  assert.equal(page.headers.get("location"), `${world.portal}/order`);
  const form = await fetch(`${world.plain}/sign-in`, { method: "POST", headers: { "content-type": FORM }, body: "a=b" });
  assert.equal(form.status, 403);
});
