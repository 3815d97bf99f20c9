// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/pin.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace fncard::server::hsm {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> fault(const std::string& path, const std::string& what) {
  return tl::unexpected(Error{"The HSM's PIN file " + path + " " + what});
}

std::string systemMessage() {
  return std::generic_category().message(errno);
}

Result<void> checkOwnership(const std::string& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fault(path, "is not a plain file; name the file that holds the PIN.");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fault(path, "can be read by others; run: chmod 600 " + path);
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fault(path, "belongs to another user; give it to the user that runs the server.");
  }
  return {};
}

bool writeAll(int descriptor, std::span<const unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

void Pin::Wipe::operator()(unsigned char* bytes) const {
  sodium_free(bytes);
}

Result<Pin> Pin::allocate() {
  Pin pin;
  if (sodium_init() < 0) {
    return tl::unexpected(Error{"libsodium does not start: there is no source of randomness."});
  }
  pin.bytes_.reset(static_cast<unsigned char*>(sodium_malloc(kMaxSize + 1)));
  if (!pin.bytes_) {
    return tl::unexpected(Error{"There is no locked memory for the PIN; raise RLIMIT_MEMLOCK."});
  }
  return pin;
}

Result<Pin> Pin::read(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return fault(path, "cannot be opened (" + systemMessage() + "); check hsm.pinFile.");
  }
  if (auto owned = checkOwnership(path, file.get()); !owned) {
    return tl::unexpected(owned.error());
  }
  auto pin = allocate();
  if (!pin) {
    return pin;
  }
  std::size_t size = 0;
  while (size <= kMaxSize) {
    const ssize_t got = ::read(file.get(), pin->bytes_.get() + size, kMaxSize + 1 - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fault(path, "cannot be read (" + systemMessage() + ").");
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  const unsigned char* const begin = pin->bytes_.get();
  const unsigned char* const end = std::find_if(
      begin, begin + size, [](unsigned char c) { return c == '\n' || c == '\r' || c == '\0'; });
  pin->size_ = static_cast<std::size_t>(end - begin);
  if (pin->size_ == 0 || pin->size_ > kMaxSize) {
    return fault(path, "must hold the PIN, 1 to 255 bytes, in its first line.");
  }
  return pin;
}

Result<Pin> Pin::random() {
  auto pin = allocate();
  if (!pin) {
    return pin;
  }
  // 32 letters and digits without look-alikes: five bits of a random byte choose one
  constexpr std::string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  static_assert(kAlphabet.size() == 32);
  pin->size_ = 32;
  randombytes_buf(pin->bytes_.get(), pin->size_);
  for (unsigned char& byte : pin->bytes()) {
    byte = static_cast<unsigned char>(kAlphabet[byte & 0x1FU]);
  }
  return pin;
}

Result<void> writePinFile(const std::string& path, const Pin& pin) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) {
    return fault(path, "cannot be made (" + systemMessage() + ").");
  }
  const unsigned char lineEnd = '\n';
  if (!writeAll(file.get(), pin.bytes()) || !writeAll(file.get(), {&lineEnd, 1}) ||
      ::fsync(file.get()) != 0) {
    const std::string reason = systemMessage();
    ::unlink(path.c_str());
    return fault(path, "cannot be written (" + reason + ").");
  }
  return {};
}

}  // namespace fncard::server::hsm
