// SPDX-License-Identifier: Apache-2.0
// Says at once whether a permit number can be right; the server checks it again.
const LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"; // A is 10, B 11, … in this order
const WEIGHTS = [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1];

/** "good", "format" or "digit". */
export function checkPermitNumber(typed) {
  const number = typed.toUpperCase().replace(/[ -]/g, "");
  if (!/^[A-Z](?:[89]|[A-D])\d{8}$/.test(number)) {
    return "format";
  }
  const value = (letter) => LETTERS.indexOf(letter) + 10;
  const second = /\d/.test(number[1]) ? Number(number[1]) : value(number[1]) % 10;
  const first = value(number[0]);
  const digits = [Math.floor(first / 10), first % 10, second, ...[...number.slice(2)].map(Number)];
  const sum = digits.reduce((total, digit, place) => total + digit * WEIGHTS[place], 0);
  return sum % 10 === 0 ? "good" : "digit";
}

const field = globalThis.document?.getElementById("permitNumber");
const answer = globalThis.document?.getElementById("permit-check");
field?.addEventListener("change", () => {
  answer.textContent = field.value.trim() ? answer.dataset[checkPermitNumber(field.value)] : "";
});
