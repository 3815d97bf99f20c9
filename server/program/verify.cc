// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/api/verdict.h"
#include "server/base/time.h"
#include "server/program/commands.h"

namespace fncard::server::program {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestFile = 1UL << 30;  // as SignedMessage::read takes

Outcome<trust::Bytes> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0 || static_cast<std::size_t>(size) > kLargestFile) {
    return stop("The file " + path + " cannot be read, or is larger than 1 GiB.");
  }
  trust::Bytes bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), size)) {
    return stop("The file " + path + " cannot be read.");
  }
  return bytes;
}

/// A file is read as a certificate first, then as a signed message.
Result<json> verdictOf(const trust::Bytes& bytes, const std::optional<trust::Bytes>& content,
                       const api::Judge& judge, messages::Language language) {
  if (const auto certificate = trust::Certificate::read(bytes)) {
    return api::verdictOf(*certificate, judge, language);
  }
  const auto message = trust::SignedMessage::read(bytes, content);
  return message ? api::verdictOf(*message, judge, language)
                 : api::answerOf(tl::unexpected(message.error()), language);
}

void printAnswer(const char* question, const json& answer) {
  std::cout << "  " << question << ": ";
  if (answer["good"].get<bool>()) {
    std::cout << "yes\n";
    return;
  }
  std::cout << "no, " << answer["code"].get<std::string>() << ": "
            << answer["message"].get<std::string>();
  if (answer.contains("since") && answer["since"].is_string()) {
    std::cout << " (" << answer["since"].get<std::string>() << ")";
  }
  std::cout << "\n";
}

/// The questions of one certificate or one signer.
void printQuestions(const json& verdict) {
  if (verdict["certificate"].is_object()) {
    std::cout << "  " << verdict["certificate"]["subject"].get<std::string>() << "\n";
  }
  if (verdict.contains("signingTime") && verdict["signingTime"].is_string()) {
    std::cout << "  signed, as they say, at " << verdict["signingTime"].get<std::string>() << "\n";
  }
  for (const char* const question :
       {"signature", "chain", "time", "status", "class", "assuranceLevel", "keyUsage"}) {
    if (verdict.contains(question)) {
      printAnswer(question, verdict[question]);
    }
  }
}

void print(const std::string& file, const json& verdict) {
  std::cout << file << ": " << (verdict["good"].get<bool>() ? "good" : "not good") << "\n";
  if (verdict.contains("signers")) {
    for (const json& signer : verdict["signers"]) {
      std::cout << " signer\n";
      printQuestions(signer);
    }
  } else if (verdict.contains("certificate")) {
    printQuestions(verdict);
  } else {
    printAnswer("readable", verdict);
  }
}

}  // namespace

Outcome<void> verify(const VerifyOptions& options) {
  const Files files(options.directory);
  const auto certificates = readCertificates(files);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  const auto store = openStore(files);
  if (!store) {
    return tl::unexpected(store.error());
  }
  std::optional<trust::Bytes> content;
  if (!options.content.empty()) {
    auto read = readFile(options.content);
    if (!read) {
      return tl::unexpected(read.error());
    }
    content = *std::move(read);
  }
  const Time at = parseUtcText(options.at).value_or(std::chrono::system_clock::now());
  const api::Judge judge = [&](const trust::Certificate& certificate,
                               const std::vector<trust::Bytes>& along) {
    return publication::judge(**store, *certificates, certificate, along,
                              api::purposeOf(options.purpose), at);
  };
  const messages::Language language = messages::ofEnvironment();
  json all = json::array();
  std::size_t notGood = 0;
  for (const std::string& file : options.files) {
    const auto bytes = readFile(file);
    if (!bytes) {
      return tl::unexpected(bytes.error());
    }
    auto verdict = verdictOf(*bytes, content, judge, language);
    if (!verdict) {
      return stop("The database cannot be read: " + verdict.error().detail + ".");
    }
    notGood += (*verdict)["good"].get<bool>() ? 0 : 1;
    if (options.json) {
      (*verdict)["file"] = file;
      all.push_back(*std::move(verdict));
    } else {
      print(file, *verdict);
    }
  }
  if (options.json) {
    std::cout << all.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
  }
  if (notGood > 0) {
    return stop("Do not rely on " + std::to_string(notGood) + " of " +
                std::to_string(options.files.size()) + " files.");
  }
  return {};
}

}  // namespace fncard::server::program
