// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "card/wire/bytes.h"

namespace fncard::test {

/// A value, or the code with which the module refused it.
template <typename T>
using Answer = tl::expected<T, CK_RV>;

/// Of scripts/with-card: CKA_ID of the objects of slot 9C and of slot 9D, in our module and in
/// OpenSC's.
inline constexpr CK_BYTE kSignatureId = 2;
inline constexpr CK_BYTE kKeyManagementId = 3;

struct PrivateKey {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  CK_KEY_TYPE type = CKK_RSA;
  bool alwaysAuthenticate = false;
};

/// A variable of the environment; empty when it is not set.
std::string environment(const char* name);

/// A module in this process, from dlopen() to dlclose().
class ModuleLibrary {
 public:
  /// The error is a sentence.
  static tl::expected<ModuleLibrary, std::string> load(const std::string& path);
  [[nodiscard]] const CK_FUNCTION_LIST* functions() const { return functions_; }

 private:
  struct Unload {
    void operator()(void* library) const;
  };
  explicit ModuleLibrary(void* library) : library_(library) {}

  std::unique_ptr<void, Unload> library_;
  const CK_FUNCTION_LIST* functions_ = nullptr;
};

/// Any PKCS#11 module, step by step as an application uses it. Nothing is kept but the function
/// list.
class ModuleClient {
 public:
  explicit ModuleClient(const CK_FUNCTION_LIST* functions) : functions_(functions) {}
  const CK_FUNCTION_LIST* operator->() const { return functions_; }

  /// The slots in which there is a token.
  [[nodiscard]] Answer<std::vector<CK_SLOT_ID>> slots() const;
  /// The serial number of the token, without the blanks behind it.
  [[nodiscard]] Answer<std::string> serialNumber(CK_SLOT_ID slot) const;
  [[nodiscard]] Answer<CK_SESSION_HANDLE> open(CK_SLOT_ID slot) const;
  [[nodiscard]] CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user,
                            const std::string& pin) const;

  [[nodiscard]] Answer<std::vector<CK_OBJECT_HANDLE>> find(
      CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted = {}) const;
  [[nodiscard]] Answer<Bytes> attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                        CK_ATTRIBUTE_TYPE type) const;
  /// The private key with a CKA_ID, after a login. CKR_KEY_HANDLE_INVALID: there is none.
  [[nodiscard]] Answer<PrivateKey> privateKey(CK_SESSION_HANDLE session, CK_BYTE id) const;
  /// CKA_VALUE of the certificate with a CKA_ID.
  [[nodiscard]] Answer<Bytes> certificate(CK_SESSION_HANDLE session, CK_BYTE id) const;

  /// RSA PKCS#1 v1.5 or ECDSA with SHA-256; gives the PIN again when the key asks for that.
  [[nodiscard]] Answer<Bytes> sign(CK_SESSION_HANDLE session, const PrivateKey& key, ByteView text,
                                   const std::string& pin) const;
  /// RSA PKCS#1 v1.5.
  [[nodiscard]] Answer<Bytes> decrypt(CK_SESSION_HANDLE session, const PrivateKey& key,
                                      ByteView ciphertext) const;
  /// ECDH: the shared secret of a point (uncompressed) of the key's curve, size bytes.
  [[nodiscard]] Answer<Bytes> derive(CK_SESSION_HANDLE session, const PrivateKey& key,
                                     ByteView point, CK_ULONG size) const;

 private:
  const CK_FUNCTION_LIST* functions_;
};

}  // namespace fncard::test
