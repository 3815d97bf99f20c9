// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "net/client.h"
#include "server/base/json_reader.h"
#include "server/base/time.h"
#include "server/registration/registry.h"

namespace fncard::server::registration {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kDateSize = 10;

class HttpRegistry : public Registry {
 public:
  explicit HttpRegistry(std::string url) : url_(std::move(url) + "/permits/query") {}

  tl::expected<PermitRecord, RegistryError> look(const std::string& permitNumber) override {
    const auto answer = client_.post(url_, "application/json",
                                     nlohmann::json{{"permitNumber", permitNumber}}.dump());
    if (!answer) {
      return tl::unexpected(RegistryError{answer.error().detail});
    }
    if (answer->status != 200) {
      return tl::unexpected(RegistryError{"it answered " + std::to_string(answer->status)});
    }
    return read(answer->body);
  }

 private:
  static tl::expected<PermitRecord, RegistryError> read(const std::string& body) {
    auto reader = JsonReader::parse(body);
    if (!reader) {
      return tl::unexpected(RegistryError{"its answer is not JSON"});
    }
    PermitRecord record;
    const std::string status =
        reader->oneOf("status", {"valid", "unknown", "expired", "revoked", "not-holder"});
    record.name = reader->optionalText("name", 0, kLongestName);
    record.birthDate = reader->optionalText("birthDate", 0, kDateSize);
    if (!reader->finish()) {
      return tl::unexpected(RegistryError{"its answer is not in the agreed form"});
    }
    record.status = status == "valid"     ? PermitStatus::Valid
                    : status == "expired" ? PermitStatus::Expired
                    : status == "revoked" ? PermitStatus::Revoked
                    : status == "unknown" ? PermitStatus::Unknown
                                          : PermitStatus::NotHolder;
    if (record.status == PermitStatus::Valid &&
        (record.name.empty() || !parseDateText(record.birthDate))) {
      return tl::unexpected(RegistryError{"its answer lacks name or birth date"});
    }
    return record;
  }

  std::string url_;
  net::Client client_{{.timeout = std::chrono::seconds(5), .maxBodyBytes = 64UL * 1024}};
};

}  // namespace

std::unique_ptr<Registry> makeHttpRegistry(const std::string& url) {
  return std::make_unique<HttpRegistry>(url);
}

}  // namespace fncard::server::registration
