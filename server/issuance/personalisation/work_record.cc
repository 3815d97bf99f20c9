// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/work_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "net/base64.h"

namespace fncard::server::personalisation {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

tl::unexpected<Error> unusable(const std::string& what) {
  return stopped("perso.work-dir", {{"detail", what}});
}

tl::unexpected<Error> unusable(const std::string& path, int error) {
  return unusable(path + ": " + std::generic_category().message(error));
}

std::string recordFile(const std::string& directory) {
  return directory + "/job.json";
}

json encode(const WorkRecord& record) {
  json object = {{"idempotencyKey", record.idempotencyKey},
                 {"jobId", record.jobId},
                 {"guid", net::encodeBase64(record.guid)},
                 {"pukChanging", record.pukChanging},
                 {"pinChanging", record.pinChanging}};
  if (record.publicKeys) {
    for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
      object["publicKeys"][kKeySlots.at(i).name] = net::encodeBase64(record.publicKeys->at(i));
    }
  }
  return object;
}

// Throws what nlohmann throws for a member of another type; the caller turns it into an error.
WorkRecord decode(const json& object) {
  const auto bytes = [](const json& member) {
    auto value = net::decodeBase64(member.get<std::string>());
    return value ? *value : throw std::invalid_argument("base64");
  };
  WorkRecord record;
  record.idempotencyKey = object.at("idempotencyKey").get<std::string>();
  record.jobId = object.at("jobId").get<std::string>();
  const Bytes guid = bytes(object.at("guid"));
  if (guid.size() != record.guid.size()) {
    throw std::invalid_argument("guid");
  }
  std::copy(guid.begin(), guid.end(), record.guid.begin());
  record.pukChanging = object.at("pukChanging").get<bool>();
  record.pinChanging = object.at("pinChanging").get<bool>();
  if (object.contains("publicKeys")) {
    record.publicKeys.emplace();
    for (std::size_t i = 0; i < kKeySlots.size(); ++i) {
      record.publicKeys->at(i) = bytes(object.at("publicKeys").at(kKeySlots.at(i).name));
    }
  }
  return record;
}

// 0, or the errno of what failed. A rename is the one change that a power cut cannot halve.
int writeDurably(const std::string& file, const std::string& directory, const std::string& text) {
  const std::string next = file + ".next";
  const int out = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) {
    return errno;
  }
  const bool written =
      write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(out) == 0;
  int error = written ? 0 : (errno != 0 ? errno : EIO);
  close(out);
  if (error == 0 && rename(next.c_str(), file.c_str()) != 0) {
    error = errno;
  }
  const int folder = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (error == 0 && (folder < 0 || fsync(folder) != 0)) {
    error = errno;
  }
  if (folder >= 0) {
    close(folder);
  }
  return error;
}

}  // namespace

Result<WorkDirectory> WorkDirectory::open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return unusable(path + ": " + error.message());
  }
  chmod(path.c_str(), S_IRWXU);
  const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return unusable(path, errno);
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return stopped("perso.work-dir-busy");
  }
  return WorkDirectory(path, lock);
}

WorkDirectory::WorkDirectory(WorkDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

WorkDirectory::~WorkDirectory() {
  if (lock_ >= 0) {
    close(lock_);
  }
}

Result<std::optional<WorkRecord>> WorkDirectory::load() const {
  const std::string file = recordFile(path_);
  if (!fs::exists(file)) {
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  try {
    return decode(json::parse(text.str()));
  } catch (const std::exception&) {
    return unusable(file);
  }
}

Result<void> WorkDirectory::store(const WorkRecord& record) const {
  const int error = writeDurably(recordFile(path_), path_, encode(record).dump(2) + "\n");
  return error == 0 ? Result<void>() : unusable(path_, error);
}

Result<void> WorkDirectory::clear() const {
  if (unlink(recordFile(path_).c_str()) != 0 && errno != ENOENT) {
    return unusable(path_, errno);
  }
  return {};
}

}  // namespace fncard::server::personalisation
