// SPDX-License-Identifier: Apache-2.0
#include "configuration/bounded_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fncard::configuration {
namespace {

tl::unexpected<Error> failed(const std::string& path, int error) {
  return tl::unexpected(Error{path + ": " + std::generic_category().message(error)});
}

/// What an open file holds.
tl::expected<std::string, Error> readOpen(int file, const std::string& path, std::size_t longest) {
  struct stat status {};
  if (fstat(file, &status) != 0) {
    return failed(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(Error{path + ": not a regular file"});
  }
  std::string text(longest + 1, '\0');  // one more, so that a longer file shows
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t part = read(file, text.data() + size, text.size() - size);
    if (part < 0) {
      return failed(path, errno);
    }
    if (part == 0) {
      break;
    }
    size += static_cast<std::size_t>(part);
  }
  if (size > longest) {
    return tl::unexpected(Error{path + ": longer than " + std::to_string(longest) + " bytes"});
  }
  text.resize(size);
  return text;
}

}  // namespace

tl::expected<std::optional<std::string>, Error> readFile(const std::string& path,
                                                         std::size_t longest) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end
  const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::nullopt;
    }
    return failed(path, errno);
  }
  auto text = readOpen(file, path, longest);
  close(file);
  return text;
}

}  // namespace fncard::configuration
