// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/registration.h"

#include <nlohmann/json.hpp>

#include "activation-client/browsers/security_devices.h"

namespace fncard::activation_client {
namespace {

using browsers::Database;
using browsers::Registration;
using nlohmann::json;

messages::Parameters parametersOf(const Database& database) {
  return {{"browser", browsers::nameOf(database.browser)}, {"folder", database.folder.string()}};
}

/// What was done with each database, or why not.
class Changes {
 public:
  Changes(const Output& output, std::filesystem::path module)
      : output_(output), module_(std::move(module)) {}

  void apply(const Database& database, bool wanted) {
    if (database.confined) {
      tell(database, "confined", "client.register-confined");
      return;
    }
    const auto before = browsers::registrationOf(database, module_);
    const bool done = wanted ? before == Registration::Present : before == Registration::Absent;
    if (done) {
      tell(database, wanted ? "registered" : "absent",
           wanted ? "client.registered" : "client.unregistered");
      return;
    }
    if (browsers::isInUse(database)) {
      refuse(database, "in-use", "client.register-in-use");
      return;
    }
    const auto changed = wanted ? browsers::add(database, module_) : browsers::remove(database);
    if (!changed) {
      refuse(database, "failed", changed.error());
      return;
    }
    tell(database, wanted ? "registered" : "absent",
         wanted ? "client.registered" : "client.unregistered");
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] const json& databases() const { return databases_; }

 private:
  void tell(const Database& database, const char* state, std::string_view code) {
    output_.say(code, parametersOf(database));
    databases_.push_back({{"browser", browsers::nameOf(database.browser)},
                          {"folder", database.folder.string()},
                          {"state", state},
                          {"code", code},
                          {"message", output_.sentence(code, parametersOf(database))}});
  }
  void refuse(const Database& database, const char* state, std::string_view code) {
    good_ = false;
    tell(database, state, code);
  }

  const Output& output_;
  std::filesystem::path module_;
  json databases_ = json::array();
  bool good_ = true;
};

int change(const RegistrationOptions& options, bool wanted, const Output& output) {
  const auto module = std::filesystem::absolute(options.module);
  std::error_code failure;
  if (wanted && !std::filesystem::is_regular_file(module, failure)) {
    return output.fail(NothingToWorkOn, "client.register-no-module", {{"file", module.string()}});
  }
  const auto databases = browsers::databasesOf(browsers::Home::ofEnvironment());
  if (databases.empty()) {
    return output.fail(NothingToWorkOn, "client.register-no-browser");
  }
  Changes changes(output, module);
  for (const Database& database : databases) {
    changes.apply(database, wanted);
  }
  output.result(
      {{"done", changes.good()}, {"module", module.string()}, {"databases", changes.databases()}});
  return changes.good() ? Done : Refused;
}

}  // namespace

std::string installedModule() {
  return FNCARD_INSTALLED_MODULE;
}

int runRegister(const RegistrationOptions& options, const Output& output) {
  return change(options, true, output);
}

int runUnregister(const RegistrationOptions& options, const Output& output) {
  return change(options, false, output);
}

}  // namespace fncard::activation_client
