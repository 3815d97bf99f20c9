// SPDX-License-Identifier: Apache-2.0
#include "server/program/pem.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "server/base/random.h"

namespace fncard::server::program {
namespace {

bool writeAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t size = ::write(file, content.data(), content.size());
    if (size < 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(file) == 0;
}

/// A complete file beside path; its name.
Outcome<std::string> writeBeside(const std::string& path, std::string_view content, Access access) {
  constexpr mode_t kOwnerOnly = 0600;
  constexpr mode_t kEverybody = 0644;
  std::string unfinished = path + "." + randomIdentifier();
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                          access == Access::OwnerOnly ? kOwnerOnly : kEverybody);
  const bool written = file >= 0 && writeAll(file, content);
  if (file >= 0) {
    ::close(file);
  }
  if (!written) {
    ::unlink(unfinished.c_str());
    return stop("The file " + path + " cannot be written.");
  }
  return unfinished;
}

}  // namespace

Outcome<void> writeNewFile(const std::string& path, const std::string& content, Access access) {
  const auto unfinished = writeBeside(path, content, access);
  if (!unfinished) {
    return tl::unexpected(unfinished.error());
  }
  const bool linked = ::link(unfinished->c_str(), path.c_str()) == 0;
  ::unlink(unfinished->c_str());
  if (!linked) {
    return stop("The file " + path + " is there already; it is left as it was.");
  }
  return {};
}

Outcome<void> replaceFile(const std::string& path, const std::string& content, Access access) {
  const auto unfinished = writeBeside(path, content, access);
  if (!unfinished) {
    return tl::unexpected(unfinished.error());
  }
  if (std::rename(unfinished->c_str(), path.c_str()) != 0) {
    ::unlink(unfinished->c_str());
    return stop("The file " + path + " cannot be replaced.");
  }
  return {};
}

std::string pemOf(const issuance::Bytes& certificate) {
  const auto parsed = trust::openssl::decodedCertificate(certificate);
  const trust::openssl::BioPointer memory(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!parsed || PEM_write_bio_X509(memory.get(), parsed.get()) != 1) {
    return {};
  }
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Outcome<issuance::Bytes> readPemCertificate(const std::string& path) {
  const trust::openssl::BioPointer file(BIO_new_file(path.c_str(), "r"));
  const trust::openssl::X509Pointer certificate(
      file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate) {
    trust::openssl::takeErrors();
    return stop("The certificate " + path + " cannot be read.");
  }
  return trust::openssl::encoded<i2d_X509>(certificate.get());
}

Outcome<trust::openssl::KeyPointer> makeKey() {
  trust::openssl::KeyPointer key(EVP_EC_gen("P-256"));
  if (!key) {
    return stop("No key can be made: " + trust::openssl::takeErrors() + ".");
  }
  return key;
}

issuance::Bytes publicKeyOf(EVP_PKEY* key) {
  return trust::openssl::encoded<i2d_PUBKEY>(key);
}

Outcome<void> writeKey(const std::string& path, EVP_PKEY* key) {
  // the secure memory BIO wipes what it held
  const trust::openssl::BioPointer memory(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
      1) {
    return stop("The key cannot be written: " + trust::openssl::takeErrors() + ".");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  std::string content(text, static_cast<std::size_t>(size));
  auto written = writeNewFile(path, content, Access::OwnerOnly);
  OPENSSL_cleanse(content.data(), content.size());
  return written;
}

}  // namespace fncard::server::program
