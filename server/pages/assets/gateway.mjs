// SPDX-License-Identifier: Apache-2.0
// Goes on to the payment page at once, but not when the person has come back from it.
const [navigation] = performance.getEntriesByType("navigation");
if (!navigation || navigation.type === "navigate") {
  document.getElementById("gateway").requestSubmit();
}
