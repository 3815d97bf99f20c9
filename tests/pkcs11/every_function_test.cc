// SPDX-License-Identifier: Apache-2.0
// Every function of a session, of 2.40, 3.0 and 3.2, with every combination of NULL and not NULL,
// of empty and not empty, in every state of a session: none crashes, and the answer is one that
// blames the caller, never the module or the card.
#include <array>
#include <set>
#include <tuple>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

/// Zeros, for whatever a pointer points to: no mechanism parameter, no attribute value, no length.
alignas(16) std::array<CK_BYTE, 4096> memory;

constexpr CK_ULONG kSize = 8;

/// What an argument of a type is tried with. The first of a function is its session.
template <typename T>
std::vector<T> candidates() {
  if constexpr (std::is_same_v<T, CK_NOTIFY>) {
    return {nullptr};
  } else if constexpr (std::is_pointer_v<T>) {
    return {nullptr, reinterpret_cast<T>(memory.data())};
  } else {
    return {static_cast<T>(0), static_cast<T>(kSize)};
  }
}

/// Calls `call` with each combination of arguments.
template <typename Call, typename... Done>
void combine(Call call, std::tuple<> /*none left*/, Done... done) {
  call(done...);
}
template <typename Call, typename First, typename... Rest, typename... Done>
void combine(Call call, std::tuple<First, Rest...> /*types*/, Done... done) {
  for (const First& each : candidates<First>()) {
    combine(call, std::tuple<Rest...>(), done..., each);
  }
}

