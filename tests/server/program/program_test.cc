// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "net/client.h"
#include "server/sandbox/gateway.h"
#include "server/sandbox/registry.h"
#include "tests/server/issuance/test_authority.h"
#include "tests/server/support/test_database.h"

/// fncard-server as a program: its files, its two listeners, its life and death.
namespace fncard::server {
namespace {

using issuance::testing::Output;
using nlohmann::json;

constexpr const char* kProgram = FNCARD_SERVER_PROGRAM;

std::string readFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ProgramTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new hsm::testing::TestDirectory;
    const testing::TestDatabase database;
    const std::string store =
        testing::TestDatabase::isPostgresql() ? " --store '" + database.location() + "'" : "";
    const Output made = command("init --sandbox --directory " + authority() + store);
    ASSERT_EQ(made.exitCode, 0) << made.text;
    for (const std::string who : {"window-1 --role officer", "station-1 --role station"}) {
      const Output added =
          command("operator add " + who + " --output " + keys() + " --directory " + authority());
      ASSERT_EQ(added.exitCode, 0) << added.text;
    }
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }
  void SetUp() override {
    registry_ = *sandbox::startRegistry({});
    gateway_ = *sandbox::startGateway({.now = [this] {
      return std::chrono::system_clock::now() + std::chrono::seconds(moved_);
    }});
  }
  void TearDown() override { end(SIGKILL); }

  static std::string authority() { return *shared_ / "authority"; }
  static std::string keys() { return *shared_ / "keys"; }
  static Output command(const std::string& arguments) {
    return issuance::testing::run(std::string(kProgram) + " " + arguments);
  }

  void serve(const std::vector<std::string>& more = {}) {
    const std::string ports = *shared_ / "ports";
    std::remove(ports.c_str());
    std::vector<std::string> arguments = {kProgram,       "serve",
                                          "--directory",  authority(),
                                          "--port",       "0",
                                          "--tls-port",   "0",
                                          "--port-file",  ports,
                                          "--registry",   url(*registry_),
                                          "--gateway",    url(*gateway_),
                                          "--clock-file", *shared_ / "clock"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> raw;
    for (const std::string& argument : arguments) {
      raw.push_back(const_cast<char*>(argument.c_str()));
    }
    raw.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&server_, kProgram, nullptr, nullptr, raw.data(), environ), 0);
    while (::waitpid(server_, nullptr, WNOHANG) == 0) {
      std::ifstream file(ports);
      if (file >> port_ >> tlsPort_) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    server_ = 0;
    FAIL() << "the server ended at once";
  }
  /// The wait status.
  int end(int signal) {
    int status = 0;
    if (server_ > 0) {
      ::kill(server_, signal);
      ::waitpid(server_, &status, 0);
      server_ = 0;
    }
    return status;
  }

  static std::string url(const net::Server& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
  }
  [[nodiscard]] std::string plain() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string tls() const { return "https://127.0.0.1:" + std::to_string(tlsPort_); }
  static net::Client as(const std::string& name) {
    net::ClientOptions options{.trustFile = authority() + "/operators-ca.pem"};
    if (!name.empty()) {
      options.certificateChainFile = keys() + "/" + name + ".pem";
      options.privateKeyFile = keys() + "/" + name + ".key";
    }
    return net::Client(options);
  }
  static int statusOf(const net::Client& client, const std::string& url) {
    const auto answer = client.post(url, "application/json", "{}");
    return answer ? answer->status : 0;
  }
  Output registerApplicant(const std::string& permitNumber, const std::string& more) {
    return command("register --server " + tls() + " --certificate " + keys() +
                   "/window-1.pem --key " + keys() + "/window-1.key --trust " + keys() +
                   "/operators-ca.pem --bearer-confirmed --phone 0912345678 --permit-number " +
                   permitNumber + " " + more);
  }
  static std::string stateOf(const std::string& orderId) {
    const json orders = json::parse(command("orders --json --directory " + authority()).text);
    for (const json& order : orders) {
      if (order["orderId"] == orderId) {
        return order["state"];
      }
    }
    return {};
  }

  static hsm::testing::TestDirectory* shared_;
  /// The gateway lives in the time of the server's: its queries are stamped.
  std::atomic<long long> moved_ = 0;
  std::unique_ptr<net::Server> registry_;
  std::unique_ptr<net::Server> gateway_;
  pid_t server_ = 0;
  unsigned port_ = 0;
  unsigned tlsPort_ = 0;
};
hsm::testing::TestDirectory* ProgramTest::shared_ = nullptr;

