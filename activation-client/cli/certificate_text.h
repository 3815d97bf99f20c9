// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "activation-client/cli/output.h"
#include "card/card_application.h"
#include "trust/certificate.h"

/// Certificates and times as the commands show them.
namespace fncard::activation_client {

struct HoldersCertificate {
  card::KeyRole role;
  const char* name;         // of the member in the JSON
  const char* messageCode;  // of the line
};
inline constexpr HoldersCertificate kHoldersCertificates[] = {
    {card::KeyRole::Signature, "signature", "client.status-certificate-signature"},
    {card::KeyRole::KeyManagement, "keyManagement", "client.status-certificate-encryption"}};

/// RFC 3339 in UTC, for programs.
std::string iso(trust::Time time);

/// As people in Taiwan see the day: UTC+8 all year.
std::string day(trust::Time time);

/// Says a line and gives the members.
nlohmann::json describeCertificate(const trust::Certificate& certificate, const char* messageCode,
                                   const Output& output);

}  // namespace fncard::activation_client
