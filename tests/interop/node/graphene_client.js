// SPDX-License-Identifier: Apache-2.0
// node graphene_client.js list | sign CERTIFICATE | use CERTIFICATE: the card by graphene-pk11, objects over pkcs11js. What the card did
// is checked by Node's own OpenSSL.
'use strict';
const fs = require('fs');
const crypto = require('crypto');
const graphene = require('graphene-pk11');
const { otherSide, verify } = require('./other_side');

const [operation, certificate] = process.argv.slice(2);
const module_ = graphene.Module.load(process.env.FNCARD_MODULE, 'fncard');
module_.initialize();
const session = module_.getSlots(0).open(graphene.SessionFlag.SERIAL_SESSION);

function privateKey(id) {
  session.login(process.env.FNCARD_PIN);
  return session.find({ class: graphene.ObjectClass.PRIVATE_KEY, id: Buffer.from([id]) }).items(0).toType();
}

function list() {
  const found = session.find({ class: graphene.ObjectClass.CERTIFICATE });
  for (let number = 0; number < found.length; number++) console.log(`certificate ${found.items(number).getAttribute('label')}`);
}

function sign(publicKey) {
  const data = crypto.randomBytes(100);
  const key = privateKey(2);
  const signature = session.createSign(publicKey.asymmetricKeyType === 'rsa' ? 'SHA256_RSA_PKCS' : 'ECDSA_SHA256', key);
  if (key.alwaysAuthenticate) session.login(process.env.FNCARD_PIN, graphene.UserType.CONTEXT_SPECIFIC);
  verify(publicKey, data, signature.once(data));
}

function use(publicKey) {
  const key = privateKey(3);
  const other = otherSide(publicKey);
  if (publicKey.asymmetricKeyType === 'rsa') {
    other.check(session.createDecipher('RSA_PKCS', key).once(other.encrypted, Buffer.alloc(512)));
    return;
  }
  const parameters = new graphene.EcdhParams(graphene.EcKdf.NULL, null, other.point);
  const secret = session.deriveKey({ name: 'ECDH1_DERIVE', params: parameters }, key, {
    class: graphene.ObjectClass.SECRET_KEY,
    keyType: graphene.KeyType.GENERIC_SECRET,
    valueLen: 32,
    sensitive: false,
    extractable: true,
  });
  other.check(secret.getAttribute('value'));
}

try {
  const publicKey = certificate && crypto.createPublicKey(fs.readFileSync(certificate));
  ({ list, sign, use })[operation](publicKey);
} finally {
  module_.finalize();
  module_.close();
}
