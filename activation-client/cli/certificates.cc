// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "activation-client/cli/certificate_text.h"
#include "activation-client/cli/commands.h"
#include "card/card.h"
#include "documents/file.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;

constexpr std::size_t kPemLine = 64;

std::string pem(const Bytes& der) {
  std::string base64((der.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero
  base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(base64.data()), der.data(), static_cast<int>(der.size()))));
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kPemLine) {
    text += base64.substr(at, kPemLine) + "\n";
  }
  return text + "-----END CERTIFICATE-----\n";
}

// Into the folder, as signature.pem and encryption.pem.
tl::expected<std::string, std::string> exportTo(const std::string& folder, card::KeyRole role,
                                                const Bytes& der, bool replace) {
  const std::string file = (std::filesystem::path(folder) /
                            (role == card::KeyRole::Signature ? "signature.pem" : "encryption.pem"))
                               .string();
  const std::string text = pem(der);
  if (const auto written = documents::writeDocument(file, {text.begin(), text.end()}, replace);
      !written) {
    return tl::unexpected(written.error());
  }
  return file;
}

}  // namespace

int runCertificates(card::ReaderService& readers, const Settings& settings,
                    const CertificatesOptions& options, const Output& output) {
  const auto card = card::openAnyCard(readers, settings.reader);
  if (!card) {
    return output.fail(card.error());
  }
  const auto application = (*card)->begin();
  if (!application) {
    return output.fail(application.error());
  }
  json all = json::object();
  for (const auto& [role, name, messageCode] : kHoldersCertificates) {
    const auto der = (*application)->readCertificate(role);
    if (!der && der.error().code == card::ErrorCode::ObjectNotFound) {
      continue;
    }
    if (!der) {
      return output.fail(der.error());
    }
    const auto certificate = trust::Certificate::read(*der);
    if (!certificate) {
      return output.fail(Refused, trust::messageCode(certificate.error().code));
    }
    all[name] = describeCertificate(*certificate, messageCode, output);
    all[name]["pem"] = pem(*der);
    if (!options.folder.empty()) {
      const auto file = exportTo(options.folder, role, *der, options.force);
      if (!file) {
        return output.fail(Refused, file.error(), {{"file", options.folder}});
      }
      output.say("client.exported", {{"output", *file}});
      all[name]["file"] = *file;
    }
  }
  if (all.empty()) {
    return output.fail(NothingToWorkOn, "client.status-no-certificates");
  }
  output.result({{"cardNumber", (*card)->identity().cardNumber}, {"certificates", all}});
  return Done;
}

}  // namespace fncard::activation_client
