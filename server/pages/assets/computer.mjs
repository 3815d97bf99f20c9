// SPDX-License-Identifier: Apache-2.0
// What a browser can tell of itself: a secure page, and the cryptography that pages for the card need.
const answer = document.getElementById("check-browser");
const good = globalThis.isSecureContext && Boolean(globalThis.crypto?.subtle);
answer.textContent = good ? answer.dataset.good : answer.dataset.bad;
