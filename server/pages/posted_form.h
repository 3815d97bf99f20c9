// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"
#include "server/base/error.h"

namespace fncard::server::pages {

/// The fields of a form that a browser posted: well-formed UTF-8 without control characters, each
/// there once. Wiped in memory when it goes.
class PostedForm {
 public:
  /// 415 pages.content-type, 400 request.malformed.
  static Result<PostedForm> read(const net::Request& request);
  PostedForm(PostedForm&&) noexcept = default;
  PostedForm& operator=(PostedForm&&) = delete;
  ~PostedForm();

  /// Without white space around it; empty when it is absent.
  [[nodiscard]] std::string text(std::string_view name) const;
  /// A number as it stands on permit or card, in whatever case and with whatever spaces and hyphens
  /// it was typed.
  [[nodiscard]] std::string number(std::string_view name) const;

 private:
  explicit PostedForm(net::Form fields) : fields_(std::move(fields)) {}
  net::Form fields_;
};

}  // namespace fncard::server::pages