TEST_F(ProgramTest, UsageIsToldAndWrongUsageIsTwo) {
  EXPECT_EQ(command("--version").exitCode, 0);
  EXPECT_NE(command("--help").text.find("Examples:"), std::string::npos);
  EXPECT_EQ(command("").exitCode, 2);
  EXPECT_EQ(command("serve").exitCode, 2);
  EXPECT_EQ(command("operator add x --role king --output x --directory x").exitCode, 2);
}

TEST_F(ProgramTest, InitTouchesNothingThatIsThere) {
  const Output again = command("init --sandbox --directory " + authority());
  EXPECT_EQ(again.exitCode, 1);
  EXPECT_NE(again.text.find("not empty"), std::string::npos);
  EXPECT_EQ(command("serve --directory " + (*shared_ / "nowhere")).exitCode, 1);
}

TEST_F(ProgramTest, AStoreThatIsNoneIsRefusedAndItsPasswordIsNotRepeated) {
  const std::string init = "init --sandbox --directory " + (*shared_ / "refused") + " --store ";
  EXPECT_EQ(command(init + "mysql://localhost/x").exitCode, 1);
  const Output refused = command(init + "postgresql://fncard:hunter2@localhost/x");
  EXPECT_EQ(refused.exitCode, 1);
  EXPECT_NE(refused.text.find("passfile="), std::string::npos) << refused.text;
  EXPECT_EQ(refused.text.find("hunter2"), std::string::npos);
}

TEST_F(ProgramTest, ClientCertificatesOpenTheirOwnCallsOnTlsAlone) {
  serve();
  const std::string registrations = "/api/v1/registrations";
  const std::string claim = "/api/v1/production/jobs/claim";
  // 400: let in, and the empty body refused
  EXPECT_EQ(statusOf(as("window-1"), tls() + registrations), 400);
  EXPECT_EQ(statusOf(as("station-1"), tls() + registrations), 403);
  EXPECT_EQ(statusOf(as(""), tls() + registrations), 403);
  EXPECT_EQ(statusOf(as("station-1"), tls() + claim), 400);
  EXPECT_EQ(statusOf(as("window-1"), tls() + claim), 403);
  EXPECT_EQ(statusOf(as(""), plain() + claim), 403);
  EXPECT_EQ(as("").get(tls() + "/health")->status, 200);
  EXPECT_EQ(as("").get(plain() + "/ca/root.cer")->status, 200);
  const Output added = command("operator add window-2 --role officer --output " + keys() +
                               " --directory " + authority());
  ASSERT_EQ(added.exitCode, 0) << added.text;
  EXPECT_EQ(statusOf(as("window-2"), tls() + registrations), 400);
  EXPECT_EQ(command("operator withdraw window-2 --directory " + authority()).exitCode, 0);
  EXPECT_EQ(statusOf(as("window-2"), tls() + registrations), 403);
}

TEST_F(ProgramTest, RegisterShowsTheCodeOnceAndRefusesInASentence) {
  serve();
  const std::string codeFile = *shared_ / "code-1";
  const Output done = registerApplicant("A800000014", "--user-code-file " + codeFile + " --json");
  ASSERT_EQ(done.exitCode, 0) << done.text;
  const std::string code = readFile(codeFile);
  EXPECT_EQ(code.size(), 9U);
  EXPECT_EQ(done.text.find(code.substr(0, 8)), std::string::npos);
  const Output again = registerApplicant("A800000014", "");
  EXPECT_EQ(again.exitCode, 1);
  EXPECT_NE(again.text.find("application"), std::string::npos) << again.text;
  EXPECT_EQ(registerApplicant("FC12345674", "").exitCode, 1);
}

