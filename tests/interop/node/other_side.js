// SPDX-License-Identifier: Apache-2.0
// The one with whom the card shares a secret, and who checks its signatures: Node's own OpenSSL.
'use strict';
const assert = require('assert');
const crypto = require('crypto');

exports.verify = (publicKey, data, signature) => {
  assert(crypto.verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature), 'the signature');
  console.log('the signature is valid');
};

/** For RSA something encrypted, for P-256 the point of a key; check takes what the card made of it. */
exports.otherSide = (publicKey) => {
  let expected;
  const check = (ours) => {
    assert.deepStrictEqual(ours, expected);
    console.log('the same secret');
  };
  if (publicKey.asymmetricKeyType === 'rsa') {
    expected = crypto.randomBytes(32);
    return { encrypted: crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_PADDING }, expected), check };
  }
  const agreement = crypto.createECDH('prime256v1');
  agreement.generateKeys();
  const { x, y } = publicKey.export({ format: 'jwk' });
  expected = agreement.computeSecret(Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
  return { point: agreement.getPublicKey(), check };
};
