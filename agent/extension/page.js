// SPDX-License-Identifier: Apache-2.0
// What a page calls: window.fncard. It talks to content.js as any page could.
"use strict";

(() => {
  if (window !== window.top || window.origin === "null") return;

  let last = 0;

  function call(command, parameters, options = {}) {
    const action = `web-eid:${command}`;
    const fncard = String(++last);
    return new Promise((resolve, reject) => {
      const hear = event => {
        if (event.source !== window || event.origin !== window.origin || event.data?.fncard !== fncard) return;
        const {action: answered, fncard: _, error, ...answer} = event.data;
        if (answered !== `${action}-success` && answered !== `${action}-failure`) return;
        window.removeEventListener("message", hear);
        if (answered === `${action}-success`) resolve(answer);
        else reject(Object.assign(new Error(error.message), {code: error.code}));
      };
      window.addEventListener("message", hear);
      window.postMessage({action, fncard, ...parameters, options}, window.origin);
    });
  }

  /**
   * The person's card. Each call opens a window of the person's own computer that asks; a rejected promise has a
   * code ("ERR_WEBEID_USER_CANCELLED", …) and a sentence in the language asked for.
   */
  const fncard = Object.freeze({
    /** @returns {Promise<{extension: string, nativeApp: string}>} the versions of what is installed */
    status: () => call("status", {}),
    /**
     * @param {string} challengeNonce 44 to 128 characters from your server, used once
     * @param {{lang?: string}} [options] of the sentence of an error
     * @returns {Promise<object>} a Web eID token (web-eid:1.0) for your server to check
     */
    authenticate: (challengeNonce, options) => call("authenticate", {challengeNonce}, options),
    /** @returns {Promise<{certificate: string, supportedSignatureAlgorithms: object[]}>} */
    getSigningCertificate: options => call("get-signing-certificate", {}, options),
    /**
     * @param {string} certificate that getSigningCertificate gave
     * @param {string} hash in base64
     * @param {"SHA-256"|"SHA-384"|"SHA-512"} hashFunction
     * @returns {Promise<{signature: string, signatureAlgorithm: object}>}
     */
    sign: (certificate, hash, hashFunction, options) => call("sign", {certificate, hash, hashFunction}, options),
    /**
     * @param {string} name the person is told that the document is called so
     * @param {string} hash SHA-256 of the document, in base64
     * @returns {Promise<{cms: string}>} a detached CMS signature, DER in base64
     */
    signDocument: (name, hash, options) => call("sign-document", {name, hash}, options),
  });
  Object.defineProperty(window, "fncard", {value: fncard, enumerable: true});
})();
