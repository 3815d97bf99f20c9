// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "pkcs11/certificate.h"
#include "pkcs11/object.h"

/// What the objects of a card say, and what session objects of the same class share with them.
namespace fncard::pkcs11 {

using Objects = std::vector<std::shared_ptr<const Object>>;

/// The certificate, public key and private key object of one key, paired by CKA_ID: 02 for the
/// signing key, 03 for the encryption key, as other PIV modules number them. pinForEach says
/// whether the signing key wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE).
Objects makeKeyObjects(card::KeyRole role, const CertificateFields& certificate,
                       const PublicKeyFields& key, bool pinForEach);

/// A certificate of an authority above the card's own. Its CKA_ID is the SHA-1 of its public key,
/// so that it pairs with no key here. Never CKA_TRUSTED: whom to trust is the application's
/// decision.
std::shared_ptr<const Object> makeAuthorityObject(const CertificateFields& certificate);

/// CKO_PROFILE objects: Baseline Provider, Authentication Token, Public Certificates Token.
Objects makeProfileObjects();

/// The attributes that a certificate itself gives.
Object::Attributes attributesOf(const CertificateFields& certificate);
/// The attributes that a public key itself gives, of either half of the pair.
Object::Attributes attributesOf(const PublicKeyFields& key);
std::shared_ptr<const KeyInfo> keyInfo(card::KeyRole role, const PublicKeyFields& key);

}  // namespace fncard::pkcs11
