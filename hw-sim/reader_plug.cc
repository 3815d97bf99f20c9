// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/reader_plug.h"

#include <fcntl.h>
#include <unistd.h>

#include "hw-sim/descriptor.h"

namespace fncard::hw_sim {
namespace {

tl::unexpected<std::string> cannotBePlugged() {
  return tl::unexpected(std::string(
      "this reader cannot be unplugged: run with --reader-mark, as scripts/with-card does"));
}

}  // namespace

tl::expected<void, std::string> ReaderPlug::unplug() const {
  if (mark_.empty()) {
    return cannotBePlugged();
  }
  if (!Descriptor(::open(mark_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)).valid()) {
    return tl::unexpected("the file " + mark_ + " cannot be written");
  }
  return {};
}

tl::expected<void, std::string> ReaderPlug::plug() const {
  if (mark_.empty()) {
    return cannotBePlugged();
  }
  ::unlink(mark_.c_str());
  return {};
}

}  // namespace fncard::hw_sim
