// SPDX-License-Identifier: Apache-2.0
// Hears the page's messages of the protocol of web-eid.js ("web-eid:…") and hands them to the extension.
"use strict";

(() => {
  const api = globalThis.browser ?? globalThis.chrome;
  const COMMANDS = ["status", "authenticate", "get-signing-certificate", "sign", "sign-document"];
  const PREFIX = "web-eid:";
  const tell = message => window.postMessage(message, window.origin);

  function ask(request) {
    return new Promise(resolve => {
      const gone = {error: {code: "ERR_WEBEID_EXTENSION_UNAVAILABLE", message: "The extension was updated or turned off: load the page again."}};
      try {
        const port = api.runtime.connect();
        port.onMessage.addListener(answer => { resolve(answer); port.disconnect(); });
        port.onDisconnect.addListener(() => resolve(gone));
        port.postMessage(request);
      } catch {
        resolve(gone);
      }
    });
  }

  window.addEventListener("message", async event => {
    const action = event.data?.action;
    if (event.source !== window || event.origin !== window.origin || window.origin === "null" || typeof action !== "string" ||
        !action.startsWith(PREFIX)) return;
    const command = action.slice(PREFIX.length);
    if (!COMMANDS.includes(command)) return;
    // a page may have several requests under way: what names its own goes back with the answer
    const id = typeof event.data.fncard === "string" ? {fncard: event.data.fncard} : {};
    tell({action: `${action}-ack`, ...id});
    const {challengeNonce, certificate, hash, hashFunction, name, options} = event.data;
    const answer = await ask({command, challengeNonce, certificate, hash, hashFunction, name, lang: options?.lang});
    tell(answer.error ? {action: `${action}-failure`, error: answer.error, ...id} : {action: `${action}-success`, ...answer, ...id});
  });
})();
