// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "hw-sim/card_state.h"
#include "hw-sim/descriptor.h"

namespace fncard::hw_sim {
namespace {

constexpr std::size_t kMaxFileSize = 1U << 20U;

bool writeAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool writeSynchronised(const std::string& path, std::string_view text) {
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  return file.get() >= 0 && writeAll(file.get(), text) && ::fsync(file.get()) == 0;
}

bool synchroniseFolder(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const Descriptor folder(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.get() >= 0 && ::fsync(folder.get()) == 0;
}

}  // namespace

bool StateFile::save(const CardState& state) {
  const std::string beside = path_ + ".new";
  if (!writeSynchronised(beside, toJson(state)) ||
      std::rename(beside.c_str(), path_.c_str()) != 0) {
    ::unlink(beside.c_str());
    return false;
  }
  return synchroniseFolder(path_);
}

tl::expected<CardState, std::string> StateFile::load() const {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return tl::unexpected(std::string("it cannot be opened"));
  }
  std::string text;
  std::string chunk(16'384, '\0');
  for (;;) {
    const ssize_t size = ::read(file.get(), chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return tl::unexpected(std::string("it cannot be read"));
    }
    if (size == 0) {
      break;
    }
    text.append(chunk, 0, static_cast<std::size_t>(size));
    if (text.size() > kMaxFileSize) {
      return tl::unexpected(std::string("it is larger than a card can be"));
    }
  }
  return cardStateFromJson(text);
}

}  // namespace fncard::hw_sim
