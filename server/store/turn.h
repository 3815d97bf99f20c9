// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace fncard::server::store {

/// Something that one node at a time does: its turn is over when this goes, or its process dies.
class Turn {
 public:
  Turn() = default;
  virtual ~Turn() = default;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

}  // namespace fncard::server::store
