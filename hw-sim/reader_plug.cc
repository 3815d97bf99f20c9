// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/reader_plug.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "hw-sim/descriptor.h"

namespace fncard::hw_sim {
namespace {

tl::unexpected<std::string> cannotBePlugged() {
  return tl::unexpected(
      std::string("this reader cannot be unplugged: run with --reader-mark and "
                  "--pcscd-pid, as scripts/with-card does"));
}

}  // namespace

tl::expected<void, std::string> ReaderPlug::unplug() const {
  if (mark_.empty()) {
    return cannotBePlugged();
  }
  if (!Descriptor(::open(mark_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)).valid()) {
    return tl::unexpected("the file " + mark_ + " cannot be written");
  }
  return tellService();
}

tl::expected<void, std::string> ReaderPlug::plug() const {
  if (mark_.empty()) {
    return cannotBePlugged();
  }
  ::unlink(mark_.c_str());
  return tellService();
}

/// pcscd looks at its readers of reader.conf again when it gets SIGUSR1, which is all that
/// `pcscd --hotplug` does.
tl::expected<void, std::string> ReaderPlug::tellService() const {
  std::ifstream file(serviceProcess_);
  pid_t process = 0;
  if (!(file >> process) || process <= 1 || ::kill(process, SIGUSR1) != 0) {
    return tl::unexpected("no pcscd has its process id in " + serviceProcess_);
  }
  return {};
}

}  // namespace fncard::hw_sim
