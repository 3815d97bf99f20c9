// SPDX-License-Identifier: Apache-2.0
// One deployment for a test, as scripts/demo makes it: sandbox registry and gateway, server, an officer.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const BIN = process.env.FNCARD_BIN;
const WAIT_LIMIT = 60_000; // milliseconds until what must happen is given up; no test asserts it

export async function waitFor(what, condition) {
  const end = Date.now() + WAIT_LIMIT;
  for (;;) {
    const result = await condition();
    if (result) {
      return result;
    }
    if (Date.now() > end) {
      throw new Error(`waited for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map((server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)))),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The check digit that makes a permit number right; A is 10. */
function permitNumber(serial) {
  const digits = `8${String(serial).padStart(7, "0")}`;
  const sum = 1 + [...`0${digits}`].reduce((total, digit, place) => total + Number(digit) * (9 - place), 0);
  return `A${digits}${(10 - (sum % 10)) % 10}`;
}

export class World {
  #programs = [];
  #serial = 5_000_000;

  static async open() {
    const world = new World();
    world.folder = await mkdtemp(join(tmpdir(), "fncard-pages-"));
    try {
      await world.#start();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  path(name) {
    return join(this.folder, name);
  }

  async #program(name, program, ...words) {
    const portFile = this.path(`${name}.port`);
    const child = spawn(join(BIN, program), [...words, "--port-file", portFile], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
    this.#programs.push(child);
    return waitFor(`${name} (${said})`, async () => {
      if (child.exitCode !== null) {
        throw new Error(`${name} ended: ${said}`);
      }
      return (await readFile(portFile, "utf8").catch(() => "")).trim();
    });
  }

  async #start() {
    this.clock = this.path("clock");
    this.registry = `http://127.0.0.1:${await this.#program("registry", "fncard-sandbox-registry", "--port", "0")}`;
    const gatewayPort = await this.#program("gateway", "fncard-sandbox-gateway", "--port", "0", "--clock-file", this.clock);
    this.gateway = `http://127.0.0.1:${gatewayPort}`;
    const [port, tlsPort] = await freePorts(2);
    this.plain = `http://localhost:${port}`;
    this.portal = `https://localhost:${tlsPort}`;
    await this.server("init", "--directory", this.path("authority"), "--sandbox", "--base-url", this.plain);
    // one address is all people of a test
    const configuration = this.path("authority/fncard-server.toml");
    const written = await readFile(configuration, "utf8");
    await writeFile(configuration, written.replace(/(secrets|writes)-per-minute = \d+/g, "$1-per-minute = 0"));
    await this.#program(
      "server", "fncard-server", "serve", "--directory", this.path("authority"), "--port", port, "--tls-port", tlsPort,
      "--registry", this.registry, "--gateway", this.gateway, "--clock-file", this.clock,
    );
    await this.server("operator", "add", "window", "--role", "officer", "--directory", this.path("authority"), "--output", this.path("operators"));
  }

  async server(...words) {
    return (await run(join(BIN, "fncard-server"), words.map(String))).stdout;
  }

  /** An applicant whom nobody had before: permitNumber, userCode, orderId. */
  async applicant(name = "CÔNG THỊ MẪU 範例") {
    const number = permitNumber(++this.#serial);
    const known = await fetch(`${this.registry}/permits/${number}`, {
      method: "PUT", headers: { "content-type": "application/json" },
      body: JSON.stringify({ state: "valid", name, birthDate: "1990-05-17" }),
    });
    if (!known.ok) {
      throw new Error(await known.text());
    }
    const answer = await this.server(
      "register", "--server", this.portal, "--certificate", this.path("operators/window.pem"), "--key", this.path("operators/window.key"),
      "--trust", this.path("authority/operators-ca.pem"), "--permit-number", number, "--bearer-confirmed", "--phone", "0912345678", "--json",
    );
    const { orderId, userCode } = JSON.parse(answer);
    return { permitNumber: number, userCode, orderId };
  }

  async state(orderId) {
    const orders = JSON.parse(await this.server("orders", "--directory", this.path("authority"), "--json"));
    return orders.find((order) => order.orderId === orderId)?.state;
  }

  async trades() {
    return (await fetch(`${this.gateway}/sandbox/trades`)).json();
  }

  /** Moves the time of server and gateway. */
  async letDaysPass(days) {
    await writeFile(this.clock, String(days * 86_400));
  }

  async close() {
    await Promise.all(this.#programs.map((child) => new Promise((resolve) => {
      if (child.exitCode !== null || !child.kill("SIGTERM")) {
        resolve();
      } else {
        child.once("exit", resolve);
      }
    })));
    await rm(this.folder, { recursive: true, force: true });
  }
}
