// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

Refusal refuse(CK_RV rv, std::string_view detail) {
  return Refusal(Failure{.rv = rv, .detail = std::string(detail)});
}

Refusal notInitialized() {
  return refuse(CKR_CRYPTOKI_NOT_INITIALIZED, "C_Initialize first");
}

Refusal nullArgument(std::string_view name) {
  return refuse(CKR_ARGUMENTS_BAD, std::string(name) + " is NULL");
}

Refusal badArgument(std::string_view detail) {
  return refuse(CKR_ARGUMENTS_BAD, detail);
}

Refusal slotUnknown(CK_SLOT_ID slot) {
  return refuse(CKR_SLOT_ID_INVALID, "no slot " + std::to_string(slot));
}

Refusal tokenNotPresent() {
  return refuse(CKR_TOKEN_NOT_PRESENT, "no card in the reader");
}

Refusal deviceRemoved() {
  return refuse(CKR_DEVICE_REMOVED, "the card was taken out");
}

Refusal sessionUnknown() {
  return refuse(CKR_SESSION_HANDLE_INVALID, "no such session");
}

Refusal sessionClosed() {
  return refuse(CKR_SESSION_CLOSED, "the session was closed meanwhile");
}

Refusal objectUnknown() {
  return refuse(CKR_OBJECT_HANDLE_INVALID, "no such object");
}

Refusal keyUnknown() {
  return refuse(CKR_KEY_HANDLE_INVALID, "no such key");
}

Refusal operationActive() {
  return refuse(CKR_OPERATION_ACTIVE, "another operation is active");
}

Refusal operationNotInitialized() {
  return refuse(CKR_OPERATION_NOT_INITIALIZED, "no such operation is active");
}

Refusal mechanismInvalid(CK_MECHANISM_TYPE mechanism) {
  return refuse(CKR_MECHANISM_INVALID, "mechanism " + std::to_string(mechanism));
}

Refusal mechanismParameterInvalid(std::string_view detail) {
  return refuse(CKR_MECHANISM_PARAM_INVALID, detail);
}

Refusal userNotLoggedIn() {
  return refuse(CKR_USER_NOT_LOGGED_IN, "the PIN is wanted first");
}

Refusal notSupported() {
  return refuse(CKR_FUNCTION_NOT_SUPPORTED, "not a function of this card");
}

Refusal hostFailed(std::string_view what) {
  return refuse(CKR_FUNCTION_FAILED, what);
}

namespace {

CK_RV codeFor(card::ErrorCode code) {
  switch (code) {
    case card::ErrorCode::NoService:
    case card::ErrorCode::NoReader:
    case card::ErrorCode::NoCard:
      return CKR_TOKEN_NOT_PRESENT;
    case card::ErrorCode::CardMute:
    case card::ErrorCode::UnknownCard:
      return CKR_TOKEN_NOT_RECOGNIZED;
    case card::ErrorCode::CardRemoved:
      return CKR_DEVICE_REMOVED;
    case card::ErrorCode::PinIncorrect:
      return CKR_PIN_INCORRECT;
    case card::ErrorCode::PinBlocked:
      return CKR_PIN_LOCKED;
    case card::ErrorCode::PinFormat:
      return CKR_PIN_LEN_RANGE;
    case card::ErrorCode::PinsDiffer:
      return CKR_PIN_INVALID;
    case card::ErrorCode::NotLoggedIn:
      return CKR_USER_NOT_LOGGED_IN;
    case card::ErrorCode::Cancelled:
    case card::ErrorCode::PinEntryTimedOut:
      return CKR_FUNCTION_CANCELED;
    case card::ErrorCode::ReaderBusy:
    case card::ErrorCode::LastTryNotConfirmed:
    case card::ErrorCode::Unsupported:
      return CKR_FUNCTION_FAILED;
    case card::ErrorCode::ObjectNotFound:
    case card::ErrorCode::Malformed:
    case card::ErrorCode::CardFailed:
      return CKR_DEVICE_ERROR;
    case card::ErrorCode::Internal:
      return CKR_GENERAL_ERROR;
  }
  return CKR_GENERAL_ERROR;
}

}  // namespace

Refusal cardFailure(const card::Error& error) {
  return refuse(codeFor(error.code),
                std::string(card::messageCode(error.code)) + ": " + error.detail);
}

}  // namespace fncard::pkcs11
