// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/types.h"

#include <utility>

namespace fncard::server::personalisation {

tl::unexpected<Error> stopped(std::string_view code, messages::Parameters parameters) {
  return tl::unexpected(Error{std::string(code), std::move(parameters), {}});
}

tl::unexpected<Error> stopped(const card::Error& error) {
  return stopped(card::messageCode(error.code),
                 {{"tries", error.triesLeft ? std::to_string(*error.triesLeft) : "?"}});
}

}  // namespace fncard::server::personalisation
