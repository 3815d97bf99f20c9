// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "tests/server/support/office.h"

/// A browser in front of the whole server in one process.
namespace fncard::server::pages::testing {

using server::testing::kPortalUrl;
using server::testing::TestOffice;

/// Keeps cookies and posts forms as a browser does.
class Browser {
 public:
  explicit Browser(TestOffice& office) : office_(office) {}

  net::Response get(const std::string& target, net::Headers headers = {});
  /// Posts the fields with the form token of the page that was shown last.
  net::Response post(const std::string& path, net::Form fields);
  /// Posts just that.
  net::Response postRaw(const std::string& path, const std::string& body, net::Headers headers);
  net::Response signIn(const TestOffice::Applicant& applicant);

  [[nodiscard]] const std::string& page() const { return page_; }
  /// The value of the last page's hidden field.
  [[nodiscard]] std::string hidden(const std::string& name) const;
  std::map<std::string, std::string> cookies;

 private:
  net::Response send(net::Request request);
  TestOffice& office_;
  std::string page_;
};

class PagesTest : public ::testing::Test {
 protected:
  /// The fields of a right payment form.
  net::Form paymentFields();
  std::string state(const TestOffice::Applicant& applicant);
  /// Everything that a form could have changed.
  std::string everything();

  TestOffice office_;
  TestOffice::Applicant applicant_ = office_.apply();
  Browser browser_{office_};
};

}  // namespace fncard::server::pages::testing