/// visit(name, function) for every function whose first argument is a session.
template <typename Visit>
void everyFunction(Visit visit) {
  visit("C_InitPIN", C_InitPIN);
  visit("C_SetPIN", C_SetPIN);
  visit("C_CloseSession", C_CloseSession);
  visit("C_GetSessionInfo", C_GetSessionInfo);
  visit("C_GetOperationState", C_GetOperationState);
  visit("C_SetOperationState", C_SetOperationState);
  visit("C_Login", C_Login);
  visit("C_Logout", C_Logout);
  visit("C_CreateObject", C_CreateObject);
  visit("C_CopyObject", C_CopyObject);
  visit("C_DestroyObject", C_DestroyObject);
  visit("C_GetObjectSize", C_GetObjectSize);
  visit("C_GetAttributeValue", C_GetAttributeValue);
  visit("C_SetAttributeValue", C_SetAttributeValue);
  visit("C_FindObjectsInit", C_FindObjectsInit);
  visit("C_FindObjects", C_FindObjects);
  visit("C_FindObjectsFinal", C_FindObjectsFinal);
  visit("C_EncryptInit", C_EncryptInit);
  visit("C_Encrypt", C_Encrypt);
  visit("C_EncryptUpdate", C_EncryptUpdate);
  visit("C_EncryptFinal", C_EncryptFinal);
  visit("C_DecryptInit", C_DecryptInit);
  visit("C_Decrypt", C_Decrypt);
  visit("C_DecryptUpdate", C_DecryptUpdate);
  visit("C_DecryptFinal", C_DecryptFinal);
  visit("C_DigestInit", C_DigestInit);
  visit("C_Digest", C_Digest);
  visit("C_DigestUpdate", C_DigestUpdate);
  visit("C_DigestKey", C_DigestKey);
  visit("C_DigestFinal", C_DigestFinal);
  visit("C_SignInit", C_SignInit);
  visit("C_Sign", C_Sign);
  visit("C_SignUpdate", C_SignUpdate);
  visit("C_SignFinal", C_SignFinal);
  visit("C_SignRecoverInit", C_SignRecoverInit);
  visit("C_SignRecover", C_SignRecover);
  visit("C_VerifyInit", C_VerifyInit);
  visit("C_Verify", C_Verify);
  visit("C_VerifyUpdate", C_VerifyUpdate);
  visit("C_VerifyFinal", C_VerifyFinal);
  visit("C_VerifyRecoverInit", C_VerifyRecoverInit);
  visit("C_VerifyRecover", C_VerifyRecover);
  visit("C_DigestEncryptUpdate", C_DigestEncryptUpdate);
  visit("C_DecryptDigestUpdate", C_DecryptDigestUpdate);
  visit("C_SignEncryptUpdate", C_SignEncryptUpdate);
  visit("C_DecryptVerifyUpdate", C_DecryptVerifyUpdate);
  visit("C_GenerateKey", C_GenerateKey);
  visit("C_GenerateKeyPair", C_GenerateKeyPair);
  visit("C_WrapKey", C_WrapKey);
  visit("C_UnwrapKey", C_UnwrapKey);
  visit("C_DeriveKey", C_DeriveKey);
  visit("C_SeedRandom", C_SeedRandom);
  visit("C_GenerateRandom", C_GenerateRandom);
  visit("C_GetFunctionStatus", C_GetFunctionStatus);
  visit("C_CancelFunction", C_CancelFunction);
  visit("C_LoginUser", C_LoginUser);
  visit("C_SessionCancel", C_SessionCancel);
  visit("C_MessageEncryptInit", C_MessageEncryptInit);
  visit("C_EncryptMessage", C_EncryptMessage);
  visit("C_EncryptMessageBegin", C_EncryptMessageBegin);
  visit("C_EncryptMessageNext", C_EncryptMessageNext);
  visit("C_MessageEncryptFinal", C_MessageEncryptFinal);
  visit("C_MessageDecryptInit", C_MessageDecryptInit);
  visit("C_DecryptMessage", C_DecryptMessage);
  visit("C_DecryptMessageBegin", C_DecryptMessageBegin);
  visit("C_DecryptMessageNext", C_DecryptMessageNext);
  visit("C_MessageDecryptFinal", C_MessageDecryptFinal);
  visit("C_MessageSignInit", C_MessageSignInit);
  visit("C_SignMessage", C_SignMessage);
  visit("C_SignMessageBegin", C_SignMessageBegin);
  visit("C_SignMessageNext", C_SignMessageNext);
  visit("C_MessageSignFinal", C_MessageSignFinal);
  visit("C_MessageVerifyInit", C_MessageVerifyInit);
  visit("C_VerifyMessage", C_VerifyMessage);
  visit("C_VerifyMessageBegin", C_VerifyMessageBegin);
  visit("C_VerifyMessageNext", C_VerifyMessageNext);
  visit("C_MessageVerifyFinal", C_MessageVerifyFinal);
  visit("C_EncapsulateKey", C_EncapsulateKey);
  visit("C_DecapsulateKey", C_DecapsulateKey);
  visit("C_VerifySignatureInit", C_VerifySignatureInit);
  visit("C_VerifySignature", C_VerifySignature);
  visit("C_VerifySignatureUpdate", C_VerifySignatureUpdate);
  visit("C_VerifySignatureFinal", C_VerifySignatureFinal);
  visit("C_GetSessionValidationFlags", C_GetSessionValidationFlags);
  visit("C_AsyncComplete", C_AsyncComplete);
  visit("C_AsyncGetID", C_AsyncGetID);
  visit("C_AsyncJoin", C_AsyncJoin);
  visit("C_WrapKeyAuthenticated", C_WrapKeyAuthenticated);
  visit("C_UnwrapKeyAuthenticated", C_UnwrapKeyAuthenticated);
}

class EveryFunction : public ModuleTest {
 protected:
  /// prepare() makes the session; check(name, code) sees each answer.
  template <typename Prepare, typename Check>
  void play(Prepare prepare, Check check) {
    everyFunction(
        [&]<typename... Rest>(const char* name, CK_RV (*function)(CK_SESSION_HANDLE, Rest...)) {
          combine(
              [&](Rest... rest) {
                const CK_SESSION_HANDLE session = prepare();
                memory.fill(0);
                check(name, function(session, rest...));
              },
              std::tuple<Rest...>());
        });
  }
};