TEST_F(ProgramTest, AnOrderOutlivesKillMinusNineAndIsPaidOnce) {
  serve();
  const std::string codeFile = *shared_ / "code-2";
  const Output done = registerApplicant("A900000016", "--user-code-file " + codeFile + " --json");
  ASSERT_EQ(done.exitCode, 0) << done.text;
  const std::string orderId = json::parse(done.text)["orderId"];
  end(SIGKILL);
  serve();
  const std::string code = readFile(codeFile).substr(0, 8);
  const auto session = as("").post(tls() + "/api/v1/session", "application/json",
                                   json{{"permitNumber", "A900000016"}, {"userCode", code}}.dump());
  ASSERT_EQ(session->status, 200) << session->body;
  net::Request pay{.method = "POST",
                   .headers = {{"authorization",
                                "Bearer " + json::parse(session->body)["token"].get<std::string>()},
                               {"content-type", "application/json"}},
                   .body = R"({"idempotencyKey":"0123456789abcdef","deliveryAddress":"Taipei",)"
                           R"("invoice":{"kind":"paper"}})"};
  const auto form = as("").send(tls() + "/api/v1/order/payment", pay);
  ASSERT_EQ(form->status, 200) << form->body;
  const json fields = json::parse(form->body)["fields"];
  net::Form posted;
  for (const auto& [name, value] : fields.items()) {
    posted.emplace_back(name, value.get<std::string>());
  }
  ASSERT_EQ(as("")
                .post(json::parse(form->body)["gatewayUrl"], "application/x-www-form-urlencoded",
                      net::encodeForm(posted))
                ->status,
            200);
  // paid, every notification withheld, the server killed: the purge asks and finds the money
  const std::string number = fields["MerchantTradeNo"];
  ASSERT_EQ(as("")
                .post(url(*gateway_) + "/sandbox/pay", "application/json",
                      json{{"merchantTradeNo", number}, {"mode", "withhold"}}.dump())
                ->status,
            200);
  end(SIGKILL);
  moved_ = 17 * 24 * 3600;
  const std::string purge = "purge --directory " + authority() + " --time-offset " +
                            std::to_string(moved_) + " --gateway ";
  EXPECT_EQ(command(purge + "http://127.0.0.1:1").exitCode, 1);
  EXPECT_EQ(stateOf(orderId), "applied");
  const Output purged = command(purge + url(*gateway_));
  EXPECT_EQ(purged.exitCode, 0) << purged.text;
  EXPECT_EQ(stateOf(orderId), "paid");
  EXPECT_EQ(command("audit verify --directory " + authority()).exitCode, 0);
  const json jobs = json::parse(command("jobs --json --directory " + authority()).text);
  EXPECT_EQ(jobs.size(), 1U);
}

TEST_F(ProgramTest, CountsRefusedRequestsOnAListenerOfItsOwn) {
  serve({"--metrics-port", "0"});
  EXPECT_EQ(as("").post(tls() + "/api/v1/session", "application/json", "{\"a\"")->status, 400);
  EXPECT_EQ(as("").get(tls() + "/" + std::string(8'150, 'a'))->status, 431);
  std::ifstream ports(*shared_ / "ports");
  std::uint16_t metricsPort = 0;
  ASSERT_TRUE(ports >> metricsPort >> metricsPort >> metricsPort);
  const std::string metrics =
      as("").get("http://127.0.0.1:" + std::to_string(metricsPort) + "/metrics")->body;
  EXPECT_NE(metrics.find("code=\"request.malformed\""), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("fncard_refused_requests_total{status=\"431\"} 1"), std::string::npos);
  EXPECT_EQ(as("").get(tls() + "/metrics")->status, 404);
  EXPECT_EQ(as("").get(plain() + "/metrics")->status, 404);
}

TEST_F(ProgramTest, ABrowserGetsItsErrorsAsPages) {
  serve();
  const auto ask = [&](const std::string& path, const std::string& body) {
    return *as("").send(tls() + path,
                        {.method = "POST",
                         .headers = {{"accept", "text/html,*/*;q=0.8"}, {"accept-language", "vi"}},
                         .body = body});
  };
  const net::Response large = ask("/payment/notify", std::string(1'048'577, 'a'));
  EXPECT_EQ(large.status, 413);
  EXPECT_NE(large.body.find("<html lang=\"vi\">"), std::string::npos) << large.body;
  EXPECT_FALSE(large.headers.contains("strict-transport-security"));
  const net::Response unknown = ask("/nothing", "");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("request.not-found"), std::string::npos);
  EXPECT_NE(unknown.body.find("<html lang=\"vi\">"), std::string::npos);
  EXPECT_EQ(ask("/api/v1/nothing", "").headers.at("content-type"), "application/json");
}

TEST_F(ProgramTest, SaysNotReadyWhileItDrainsAndServesOn) {
  serve({"--drain", "600"});
  EXPECT_EQ(as("").get(plain() + "/ready")->status, 200);
  ASSERT_EQ(::kill(server_, SIGTERM), 0);
  while (as("").get(plain() + "/ready")->status == 200) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(as("").get(plain() + "/ready")->status, 503);
  EXPECT_EQ(as("").get(tls() + "/ca/root.cer")->status, 200);
  const int status = end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(ProgramTest, SigtermEndsItInOrder) {
  serve();
  const int status = end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace fncard::server
