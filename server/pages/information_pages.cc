// SPDX-License-Identifier: Apache-2.0
#include "server/pages/site.h"

namespace fncard::server::pages {
namespace {

/// A page that says the same to everybody.
void addText(Site& site, const std::string& path, const std::string& name,
             const std::string& script = {}) {
  site.get(path, Access::Everybody, [&site, name, script](const Visit& visit) -> Answer {
    nlohmann::json values = {{"title", visit.text("pages." + name + "-title")},
                             {"portal", site.options().portalUrl}};
    if (!script.empty()) {
      values["script"] = script;
    }
    return site.page(visit, 200, name, std::move(values));
  });
}

}  // namespace

void addInformationPages(Site& site) {
  addText(site, "/", "start");
  addText(site, "/activation", "activation");
  addText(site, "/unblock", "unblock");
  // not /ready, which is where a load balancer asks
  addText(site, "/computer", "computer", "computer.mjs");
  addText(site, "/privacy", "privacy");
}

}  // namespace fncard::server::pages
