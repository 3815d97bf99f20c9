// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

/// Mechanisms that share their code: one file each under operation/.
enum class Family { RsaPkcs1, RsaPss, RsaRaw, RsaOaep, Ecdsa, Ecdh, Digest };

/// One mechanism as C_GetMechanismInfo describes it. hash is empty where the caller brings the
/// digest (or the padded block) itself.
struct Mechanism {
  CK_MECHANISM_TYPE type;
  Family family;
  std::optional<Hash> hash;
  CK_MECHANISM_INFO info;
};

std::span<const Mechanism> mechanisms();

/// CKR_MECHANISM_INVALID when there is none of that type that has all flags (CKF_SIGN, …).
Result<const Mechanism*> findMechanism(CK_MECHANISM_TYPE type, CK_FLAGS flags = 0);

/// True for mechanisms of RSA keys, false for those of EC keys and for digests.
bool isRsaFamily(Family family);

}  // namespace fncard::pkcs11
