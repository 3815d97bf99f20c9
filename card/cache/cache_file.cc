// SPDX-License-Identifier: Apache-2.0
#include "card/cache/cache_file.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "card/certificate_key.h"
#include "card/piv/fascn.h"
#include "card/signature_input.h"

namespace fncard::card {
namespace {

constexpr std::array<std::uint8_t, 8> kVersion{'f', 'n', 'c', 'a', 'c', 'h', 'e', 1};
constexpr std::size_t kDigestSize = 32;

// in this order; a certificate's tag is its key's reference on the card
constexpr std::uint32_t kGuid = 0x80;
constexpr std::uint32_t kCardNumber = 0x81;
constexpr std::uint32_t kExpiry = 0x82;
constexpr std::array<std::pair<std::uint32_t, KeyRole>, 3> kCertificates{
    {{0x9C, KeyRole::Signature},
     {0x9D, KeyRole::KeyManagement},
     {0x9E, KeyRole::CardAuthentication}}};

ByteView asBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string asText(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

bool isExpiry(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return text.empty() ||
         std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

/// Takes the next data object when it has this tag.
std::optional<ByteView> takeNext(wire::TlvReader& reader, std::uint32_t tag) {
  wire::TlvReader ahead = reader;
  const auto tlv = ahead.next();
  if (!tlv || tlv->tag != tag) {
    return std::nullopt;
  }
  reader = ahead;
  return tlv->value;
}

bool isCertificate(ByteView der) {
  return !der.empty() && der.size() <= kMaxCertificate && keyAlgorithmOfCertificate(der);
}

tl::unexpected<Error> malformed(std::string what) {
  return failed(ErrorCode::Malformed, "cache file: " + std::move(what));
}

}  // namespace

bool isCacheable(const CardIdentity& identity) {
  return piv::isCardNumber(identity.cardNumber) && isExpiry(identity.expiry) &&
         std::any_of(identity.guid.begin(), identity.guid.end(),
                     [](std::uint8_t byte) { return byte != 0; });
}

Bytes encodeCacheFile(const CachedCertificates& contents) {
  Bytes file(kVersion.begin(), kVersion.end());
  wire::appendTlv(file, kGuid, contents.identity.guid);
  wire::appendTlv(file, kCardNumber, asBytes(contents.identity.cardNumber));
  wire::appendTlv(file, kExpiry, asBytes(contents.identity.expiry));
  for (const auto& [tag, role] : kCertificates) {
    if (const auto found = contents.certificates.find(role); found != contents.certificates.end()) {
      wire::appendTlv(file, tag, found->second);
    }
  }
  const Bytes digest = sha256(file);
  file.insert(file.end(), digest.begin(), digest.end());
  return file;
}

Result<CachedCertificates> parseCacheFile(ByteView file) {
  if (file.size() > kMaxCacheFile || file.size() < kVersion.size() + kDigestSize ||
      !std::equal(kVersion.begin(), kVersion.end(), file.begin())) {
    return malformed("size or version");
  }
  const ByteView body = file.first(file.size() - kDigestSize);
  const Bytes digest = sha256(body);
  if (!std::equal(digest.begin(), digest.end(), file.last(kDigestSize).begin())) {
    return malformed("digest");
  }
  wire::TlvReader reader(body.subspan(kVersion.size()));
  CachedCertificates contents;
  const auto guid = takeNext(reader, kGuid);
  const auto cardNumber = takeNext(reader, kCardNumber);
  const auto expiry = takeNext(reader, kExpiry);
  if (!guid || guid->size() != contents.identity.guid.size() || !cardNumber || !expiry) {
    return malformed("identity is missing");
  }
  std::copy(guid->begin(), guid->end(), contents.identity.guid.begin());
  contents.identity.cardNumber = asText(*cardNumber);
  contents.identity.expiry = asText(*expiry);
  if (!isCacheable(contents.identity)) {
    return malformed("identity is not of our profile");
  }
  for (const auto& [tag, role] : kCertificates) {
    if (const auto der = takeNext(reader, tag)) {
      if (!isCertificate(*der)) {
        return malformed("not a certificate");
      }
      contents.certificates[role] = Bytes(der->begin(), der->end());
    }
  }
  if (!reader.atEnd()) {
    return malformed("an unknown member");
  }
  return contents;
}

}  // namespace fncard::card
