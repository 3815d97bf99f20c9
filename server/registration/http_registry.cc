// SPDX-License-Identifier: Apache-2.0
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
  explicit HttpRegistry(std::string url) : url_(std::move(url) + "/permits/") {}

  /// permitNumber has passed checkPermitNumber(): letters and digits alone.
  tl::expected<PermitRecord, RegistryError> look(const std::string& permitNumber) override {
    const auto answer = client_.get(url_ + permitNumber);
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
      return tl::unexpected(RegistryError{"its answer is not JSON", true});
    }
    PermitRecord record;
    const std::string state = reader->oneOf("state", {"valid", "unknown", "expired", "revoked"});
    if (state == "unknown") {
      return record;
    }
    const bool bearerIsHolder = reader->boolean("bearerIsHolder");
    record.name = reader->anyText("name", 1, kLongestName);
    record.birthDate = reader->text("birthDate", kDateSize, kDateSize);
    if (!reader->finish() || !parseDateText(record.birthDate)) {
      return tl::unexpected(RegistryError{"its answer is not in the agreed form", true});
    }
    record.status = state == "expired"   ? PermitStatus::Expired
                    : state == "revoked" ? PermitStatus::Revoked
                    : bearerIsHolder     ? PermitStatus::Valid
                                         : PermitStatus::NotHolder;
    return record;
  }

  std::string url_;
  net::Client client_{
      {.timeout = std::chrono::seconds(5), .atOnce = 6, .maxBodyBytes = 64UL * 1024}};
};

}  // namespace

std::unique_ptr<Registry> makeHttpRegistry(const std::string& url) {
  return std::make_unique<HttpRegistry>(url);
}

}  // namespace fncard::server::registration
