// SPDX-License-Identifier: Apache-2.0
// Between the pages and the native host. Who asks is what the browser says of the sender, never what a message says.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;
const HOST = "tw.fncard.agent";
const GREETING_LIMIT = 20_000;
const MOST_HOSTS = 16;  // of all pages together: each is a process

const failure = (code, message) => ({error: {code, message}});
const UNAVAILABLE = failure("ERR_WEBEID_NATIVE_UNAVAILABLE", "The card software is not installed, or the browser may not start it.");
const BUSY = failure("ERR_WEBEID_ACTION_PENDING", "The card is busy with other requests; finish or cancel those, then try again.");
const INSECURE = failure("ERR_WEBEID_CONTEXT_INSECURE", "Only a page of its own, not a frame, at a secure address can use the card.");

const COMMANDS = {
  authenticate: ["challengeNonce"],
  "get-signing-certificate": [],
  sign: ["certificate", "hash", "hashFunction"],
  "sign-document": ["name", "hash"],
};

/** The native host's message for a page's, or nothing when it is none of ours. */
function commandOf(request, origin) {
  const keys = Object.hasOwn(COMMANDS, request.command) ? COMMANDS[request.command] : undefined;
  if (keys === undefined || keys.some(key => typeof request[key] !== "string")) return undefined;
  const picked = keys.map(key => [key, request[key]]);
  if (typeof request.lang === "string") picked.push(["lang", request.lang]);
  return {command: request.command, arguments: {...Object.fromEntries(picked), origin}};
}

// A frame's user sees another site's address: only the page itself is answered. sender.url may name a site where
// sender.origin is "null" (a sandboxed page), so that only the latter counts.
function originOf(sender) {
  return sender.id === api.runtime.id && sender.frameId === 0 && typeof sender.origin === "string" && sender.origin !== "null"
    ? sender.origin : undefined;
}

/** One host process: its greeting, then the answer to one message where there is one. */
class Host {
  static running = 0;

  constructor(message) {
    this.message = message;
    this.answer = new Promise(resolve => { this.settle = resolve; });
    this.greeted = false;
    this.ended = false;
    ++Host.running;
    this.port = api.runtime.connectNative(HOST);
    this.port.onMessage.addListener(received => this.receive(received));
    this.port.onDisconnect.addListener(() => { void api.runtime.lastError; this.end(UNAVAILABLE); });
    this.timer = setTimeout(() => this.end(UNAVAILABLE), GREETING_LIMIT);
  }

  receive(received) {
    if (this.greeted) {
      this.end(received);
      return;
    }
    this.greeted = true;
    clearTimeout(this.timer);
    if (this.message === undefined) this.end({nativeApp: received.version});
    else this.port.postMessage(this.message);
  }

  /** Also when the page goes away: the host sees its end and the agent closes its window. */
  end(answer) {
    if (this.ended) return;
    this.ended = true;
    --Host.running;
    clearTimeout(this.timer);
    this.settle(answer);
    this.port.disconnect();
  }
}

async function answerTo(port, request) {
  const origin = originOf(port.sender);
  if (origin === undefined) return INSECURE;
  const status = request?.command === "status";
  const message = status ? undefined : commandOf(request ?? {}, origin);
  if (!status && message === undefined) return failure("ERR_WEBEID_MISSING_PARAMETER", "The request is not complete.");
  if (Host.running >= MOST_HOSTS) return BUSY;
  const host = new Host(message);
  port.onDisconnect.addListener(() => host.end(UNAVAILABLE));
  const answer = await host.answer;
  return status && !answer.error ? {...answer, extension: api.runtime.getManifest().version} : answer;
}

// One port a request: it ends when the page goes away, and keeps this worker alive while a person thinks.
api.runtime.onConnect.addListener(port => {
  let left = false;
  port.onDisconnect.addListener(() => { left = true; });
  const once = async request => {
    port.onMessage.removeListener(once);
    const answer = await answerTo(port, request);
    if (!left) {
      port.postMessage(answer);
    }
  };
  port.onMessage.addListener(once);
});
