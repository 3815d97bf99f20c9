// SPDX-License-Identifier: Apache-2.0
// The certificate cache's file: only what encodeCacheFile() writes is read. The input is tried as a
// file, and as what stands between a right version and a right digest.
#include "card/cache/cache_file.h"

#include <algorithm>
#include <array>

#include "card/signature_input.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;

void readFile(ByteView file) {
  const auto contents = card::parseCacheFile(file);
  if (!contents) {
    fuzz::require(contents.error().code == card::ErrorCode::Malformed, "refused as malformed");
    return;
  }
  fuzz::require(file.size() <= card::kMaxCacheFile, "a cache file has a limit");
  fuzz::require(card::isCacheable(contents->identity), "only cards of our profile are cached");
  fuzz::require(contents->certificates.size() <= 3, "a card has three certificates");
  for (const auto& [role, der] : contents->certificates) {
    fuzz::require(!der.empty() && der.size() <= card::kMaxCertificate,
                  "a certificate has 1 byte to 16 KiB");
  }
  const Bytes written = card::encodeCacheFile(*contents);
  const auto again = card::parseCacheFile(written);
  fuzz::require(again && *again == *contents, "what is written reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::array<std::uint8_t, 8> kVersion{'f', 'n', 'c', 'a', 'c', 'h', 'e', 1};
  readFile({bytes, size});
  Bytes file(kVersion.begin(), kVersion.end());
  file.insert(file.end(), bytes, bytes + size);
  const Bytes digest = card::sha256(file);
  file.insert(file.end(), digest.begin(), digest.end());
  readFile(file);
  return 0;
}