TEST_F(EveryFunction, beforeInitializeSaysSoWhateverTheArguments) {
  play([] { return CK_SESSION_HANDLE{1}; },
       [](const char* name, CK_RV rv) { ASSERT_EQ(rv, CKR_CRYPTOKI_NOT_INITIALIZED) << name; });
}

TEST_F(EveryFunction, withAClosedSessionSaysSoWhateverTheArguments) {
  start(card::KeyAlgorithm::EcP256);
  const auto closed = open();
  ASSERT_EQ(p11->C_CloseSession(closed), CKR_OK);
  play([=] { return closed; },
       [](const char* name, CK_RV rv) { ASSERT_EQ(rv, CKR_SESSION_HANDLE_INVALID) << name; });
}

struct State {
  const char* name;
  CK_MECHANISM_TYPE mechanism;
  CK_RV (*begin)(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
  CK_OBJECT_CLASS keyClass;
  CK_BYTE keyId;
};

class InEveryState : public EveryFunction, public testing::WithParamInterface<State> {};

TEST_P(InEveryState, blamesTheCallerAndNothingElse) {
  const State& state = GetParam();
  start(card::KeyAlgorithm::Rsa2048);
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  CK_MECHANISM mechanism{state.mechanism, nullptr, 0};
  const std::set<CK_RV> never{CKR_GENERAL_ERROR, CKR_HOST_MEMORY,   CKR_FUNCTION_FAILED,
                              CKR_DEVICE_ERROR,  CKR_DEVICE_MEMORY, CKR_CRYPTOKI_NOT_INITIALIZED};
  play(
      [&] {
        CK_SESSION_INFO info;
        if (p11->C_GetSessionInfo(session, &info) != CKR_OK) {
          session = open();
        }
        if (p11->C_GetSessionInfo(session, &info) == CKR_OK &&
            info.state != CKS_RO_USER_FUNCTIONS) {
          EXPECT_EQ(login(session), CKR_OK);
          C_SessionCancel(session, CKF_FIND_OBJECTS);
          key = findOne(session, state.keyClass, state.keyId);
        }
        C_SessionCancel(session, ~CK_FLAGS{0});
        if (state.begin != nullptr) {
          EXPECT_EQ(state.begin(session, &mechanism, key), CKR_OK) << state.name;
        }
        return session;
      },
      [&](const char* name, CK_RV rv) { ASSERT_FALSE(never.contains(rv)) << name << " " << rv; });
}

CK_RV beginDigest(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE /*key*/) {
  return C_DigestInit(session, mechanism);
}
CK_RV beginSearch(CK_SESSION_HANDLE session, CK_MECHANISM_PTR /*none*/, CK_OBJECT_HANDLE /*key*/) {
  return C_FindObjectsInit(session, nullptr, 0);
}
CK_RV beginCheck(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  Bytes signature(256);
  return C_VerifySignatureInit(session, mechanism, key, signature.data(), signature.size());
}

INSTANTIATE_TEST_SUITE_P(
    EveryFunction, InEveryState,
    testing::Values(State{"idle", 0, nullptr, CKO_PRIVATE_KEY, 2},
                    State{"digest", CKM_SHA256, beginDigest, CKO_PRIVATE_KEY, 2},
                    State{"search", 0, beginSearch, CKO_PRIVATE_KEY, 2},
                    State{"sign", CKM_SHA256_RSA_PKCS, C_SignInit, CKO_PRIVATE_KEY, 2},
                    State{"verify", CKM_SHA256_RSA_PKCS, C_VerifyInit, CKO_PUBLIC_KEY, 2},
                    State{"check", CKM_SHA256_RSA_PKCS, beginCheck, CKO_PUBLIC_KEY, 2},
                    State{"encrypt", CKM_RSA_PKCS, C_EncryptInit, CKO_PUBLIC_KEY, 3},
                    State{"decrypt", CKM_RSA_PKCS, C_DecryptInit, CKO_PRIVATE_KEY, 3}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace fncard::test
