// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "server/api/call.h"

namespace fncard::server::api {
namespace {

constexpr std::size_t kLargestOcspRequest = 16UL * 1024;

std::string bodyOf(const store::Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

Answer ocsp(const Services& services, const store::Bytes& request) {
  net::Response response = net::Response::bytes(200, "application/ocsp-response",
                                                bodyOf(services.publication.ocsp(request)));
  // a status that changes is told from the next answer on, so nobody in between may keep this one
  response.headers["cache-control"] = "no-cache";
  return response;
}

Answer ocspByGet(const Services& services, const std::string& base64) {
  const auto request =
      base64.size() <= kLargestOcspRequest ? net::decodeBase64(base64) : std::nullopt;
  return ocsp(services, request.value_or(store::Bytes{}));
}

Answer crl(const Services& services, const std::string& file) {
  constexpr std::string_view kSuffix = ".crl";
  unsigned shard = 0;
  const std::size_t digits = file.size() - std::min(file.size(), kSuffix.size());
  const auto [end, error] = std::from_chars(file.data(), file.data() + digits, shard);
  if (!file.ends_with(kSuffix) || error != std::errc() || end != file.data() + digits ||
      std::to_string(shard).size() != digits) {
    return refused(404, "request.not-found");
  }
  const auto der = services.publication.crl(shard);
  if (!der) {
    return tl::unexpected(der.error());
  }
  net::Response response = net::Response::bytes(200, "application/pkix-crl", bodyOf(*der));
  response.headers["cache-control"] = "no-cache";
  return response;
}

Answer certificateFile(const store::Bytes& der) {
  return net::Response::bytes(200, "application/pkix-cert", bodyOf(der));
}

std::string_view nameOf(status::CertificateStatus status) {
  switch (status) {
    case status::CertificateStatus::Good:
      return "good";
    case status::CertificateStatus::OnHold:
      return "on-hold";
    case status::CertificateStatus::Revoked:
      return "revoked";
    case status::CertificateStatus::Unknown:
      break;
  }
  return "unknown";
}

Answer certificateStatus(const Services& services, std::string serial) {
  std::ranges::transform(serial, serial.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const auto status = services.publication.status(serial);
  if (!status) {
    return tl::unexpected(status.error());
  }
  return json(200, {{"status", nameOf(status->status)}, {"since", timeOrNull(status->since)}});
}

}  // namespace

void addStatusRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", "/ocsp", [services](const net::Request& request, const Parameters&) {
    const std::size_t size = std::min(request.body.size(), kLargestOcspRequest + 1);
    return ocsp(services, store::Bytes(request.body.begin(),
                                       request.body.begin() + static_cast<std::ptrdiff_t>(size)));
  });
  routes.add("GET", "/ocsp/{request*}",
             [services](const net::Request&, const Parameters& parameters) {
               return ocspByGet(services, parameters.at("request"));
             });
  routes.add("GET", "/crl/{file}", [services](const net::Request&, const Parameters& parameters) {
    return crl(services, parameters.at("file"));
  });
  routes.add("GET", "/ca/issuing.cer", [services](const net::Request&, const Parameters&) {
    return certificateFile(services.certificates.issuing);
  });
  routes.add("GET", "/ca/root.cer", [services](const net::Request&, const Parameters&) {
    return certificateFile(services.certificates.root);
  });
  routes.add("GET", "/api/v1/certificates/{serial}/status",
             [services](const net::Request&, const Parameters& parameters) {
               return certificateStatus(services, parameters.at("serial"));
             });
}

net::Handler onPlainListener(net::Handler handler) {
  return [handler = std::move(handler)](const net::Request& request) {
    const std::string_view path = request.path();
    if (path.starts_with("/api/") && !path.starts_with("/api/v1/certificates/")) {
      return errorResponse(request, Error{.status = 403, .code = "request.tls-required"});
    }
    return handler(request);
  };
}

}  // namespace fncard::server::api
