// SPDX-License-Identifier: Apache-2.0
// node pkcs11js_client.js list | sign CERTIFICATE | use CERTIFICATE: the card by pkcs11js, which is Cryptoki as it is. What the card
// did is checked by Node's own OpenSSL.
'use strict';
const fs = require('fs');
const crypto = require('crypto');
const pkcs11js = require('pkcs11js');
const { otherSide, verify } = require('./other_side');

const [operation, certificate] = process.argv.slice(2);
const card = new pkcs11js.PKCS11();
card.load(process.env.FNCARD_MODULE);
card.C_Initialize();
const session = card.C_OpenSession(card.C_GetSlotList(true)[0], pkcs11js.CKF_SERIAL_SESSION);

function find(objectClass, id) {
  const template = [{ type: pkcs11js.CKA_CLASS, value: objectClass }];
  if (id) template.push({ type: pkcs11js.CKA_ID, value: Buffer.from([id]) });
  card.C_FindObjectsInit(session, template);
  const found = card.C_FindObjects(session, 10);
  card.C_FindObjectsFinal(session);
  return found;
}

function privateKey(id) {
  card.C_Login(session, pkcs11js.CKU_USER, process.env.FNCARD_PIN);
  return find(pkcs11js.CKO_PRIVATE_KEY, id)[0];
}

function list() {
  for (const handle of find(pkcs11js.CKO_CERTIFICATE)) {
    const [label] = card.C_GetAttributeValue(session, handle, [{ type: pkcs11js.CKA_LABEL }]);
    console.log(`certificate ${label.value}`);
  }
}

function sign(publicKey) {
  const mechanism = publicKey.asymmetricKeyType === 'rsa' ? pkcs11js.CKM_SHA256_RSA_PKCS : pkcs11js.CKM_ECDSA_SHA256;
  const data = crypto.randomBytes(100);
  const key = privateKey(2);
  card.C_SignInit(session, { mechanism }, key);
  card.C_Login(session, pkcs11js.CKU_CONTEXT_SPECIFIC, process.env.FNCARD_PIN);
  verify(publicKey, data, card.C_Sign(session, data, Buffer.alloc(512)));
}

function use(publicKey) {
  const key = privateKey(3);
  const other = otherSide(publicKey);
  if (publicKey.asymmetricKeyType === 'rsa') {
    card.C_DecryptInit(session, { mechanism: pkcs11js.CKM_RSA_PKCS }, key);
    other.check(card.C_Decrypt(session, other.encrypted, Buffer.alloc(512)));
    return;
  }
  const secret = card.C_DeriveKey(session, {
    mechanism: pkcs11js.CKM_ECDH1_DERIVE,
    parameter: { type: pkcs11js.CK_PARAMS_EC_DH, kdf: pkcs11js.CKD_NULL, publicData: other.point },
  }, key, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_GENERIC_SECRET },
    { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11js.CKA_SENSITIVE, value: false },
    { type: pkcs11js.CKA_EXTRACTABLE, value: true },
  ]);
  other.check(card.C_GetAttributeValue(session, secret, [{ type: pkcs11js.CKA_VALUE }])[0].value);
}

try {
  const publicKey = certificate && crypto.createPublicKey(fs.readFileSync(certificate));
  ({ list, sign, use })[operation](publicKey);
} finally {
  card.C_Finalize();
  card.close();
}
