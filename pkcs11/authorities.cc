// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/authorities.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "configuration/bounded_file.h"
#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kMostNames = 1'024;
constexpr std::size_t kLongestFile = 65'536;
constexpr std::size_t kMostAuthorities = 8;

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeX509>;
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

Certificate fromDer(ByteView der) {
  X509* read = X509_new_ex(cryptoContext(), nullptr);
  const unsigned char* at = der.data();
  // on failure d2i_X509 frees what it was given
  if (read == nullptr || d2i_X509(&read, &at, static_cast<long>(der.size())) == nullptr) {
    return nullptr;
  }
  return Certificate(read);
}

/// An encrypted file: nobody is asked, least of all on the terminal of the host.
int noPassword(char* /*buffer*/, int /*size*/, int /*write*/, void* /*context*/) {
  return -1;
}

void addFile(const std::string& text, std::vector<Certificate>& into) {
  if (text.find("-----BEGIN ") == std::string::npos) {
    auto one = fromDer(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    if (one) {
      into.push_back(std::move(one));
    }
    return;
  }
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  for (;;) {
    X509* read = X509_new_ex(cryptoContext(), nullptr);
    if (PEM_read_bio_X509(bio.get(), &read, noPassword, nullptr) == nullptr) {
      X509_free(read);
      return;
    }
    into.emplace_back(read);
  }
}

/// The first names of a folder in their order, the same each time whatever the disk's own is.
std::set<std::string> firstNames(const std::string& folder) {
  std::set<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    names.insert(at->path().string());
    if (names.size() > kMostNames) {
      names.erase(std::prev(names.end()));
    }
  }
  return names;
}

std::vector<Certificate> certificatesIn(const std::string& folder) {
  std::vector<Certificate> all;
  std::size_t files = 0;
  for (const std::string& name : firstNames(folder)) {
    const auto text = configuration::readFile(name, kLongestFile);
    if (!text || !*text) {
      continue;
    }
    addFile(**text, all);
    if (++files == kMostFiles) {
      break;
    }
  }
  return all;
}

Bytes derOf(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) {
    return {};
  }
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

}  // namespace

std::vector<CertificateFields> authoritiesAbove(std::span<const CertificateFields> certificates,
                                                const std::string& folder) {
  if (certificates.empty() || folder.empty()) {
    return {};
  }
  std::vector<Certificate> candidates = certificatesIn(folder);
  std::vector<Certificate> below;
  for (const CertificateFields& each : certificates) {
    if (auto certificate = fromDer(each.der)) {
      below.push_back(std::move(certificate));
    }
  }
  std::vector<CertificateFields> found;
  for (std::size_t i = 0; i < below.size(); ++i) {
    for (Certificate& candidate : candidates) {
      if (!candidate || found.size() == kMostAuthorities ||
          X509_check_issued(candidate.get(), below[i].get()) != X509_V_OK) {
        continue;
      }
      const Bytes der = derOf(candidate.get());
      const bool known =
          std::ranges::any_of(certificates, [&](const auto& each) { return each.der == der; }) ||
          std::ranges::any_of(found, [&](const auto& each) { return each.der == der; });
      if (auto fields = readCertificate(der); fields && !known) {
        found.push_back(std::move(*fields));
        below.push_back(std::move(candidate));
      }
    }
  }
  return found;
}

}  // namespace fncard::pkcs11
