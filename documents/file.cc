// SPDX-License-Identifier: Apache-2.0
#include "documents/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>

namespace fncard::documents {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

// Each piece of a file that is one; true when all was read.
bool readPieces(const std::string& path, const std::function<bool(const Bytes&)>& take) {
  // a FIFO in its place would wait for a writer
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return false;
  }
  Bytes piece(kPiece);
  for (;;) {
    piece.resize(kPiece);
    const ssize_t size = ::read(file.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size == 0;
    }
    piece.resize(static_cast<std::size_t>(size));
    if (!take(piece)) {
      return true;
    }
  }
}

// A device or a FIFO would be gone for good.
bool isReplaceable(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 &&
         (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode));
}

bool writeAll(int file, const Bytes& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t size = ::write(file, bytes.data() + at, bytes.size() - at);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return false;
    }
    at += static_cast<std::size_t>(size);
  }
  return ::fsync(file) == 0;
}

}  // namespace

bool isThere(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

FileResult<Bytes> readDocument(const std::string& path) {
  Bytes all;
  bool tooLarge = false;
  const bool read = readPieces(path, [&](const Bytes& piece) {
    tooLarge = all.size() + piece.size() > kLargestDocument;
    if (!tooLarge) {
      all.insert(all.end(), piece.begin(), piece.end());
    }
    return !tooLarge;
  });
  if (!read) {
    return tl::unexpected(std::string("documents.missing"));
  }
  if (tooLarge) {
    return tl::unexpected(std::string("documents.too-large"));
  }
  return all;
}

FileResult<Bytes> digestDocument(const std::string& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(),
                                                                     &EVP_MD_CTX_free);
  bool good = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
  const bool read = readPieces(path, [&](const Bytes& piece) {
    good = good && EVP_DigestUpdate(hash.get(), piece.data(), piece.size()) == 1;
    return good;
  });
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (!read || !good || EVP_DigestFinal_ex(hash.get(), digest.data(), &size) != 1) {
    return tl::unexpected(std::string("documents.missing"));
  }
  digest.resize(size);
  return digest;
}

FileResult<void> writeDocument(const std::string& path, const Bytes& bytes, bool replace) {
  const auto unwritable = [] { return tl::unexpected(std::string("documents.unwritable")); };
  if (replace && isThere(path) && !isReplaceable(path)) {
    return unwritable();
  }
  std::string beside = path + ".XXXXXX";
  const Descriptor file(::mkstemp(beside.data()));
  if (file.get() < 0) {
    return unwritable();
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  constexpr mode_t kForAll = 0666;
  const bool written = writeAll(file.get(), bytes) && ::fchmod(file.get(), kForAll & ~mask) == 0;
  const bool placed = written && (replace ? ::rename(beside.c_str(), path.c_str()) == 0
                                          : ::link(beside.c_str(), path.c_str()) == 0);
  const bool exists = written && !placed && !replace && errno == EEXIST;
  if (!placed || !replace) {
    ::unlink(beside.c_str());
  }
  if (placed) {
    return {};
  }
  return exists ? tl::unexpected(std::string("documents.exists")) : unwritable();
}

}  // namespace fncard::documents
