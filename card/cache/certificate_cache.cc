// SPDX-License-Identifier: Apache-2.0
#include "card/cache/certificate_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "card/certificate_key.h"
#include "card/signature_input.h"

namespace fncard::card {
namespace {

constexpr std::string_view kSuffix = ".certificates";
constexpr std::size_t kHashBytes = 16;
constexpr std::time_t kMaxAge = 30 * 86'400;
constexpr std::time_t kMaxTemporaryAge = 3'600;

/// A file descriptor; -1 for none.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) {
      close(value_);
    }
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  explicit operator bool() const { return value_ >= 0; }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

struct CloseListing {
  void operator()(DIR* listing) const { closedir(listing); }
};

std::string absolutePath(const char* variable, std::string_view below) {
  const char* value = secure_getenv(variable);
  return value != nullptr && *value == '/' ? std::string(value).append(below) : std::string();
}

/// Open only when it is a folder of this user's that nobody else can write to.
Descriptor openFolder(const std::string& path) {
  if (path.empty()) {
    return Descriptor(-1);
  }
  Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  const bool good = folder && fstat(folder.get(), &status) == 0 && status.st_uid == geteuid() &&
                    (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  return good ? std::move(folder) : Descriptor(-1);
}

/// The same, made when it is not there, with the folder above it (~/.cache).
Descriptor makeFolder(const std::string& path) {
  if (path.empty()) {
    return Descriptor(-1);
  }
  const std::string above = path.substr(0, path.rfind('/'));
  if (!above.empty()) {
    mkdir(above.c_str(), S_IRWXU);
  }
  mkdir(path.c_str(), S_IRWXU);
  return openFolder(path);
}

/// Says nothing about the card to those who list the folder.
std::string fileName(const CardIdentity& identity) {
  Bytes key(identity.guid.begin(), identity.guid.end());
  key.insert(key.end(), identity.cardNumber.begin(), identity.cardNumber.end());
  return wire::toHex(ByteView(sha256(key)).first(kHashBytes)).append(kSuffix);
}

/// A whole file of bounded size that is this user's alone; empty for any other.
Bytes readFile(const Descriptor& folder, const std::string& name) {
  // O_NONBLOCK: opening a FIFO in a file's place must not wait for its other end
  const Descriptor file(openat(folder.get(), name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 ||
      status.st_size <= 0 || status.st_size > static_cast<off_t>(kMaxCacheFile)) {
    return {};
  }
  const std::time_t age = std::time(nullptr) - status.st_mtim.tv_sec;
  if (age < -kMaxTemporaryAge || age > kMaxAge) {  // a clock may be set a little; not by a month
    return {};
  }
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t size = read(file.get(), bytes.data() + done, bytes.size() - done);
    if (size <= 0) {
      return {};
    }
    done += static_cast<std::size_t>(size);
  }
  return bytes;
}

bool writeAll(const Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(file.get(), bytes.data(), bytes.size());
    if (size <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

/// A new file takes the old one's place in one step; a disk that is full leaves the old one.
void replaceFile(const Descriptor& folder, const std::string& name, ByteView bytes) {
  static std::atomic<unsigned> counter = 0;
  const std::string temporary =
      "." + name + "." + std::to_string(getpid()) + "." + std::to_string(counter++);
  bool written = false;
  {
    const Descriptor file(openat(folder.get(), temporary.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
    written = file && writeAll(file, bytes);
  }
  if (!written || renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0) {
    unlinkat(folder.get(), temporary.c_str(), 0);
  }
}

/// Keeps the newest files, and takes away what a writer left that was ended in between.
void prune(const Descriptor& folder) {
  const int copy = openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) {
    return;
  }
  const std::unique_ptr<DIR, CloseListing> listing(fdopendir(copy));
  if (!listing) {
    close(copy);
    return;
  }
  const std::time_t now = std::time(nullptr);
  std::vector<std::pair<std::time_t, std::string>> cards;
  while (const dirent* entry = readdir(listing.get())) {
    const std::string name = entry->d_name;
    struct stat status {};
    if (name.find(kSuffix) == std::string::npos ||
        fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (name.front() != '.') {
      cards.emplace_back(status.st_mtim.tv_sec, name);
    } else if (now - status.st_mtim.tv_sec > kMaxTemporaryAge) {
      unlinkat(folder.get(), name.c_str(), 0);
    }
  }
  std::sort(cards.rbegin(), cards.rend());
  for (std::size_t i = CertificateCache::kMaxCards; i < cards.size(); ++i) {
    unlinkat(folder.get(), cards[i].second.c_str(), 0);
  }
}

}  // namespace

CertificateCache CertificateCache::ofUser() {
  const char* wish = secure_getenv("FNCARD_CACHE");
  if (wish != nullptr && std::string_view(wish) == "off") {
    return CertificateCache({});
  }
  if (secure_getenv("FNCARD_CACHE_DIR") != nullptr) {
    return CertificateCache(absolutePath("FNCARD_CACHE_DIR", ""));
  }
  std::string folder = absolutePath("XDG_CACHE_HOME", "/fncard");
  return CertificateCache(folder.empty() ? absolutePath("HOME", "/.cache/fncard")
                                         : std::move(folder));
}

std::optional<CachedCertificates> CertificateCache::load(const CardIdentity& identity) const {
  if (!isCacheable(identity)) {
    return std::nullopt;
  }
  const Descriptor folder = openFolder(folder_);
  if (!folder) {
    return std::nullopt;
  }
  auto contents = parseCacheFile(readFile(folder, fileName(identity)));
  if (!contents || contents->identity != identity) {
    return std::nullopt;
  }
  return std::move(*contents);
}

void CertificateCache::store(const CachedCertificates& contents) const {
  if (!isCacheable(contents.identity)) {
    return;
  }
  CachedCertificates kept = contents;
  std::erase_if(kept.certificates,
                [](const auto& entry) { return !keyAlgorithmOfCertificate(entry.second); });
  const Descriptor folder = makeFolder(folder_);
  if (kept.certificates.empty() || !folder) {
    return;
  }
  replaceFile(folder, fileName(contents.identity), encodeCacheFile(kept));
  prune(folder);
}

void CertificateCache::remove(const CardIdentity& identity) const {
  if (const Descriptor folder = openFolder(folder_)) {
    unlinkat(folder.get(), fileName(identity).c_str(), 0);
  }
}

}  // namespace fncard::card
