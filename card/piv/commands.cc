// SPDX-License-Identifier: Apache-2.0
#include "card/piv/commands.h"

#include "card/pin.h"
#include "card/piv/status.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kGetData = 0xCB;
constexpr std::uint8_t kGeneralAuthenticate = 0x87;
constexpr std::uint32_t kTagList = 0x5C;
constexpr std::uint32_t kData = 0x53;
// RID and PIX of the PIV card application without its version: any version is selected (§2.2)
constexpr std::uint8_t kApplication[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};
// Objects of a known small size are asked for in the short form: one APDU in every reader.
constexpr std::size_t kTemplateOverhead = 16;

bool isSmall(Object object) {
  return object != Object::SignatureCertificate && object != Object::KeyManagementCertificate &&
         object != Object::CardAuthenticationCertificate && object != Object::SecurityObject;
}

}  // namespace

std::uint8_t keyReference(KeyRole role) {
  switch (role) {
    case KeyRole::Signature:
      return 0x9C;
    case KeyRole::KeyManagement:
      return 0x9D;
    case KeyRole::CardAuthentication:
      break;
  }
  return 0x9E;
}

std::uint8_t algorithmId(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::Rsa2048:
      return 0x07;
    case KeyAlgorithm::Rsa3072:
      return 0x05;
    case KeyAlgorithm::Rsa4096:
      return 0x16;
    case KeyAlgorithm::EcP256:
      return 0x11;
    case KeyAlgorithm::EcP384:
      break;
  }
  return 0x14;
}

Object certificateObject(KeyRole role) {
  switch (role) {
    case KeyRole::Signature:
      return Object::SignatureCertificate;
    case KeyRole::KeyManagement:
      return Object::KeyManagementCertificate;
    case KeyRole::CardAuthentication:
      break;
  }
  return Object::CardAuthenticationCertificate;
}

Result<void> selectApplication(Channel& channel) {
  const auto answer = channel.send({.ins = kSelect,
                                    .p1 = 0x04,
                                    .data = Bytes(std::begin(kApplication), std::end(kApplication)),
                                    .le = wire::kMaxShortResponse});
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (!answer->status.ok()) {
    Error error = toError(answer->status, "SELECT");
    if (isAnothers(answer->status)) {
      error.code = ErrorCode::UnknownCard;
    }
    return tl::unexpected(error);
  }
  return {};
}

std::uint32_t templateTag(Object object) {
  return object == Object::Discovery ? static_cast<std::uint32_t>(object) : kData;
}

Bytes tagList(Object object) {
  const auto tag = static_cast<std::uint32_t>(object);
  Bytes bytes;
  for (const unsigned shift : {16U, 8U, 0U}) {
    if ((tag >> shift) != 0) {
      bytes.push_back(static_cast<std::uint8_t>(tag >> shift));
    }
  }
  return wire::encodeTlv(kTagList, bytes);
}

wire::CommandApdu getData(Object object) {
  return {.ins = kGetData,
          .p1 = 0x3F,
          .p2 = 0xFF,
          .data = tagList(object),
          .le = isSmall(object) ? wire::kMaxShortResponse : wire::kMaxExtendedResponse};
}

Result<Bytes> objectContent(Object object, const wire::ResponseApdu& answer) {
  if (!answer.status.ok()) {
    const bool isProtected = object == Object::PrintedInformation;
    return tl::unexpected(
        toError(answer.status, "GET DATA", isProtected ? After::Protected : After::Command));
  }
  if (answer.data.empty()) {
    return failed(ErrorCode::ObjectNotFound, "GET DATA without an object");
  }
  wire::TlvReader reader(answer.data);
  const auto tlv = reader.next();
  if (!tlv || tlv->tag != templateTag(object)) {
    return failed(ErrorCode::Malformed, "GET DATA answer is not the object's template");
  }
  if (tlv->value.empty()) {
    return failed(ErrorCode::ObjectNotFound, "empty object");
  }
  return Bytes(tlv->value.begin(), tlv->value.end());
}

Result<CardIdentity> readIdentity(Channel& channel) {
  const auto answer = channel.send(getData(Object::Chuid));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const auto content = objectContent(Object::Chuid, *answer);
  if (!content) {
    return tl::unexpected(content.error());
  }
  return parseChuid(*content);
}

wire::CommandApdu generalAuthenticate(std::uint8_t algorithm, std::uint8_t key, ByteView parts,
                                      std::size_t answerSize) {
  const bool small = answerSize + kTemplateOverhead <= wire::kMaxShortResponse;
  return {.ins = kGeneralAuthenticate,
          .p1 = algorithm,
          .p2 = key,
          .data = wire::encodeTlv(kDynamicAuthentication, parts),
          .le = small ? wire::kMaxShortResponse : wire::kMaxExtendedResponse};
}

Result<ByteView> templatePart(const wire::ResponseApdu& answer, std::uint32_t outer,
                              std::uint32_t tag) {
  wire::TlvReader reader(answer.data);
  const auto body = reader.next();
  const auto part = body && body->tag == outer ? wire::findTlv(body->value, tag) : std::nullopt;
  if (!part) {
    return failed(ErrorCode::Malformed, "answer without the data object that was asked for");
  }
  return *part;
}

}  // namespace fncard::card::piv
