// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/rsa_pkcs1.h"

#include <algorithm>
#include <array>

#include "pkcs11/operation/constant_time.h"

namespace fncard::pkcs11::rsa_pkcs1 {

namespace {

/// DigestInfo up to the digest, RFC 8017 §9.2 note 1: all differ in the last byte of the algorithm
/// and in the lengths only, but for SHA-1.
Bytes digestInfo(Hash hash, ByteView digest) {
  Bytes info;
  if (hash == Hash::Sha1) {
    info = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04};
  } else {
    const std::uint8_t algorithm = hash == Hash::Sha224   ? 0x04
                                   : hash == Hash::Sha256 ? 0x01
                                   : hash == Hash::Sha384 ? 0x02
                                                          : 0x03;
    info = {0x30,      static_cast<std::uint8_t>(17 + digest.size()),
            0x30,      0x0D,
            0x06,      0x09,
            0x60,      0x86,
            0x48,      0x01,
            0x65,      0x03,
            0x04,      0x02,
            algorithm, 0x05,
            0x00,      0x04};
  }
  info.push_back(static_cast<std::uint8_t>(digest.size()));
  info.insert(info.end(), digest.begin(), digest.end());
  return info;
}

}  // namespace

Result<Bytes> signatureBlock(std::optional<Hash> hash, ByteView data, std::size_t blockSize) {
  const Bytes content = hash ? digestInfo(*hash, data) : Bytes(data.begin(), data.end());
  if (content.size() + kOverhead > blockSize) {
    return refuse(CKR_DATA_LEN_RANGE, "longer than the key takes");
  }
  Bytes block(blockSize, 0xFF);
  block[0] = 0x00;
  block[1] = 0x01;
  block[blockSize - content.size() - 1] = 0x00;
  std::ranges::copy(content, block.end() - static_cast<std::ptrdiff_t>(content.size()));
  return block;
}

namespace {

Result<Bytes> freshSecret() {
  Bytes bytes(hashSize(Hash::Sha256));
  if (auto filled = randomBytes(bytes); !filled) {
    return passOn(filled);
  }
  return bytes;
}

/// The secret that keys the replacements: new in each process, so that they cannot be foreseen.
/// Never destroyed: it may still be wanted while the process ends. Not SecretBytes, which are zeros
/// in a child.
Result<ByteView> replacementSecret() {
  static const auto& secret = *new Result<Bytes>(freshSecret());
  if (!secret) {
    return Refusal(secret.error());
  }
  return ByteView(*secret);
}

/// size bytes from the key, HMAC-SHA-256 in counter mode under a label.
Result<card::SecretBytes> expand(ByteView key, std::uint8_t label, std::size_t size) {
  card::SecretBytes stream(size);
  std::size_t done = 0;
  for (std::uint8_t counter = 0; done < size; ++counter) {
    const std::array<std::uint8_t, 2> input{label, counter};
    auto part = hmacSha256(key, input);
    if (!part) {
      return passOn(part);
    }
    const std::size_t used = std::min(part->size(), size - done);
    std::copy_n(part->begin(), used, stream.bytes().begin() + static_cast<std::ptrdiff_t>(done));
    done += used;
  }
  return stream;
}

struct Replacement {
  card::SecretBytes bytes;  ///< as many as the block has; the message is its end
  std::size_t size = 0;     ///< of the message, 0 … longest
};

Result<Replacement> replacementFor(ByteView ciphertext, ByteView keyIdentifier,
                                   std::size_t blockSize) {
  auto secret = replacementSecret();
  if (!secret) {
    return passOn(secret);
  }
  Bytes about(keyIdentifier.begin(), keyIdentifier.end());
  about.insert(about.end(), ciphertext.begin(), ciphertext.end());
  auto key = hmacSha256(*secret, about);
  if (!key) {
    return passOn(key);
  }
  constexpr std::size_t kCandidates = 128;
  auto bytes = expand(*key, 'm', blockSize);
  auto lengths = expand(*key, 'l', 2 * kCandidates);
  if (!bytes || !lengths) {
    return hostFailed("HMAC");
  }
  // the last of many 16-bit candidates, cut to the bits that a length has, that is short enough:
  // so evenly spread that lengths betray nothing, and always the same work
  const std::size_t longest = blockSize - kOverhead;
  std::size_t bits = longest;
  for (std::size_t shift = 1; shift < 16; shift *= 2) {
    bits |= bits >> shift;
  }
  Replacement replacement{.bytes = std::move(*bytes)};
  for (std::size_t i = 0; i < kCandidates; ++i) {
    const std::size_t candidate =
        (static_cast<std::size_t>(lengths->bytes()[2 * i] << 8U) | lengths->bytes()[2 * i + 1]) &
        bits;
    replacement.size = constant_time::select(constant_time::isLess(candidate, longest + 1),
                                             candidate, replacement.size);
  }
  return replacement;
}

}  // namespace

Result<card::SecretBytes> message(ByteView block, ByteView ciphertext, ByteView keyIdentifier) {
  namespace ct = constant_time;
  auto replacement = replacementFor(ciphertext, keyIdentifier, block.size());
  if (!replacement) {
    return passOn(replacement);
  }
  ct::Mask good = ct::isZero(block[0]) & ct::isEqual(block[1], 2);
  ct::Mask found = 0;
  std::size_t separator = 0;
  for (std::size_t i = 2; i < block.size(); ++i) {
    const ct::Mask zero = ct::isZero(block[i]);
    separator = ct::select(~found & zero, i, separator);
    found |= zero;
  }
  // at least eight bytes of padding: the separator stands at 10 or later
  good &= found & ~ct::isLess(separator, kOverhead - 1);
  const std::size_t size = ct::select(good, block.size() - 1 - separator, replacement->size);

  card::SecretBytes chosen(block.size());
  for (std::size_t i = 0; i < block.size(); ++i) {
    chosen.bytes()[i] = ct::selectByte(good, block[i], replacement->bytes.bytes()[i]);
  }
  // the message is the end of the block: shifted to the front by powers of two, always all of them
  const std::size_t shift = block.size() - size;
  for (std::size_t step = 1; step < block.size(); step *= 2) {
    const ct::Mask now = ~ct::isZero(shift & step);
    for (std::size_t i = 0; i + step < block.size(); ++i) {
      chosen.bytes()[i] = ct::selectByte(now, chosen.bytes()[i + step], chosen.bytes()[i]);
    }
  }
  // from here on the length is the answer, of a right and of a replaced message alike
  card::SecretBytes result(size);
  std::copy_n(chosen.bytes().begin(), size, result.bytes().begin());
  return result;
}

}  // namespace fncard::pkcs11::rsa_pkcs1
