// SPDX-License-Identifier: Apache-2.0
#include "server/base/clock.h"

#include <fstream>

namespace fncard::server {

Time FileClock::now() const {
  std::ifstream file(path_);
  long long offset = 0;
  if (!(file >> offset)) {
    offset = 0;
  }
  return std::chrono::system_clock::now() + std::chrono::seconds(offset);
}

}  // namespace fncard::server
