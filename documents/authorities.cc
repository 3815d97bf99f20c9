// SPDX-License-Identifier: Apache-2.0
#include "documents/authorities.h"

#include <filesystem>
#include <set>

#include "configuration/bounded_file.h"

namespace fncard::documents {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kLongestFile = std::size_t{64} * 1024;
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

std::set<std::string> filesOf(const std::string& fileOrFolder) {
  std::error_code failure;
  if (!fs::is_directory(fileOrFolder, failure)) {
    return {fileOrFolder};
  }
  std::set<std::string> names;
  for (fs::directory_iterator at(fileOrFolder, failure), end; !failure && at != end;
       at.increment(failure)) {
    names.insert(at->path().string());
    if (names.size() > kMostFiles) {
      names.erase(std::prev(names.end()));
    }
  }
  return names;
}

void add(const std::string& one, Authorities& into) {
  const auto certificate = trust::Certificate::read({one.begin(), one.end()});
  if (certificate) {
    (trust::isIssuedBy(*certificate, certificate->der) ? into.roots : into.intermediates)
        .push_back(certificate->der);
  }
}

}  // namespace

Authorities readAuthorities(const std::string& fileOrFolder) {
  Authorities authorities;
  for (const std::string& name : filesOf(fileOrFolder)) {
    const auto text = configuration::readFile(name, kLongestFile);
    if (!text || !*text) {
      continue;
    }
    std::size_t at = (*text)->find("-----BEGIN ");
    if (at == std::string::npos) {
      add(**text, authorities);
      continue;
    }
    for (std::size_t end = 0; at != std::string::npos; at = (*text)->find("-----BEGIN ", end)) {
      end = (*text)->find(kEnd, at);
      end = end == std::string::npos ? (*text)->size() : end + kEnd.size();
      add((*text)->substr(at, end - at), authorities);
    }
  }
  return authorities;
}

}  // namespace fncard::documents
