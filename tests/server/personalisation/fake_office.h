// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "net/server.h"
#include "server/issuance/personalisation/production_client.h"

namespace fncard::server::personalisation {

/// The server's side of docs/api.md, "Production", in memory, with a CA of its own. It keeps the
/// rules that the station relies on, and remembers what it saw so that tests can judge.
class FakeOffice {
 public:
  enum class Fault { None, BeforeIt, AfterIt };  ///< nothing happened, or the answer was lost

  explicit FakeOffice(std::string profile = "p256", std::optional<net::TlsOptions> tls = {});

  [[nodiscard]] std::string url() const;
  void addJob(const std::string& cardNumber);
  /// The Nth call from now on (0 is the next one) is answered 503.
  void failCall(int n, Fault fault);
  [[nodiscard]] int calls();

  // what it knows, for one job at a time
  struct JobState {
    std::string cardNumber;
    std::string state = "claimed";
    std::map<std::string, Bytes> publicKeys;
    std::map<std::string, Bytes> certificates;
    std::string mailNumber;
  };
  std::map<std::string, JobState> jobs;       ///< by job identifier
  std::map<std::string, std::string> claims;  ///< job by idempotency key
  int certificateSets = 0;                    ///< how often other keys came
  std::function<void(JobState&)> tamper;      ///< changes a job before it answers
  std::set<std::string> stations;             ///< common names of client certificates

  static constexpr const char* kTransportPin = "73915482";
  static Bytes puk();
  static Bytes managementKey();

 private:
  net::Response handle(const net::Request& request);
  net::Response claim(const net::Request& request);
  net::Response describe(const std::string& jobId);
  net::Response certify(const std::string& jobId, const net::Request& request);
  net::Response check(const std::string& jobId, const net::Request& request);
  Bytes issue(const Bytes& publicKey);

  std::string profile_;
  bool tls_;
  net::Router router_;
  std::mutex mutex_;
  int calls_ = 0;
  int faultAt_ = -1;
  Fault fault_ = Fault::None;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> caKey_;
  long serial_ = 1;
  std::unique_ptr<net::Server> server_;
};

}  // namespace fncard::server::personalisation
