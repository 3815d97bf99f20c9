// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "server/issuance/personalisation/types.h"

namespace fncard::server::personalisation {

/// What the station must still know after a power cut, and nothing secret. Each change is stored
/// before the step that it speaks of: what stands here may have happened, what does not has not.
struct WorkRecord {
  std::string idempotencyKey;  ///< of the claim
  std::string jobId;           ///< empty until the claim was answered
  std::array<std::uint8_t, 16> guid{};
  std::optional<PerKey<Bytes>> publicKeys;  ///< generated on the card that carries guid
  bool pukChanging = false;                 ///< the PUK is the factory's or already the job's
  bool pinChanging = false;  ///< the PIN is the factory's or already the transport PIN
};

/// One job at a time in one directory, which this object holds locked.
class WorkDirectory {
 public:
  /// Makes the directory (mode 0700) when it is not there. perso.work-dir-busy when another station
  /// holds it.
  static Result<WorkDirectory> open(const std::string& path);
  ~WorkDirectory();
  WorkDirectory(WorkDirectory&& other) noexcept;
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  /// Nothing when no job is under way. perso.work-dir when the file is not ours.
  [[nodiscard]] Result<std::optional<WorkRecord>> load() const;
  /// On the disk when it returns.
  [[nodiscard]] Result<void> store(const WorkRecord& record) const;
  [[nodiscard]] Result<void> clear() const;

 private:
  WorkDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace fncard::server::personalisation
