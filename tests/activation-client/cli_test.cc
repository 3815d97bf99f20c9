// SPDX-License-Identifier: Apache-2.0
// fncard itself, with a card in a private pcscd: each test is run under scripts/with-card.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/activation-client/fake_server.h"
#include "tests/activation-client/program.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNewPin = "48261937";

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? std::string{} : value;
}

json parse(const Ended& ended) {
  json object = json::parse(ended.output, nullptr, false);
  EXPECT_TRUE(object.is_object()) << ended.output << ended.errors;
  return object.is_object() ? object : json::object();
}

// English and no settings of the person who runs the tests.
Ended fncard(std::vector<std::string> arguments, const std::string& input = {},
             Environment environment = {}) {
  arguments.insert(arguments.begin(), "fncard");
  arguments.insert(arguments.end(), {"--config", "/nonexistent/fncard.toml"});
  environment.try_emplace("FNCARD_LANGUAGE", "en");
  return runProgram(arguments, input, environment);
}

class WithCard : public testing::Test {
 public:
  static std::string lines(const std::string& first, const std::string& second,
                           const std::string& third) {
    std::string input;
    for (const std::string* line : {&first, &second, &third}) {
      input.append(*line).append("\n");
    }
    return input;
  }

 protected:
  WithCard() : server_(variable("FNCARD_CARD_DIR"), variable("FNCARD_PIN")) {}

  Ended activate(const std::string& input, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"activate", "--server", server_.url(), "--permit-number",
                                          FakeServer::kPermitNumber};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return fncard(arguments, input);
  }

  FakeServer server_;
};

class Activating : public WithCard {};

TEST_F(Activating, MakesTheCardWorkWithThePersonsPin) {
  const Ended before = fncard({"status", "--server", server_.url(), "--json"});
  EXPECT_EQ(parse(before)["readers"][0]["card"]["activation"], "on-hold");

  const Ended ended = activate(lines(FakeServer::kUserCode, kNewPin, kNewPin), {"--json"});
  ASSERT_EQ(ended.exitCode, 0) << ended.output << ended.errors;
  EXPECT_EQ(parse(ended)["state"], "active");
  EXPECT_EQ(parse(ended)["wasAlreadyActive"], false);
  EXPECT_TRUE(server_.isActive());
  EXPECT_THAT(server_.everythingReceived(), Not(HasSubstr(kNewPin))) << "the PIN stays here";

  const Ended after = fncard({"status", "--server", server_.url(), "--json"});
  EXPECT_EQ(parse(after)["readers"][0]["card"]["activation"], "active");

  const Ended again = activate(lines(FakeServer::kUserCode, kNewPin, kNewPin), {"--json"});
  EXPECT_EQ(again.exitCode, 0) << again.output;
  EXPECT_EQ(parse(again)["wasAlreadyActive"], true);

  const Ended changed = fncard({"change-pin", "--json"}, lines(kNewPin, "73915046", "73915046"));
  EXPECT_EQ(changed.exitCode, 0) << changed.output;
}

TEST_F(Activating, AsksAtTheTerminalWithoutEcho) {
  const Ended ended = runOnTerminal(
      {"fncard", "activate", "--server", server_.url(), "--config", "/nonexistent/fncard.toml"},
      {{"residence permit:", "A800000015"},
       {"typing error", ""},
       {"residence permit:", "a800000014"},
       {"User code", FakeServer::kUserCode},
       {"Choose a PIN", "123456"},
       {"again:", "123456"},
       {"Choose a PIN", "19900203"},
       {"again:", "19900203"},
       {"Choose a PIN", kNewPin},
       {"again:", kNewPin}},
      {{"FNCARD_LANGUAGE", "en"}});
  EXPECT_EQ(ended.errors, "");
  EXPECT_EQ(ended.exitCode, 0) << ended.output;
  EXPECT_TRUE(server_.isActive());
  EXPECT_THAT(ended.output, AllOf(HasSubstr("run of digits"), HasSubstr("date of birth"),
                                  HasSubstr("is active")));
  for (const char* secret : {FakeServer::kUserCode, "19900203", kNewPin}) {
    EXPECT_THAT(ended.output, Not(HasSubstr(secret)));
  }
}

TEST_F(Activating, GoesOnAfterALostAnswer) {
  server_.loseNextCommit();
  const Ended cut = activate(lines(FakeServer::kUserCode, kNewPin, kNewPin), {"--json"});
  ASSERT_EQ(cut.exitCode, 1) << cut.output;
  EXPECT_EQ(parse(cut)["error"]["step"], "commit");
  EXPECT_EQ(parse(cut)["error"]["resumable"], true);
  EXPECT_FALSE(server_.isActive());

  const Ended again = activate(lines(FakeServer::kUserCode, kNewPin, kNewPin), {"--json"});
  EXPECT_EQ(again.exitCode, 0) << again.output;
  EXPECT_TRUE(server_.isActive());
}

TEST_F(Activating, RefusesBeforeTheCardIsTouched) {
  const struct {
    std::string input;
    const char* code;
  } cases[] = {{lines("WRONGCODE", kNewPin, kNewPin), "activation.refused"},
               {lines(FakeServer::kUserCode, "123456", "123456"), "card.pin-run"},
               {lines(FakeServer::kUserCode, "777777", "777777"), "card.pin-same-digits"},
               {lines(FakeServer::kUserCode, "19900203", "19900203"), "card.pin-birth-date"},
               {lines(FakeServer::kUserCode, kNewPin, "48261938"), "client.pin-mismatch"},
               {lines(FakeServer::kUserCode, "1234", "1234"), "card.pin-format"},
               {lines("", kNewPin, kNewPin), "client.no-user-code"},
               {std::string(FakeServer::kUserCode) + "\n", "card.cancelled"},
               {"", "card.cancelled"}};
  for (const auto& [input, code] : cases) {
    const Ended ended = activate(input, {"--json"});
    EXPECT_EQ(ended.exitCode, 1) << code;
    EXPECT_EQ(parse(ended)["error"]["code"], code);
  }
  const Ended stated = activate(lines("WRONGCODE", kNewPin, kNewPin));
  EXPECT_EQ(stated.errors, "The server says activation.refused.\n");
  EXPECT_FALSE(server_.isActive());
  EXPECT_FALSE(server_.wasTamperedWith());
  const Ended status = fncard({"status", "--json"});
  EXPECT_EQ(parse(status)["readers"][0]["card"]["pin"]["triesLeft"], 3);
}

TEST_F(Activating, ChecksThePermitNumberByItself) {
  for (const auto& [number, code] : {std::pair("A800000015", "client.permit-check-digit"),
                                     std::pair("A80", "client.permit-format")}) {
    const Ended ended =
        fncard({"activate", "--server", server_.url(), "--permit-number", number, "--json"}, "x\n");
    EXPECT_EQ(ended.exitCode, 1);
    EXPECT_EQ(parse(ended)["error"]["code"], code);
  }
  EXPECT_EQ(server_.everythingReceived(), "");
}

TEST_F(Activating, SaysThatTheServerIsAway) {
  const Ended ended =
      fncard({"activate", "--server", "http://127.0.0.1:1", "--permit-number", "A800000014"},
             lines(FakeServer::kUserCode, kNewPin, kNewPin), {{"FNCARD_LANGUAGE", "id"}});
  EXPECT_EQ(ended.exitCode, 1);
  EXPECT_THAT(ended.errors, HasSubstr("Layanan 127.0.0.1"));
}

TEST_F(Activating, StopsWhenSomebodyWasAtTheCardBefore) {
  const std::string transportPin = variable("FNCARD_PIN");
  ASSERT_EQ(fncard({"change-pin"}, lines(transportPin, "73915046", "73915046")).exitCode, 0);
  const Ended ended = activate(lines(FakeServer::kUserCode, kNewPin, kNewPin), {"--json"});
  EXPECT_EQ(ended.exitCode, 1);
  EXPECT_EQ(parse(ended)["error"]["code"], "activation.tampered");
  EXPECT_TRUE(server_.wasTamperedWith());
  EXPECT_FALSE(server_.isActive());
}

class ChangingThePin : public testing::Test {};

TEST_F(ChangingThePin, StopsBeforeTheLastTryUnlessThePersonKnows) {
  const std::string pin = variable("FNCARD_PIN");
  const std::string wrong = "90817263\n48261937\n48261937\n";
  for (const int left : {2, 1}) {
    const Ended ended = fncard({"change-pin", "--json"}, wrong);
    EXPECT_EQ(ended.exitCode, 1);
    EXPECT_EQ(parse(ended)["error"]["code"], "card.pin-incorrect");
    EXPECT_EQ(parse(ended)["error"]["triesLeft"], left);
  }
  const Ended stopped = fncard({"change-pin", "--json"}, wrong);
  EXPECT_EQ(stopped.exitCode, 1);
  EXPECT_EQ(parse(stopped)["error"]["code"], "card.last-try-not-confirmed");

  const Ended declined =
      runOnTerminal({"fncard", "change-pin", "--config", "/nonexistent/fncard.toml"},
                    {{"type yes", "no"}}, {{"FNCARD_LANGUAGE", "en"}});
  EXPECT_EQ(declined.exitCode, 1) << declined.output;

  const Ended confirmed = runOnTerminal(
      {"fncard", "change-pin", "--config", "/nonexistent/fncard.toml"},
      {{"type yes", "yes"}, {"has now", pin}, {"Choose", kNewPin}, {"again", kNewPin}},
      {{"FNCARD_LANGUAGE", "en"}});
  EXPECT_EQ(confirmed.exitCode, 0) << confirmed.output << confirmed.errors;
  EXPECT_THAT(confirmed.output, AllOf(Not(HasSubstr(pin)), Not(HasSubstr(kNewPin))));
}

TEST_F(ChangingThePin, RefusesAWeakOrUnchangedPinBeforeTheCard) {
  const std::string pin = variable("FNCARD_PIN");
  for (const auto& [next, code] : {std::pair(std::string("654321"), "card.pin-run"),
                                   std::pair(std::string("11111111"), "card.pin-same-digits"),
                                   std::pair(pin, "client.pin-unchanged"),
                                   std::pair(std::string("abcdef"), "card.pin-format")}) {
    const Ended ended = fncard({"change-pin", "--json"}, WithCard::lines(pin, next, next));
    EXPECT_EQ(ended.exitCode, 1) << code;
    EXPECT_EQ(parse(ended)["error"]["code"], code);
  }
  EXPECT_EQ(parse(fncard({"status", "--json"}))["readers"][0]["card"]["pin"]["triesLeft"], 3);
}

class WithoutCard : public testing::Test {};

class Documents : public WithCard {
 protected:
  Documents() {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-cli-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::ofstream(letter()) << "a letter";
  }
  ~Documents() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string letter() const { return folder_ / "letter.txt"; }
  [[nodiscard]] std::string in(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] bool isThere(const std::string& name) const {
    return std::filesystem::exists(folder_ / name);
  }
  [[nodiscard]] Ended sign(const std::string& pin, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sign", "--json", letter()});
    return fncard(more, pin + "\n");
  }
  [[nodiscard]] json verify() const {
    return parse(fncard(
        {"verify", "--json", letter(), "--authorities", variable("FNCARD_CARD_DIR"), "--offline"}));
  }

  std::filesystem::path folder_;
};

TEST_F(Documents, AreSignedBesideThemAndJudged) {
  const Ended ended = sign(variable("FNCARD_PIN"));
  ASSERT_EQ(ended.exitCode, 0) << ended.output;
  EXPECT_EQ(parse(ended)["signed"][0]["signature"], letter() + ".p7s");
  const Ended openssl = runProgram(
      {"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", letter() + ".p7s",
       "-content", letter(), "-CAfile", variable("FNCARD_CARD_DIR") + "/issuing.pem",
       "-partial_chain", "-purpose", "any"},
      {});
  EXPECT_EQ(openssl.exitCode, 0) << openssl.errors;
  EXPECT_EQ(openssl.output, "a letter");

  const json good = verify();
  EXPECT_EQ(good["good"], false) << "nobody was asked whether the certificate holds";
  const json& signer = good["signers"][0];
  for (const char* question :
       {"signature", "chain", "time", "class", "assuranceLevel", "keyUsage"}) {
    EXPECT_EQ(signer[question]["good"], true) << question << signer;
  }
  EXPECT_EQ(signer["status"]["code"], "trust.status-unavailable");

  std::ofstream(letter()) << "another letter";
  EXPECT_EQ(verify()["signers"][0]["signature"]["code"], "trust.signature-wrong");
}

TEST_F(Documents, AreNotSignedByAWrongPinNorOverAFile) {
  const json wrong = parse(sign("11223344"));
  EXPECT_EQ(wrong["error"]["code"], "card.pin-incorrect");
  EXPECT_EQ(wrong["error"]["triesLeft"], 2);
  EXPECT_FALSE(isThere("letter.txt.p7s"));
  std::ofstream(in("letter.txt.p7s")) << "mine";
  const Ended refused = sign("11223344");
  EXPECT_EQ(refused.exitCode, 1);
  EXPECT_EQ(parse(refused)["error"]["code"], "documents.exists") << "before a try is spent";
  EXPECT_EQ(sign(variable("FNCARD_PIN"), {"--force"}).exitCode, 0);
  EXPECT_EQ(parse(fncard({"sign", "--json", in("none")}, "1\n"))["error"]["code"],
            "documents.missing");
}

TEST_F(Documents, AreEncryptedForTheHolderAlone) {
  const Ended exported = fncard({"certificates", "--json", "--export", folder_.string()});
  ASSERT_EQ(exported.exitCode, 0) << exported.output;
  const auto encrypt = [&](const char* certificate, std::vector<std::string> more) {
    more.insert(more.begin(), {"encrypt", "--json", letter(), "--to", in(certificate)});
    return fncard(more);
  };
  EXPECT_EQ(parse(encrypt("signature.pem", {"--unchecked"}))["error"]["reason"],
            "trust.wrong-key-usage");
  EXPECT_EQ(encrypt("encryption.pem", {}).exitCode, 2) << "nobody is trusted";
  EXPECT_EQ(parse(encrypt("encryption.pem", {"--authorities", variable("FNCARD_CARD_DIR"),
                                             "--offline"}))["error"]["reason"],
            "trust.status-unavailable");
  EXPECT_FALSE(isThere("letter.txt.p7m"));
  ASSERT_EQ(encrypt("encryption.pem", {"--unchecked"}).exitCode, 0);
  const Ended opened =
      runProgram({"openssl", "cms", "-decrypt", "-inform", "DER", "-in", letter() + ".p7m",
                  "-recip", in("encryption.pem"), "-keyform", "engine", "-engine", "pkcs11",
                  "-inkey", "pkcs11:id=%03;type=private;pin-value=" + variable("FNCARD_PIN")},
                 {}, {{"PKCS11_MODULE_PATH", variable("FNCARD_MODULE")}});
  EXPECT_EQ(opened.exitCode, 0) << opened.errors;
  EXPECT_THAT(opened.output, HasSubstr("a letter"));
}

class Doctor : public WithCard {
 protected:
  [[nodiscard]] json look(int& exitCode, const std::string& server) const {
    const Ended ended = fncard({"doctor", "--json", "--server", server});
    exitCode = ended.exitCode;
    return parse(ended);
  }
  static std::string finding(const json& report, const std::string& check) {
    for (const json& each : report["checks"]) {
      if (each["check"] == check) {
        return each["finding"].get<std::string>() + " " + each["code"].get<std::string>();
      }
    }
    return "none";
  }
};

TEST_F(Doctor, FindsWhatIsWellAndWhatIsNot) {
  int exitCode = 0;
  const json report = look(exitCode, server_.url());
  EXPECT_EQ(exitCode, 1) << report;
  EXPECT_EQ(report["good"], false);
  EXPECT_EQ(finding(report, "reader"), "good client.status-reader");
  EXPECT_EQ(finding(report, "card"), "good client.status-card");
  EXPECT_EQ(finding(report, "signature"), "good client.status-certificate-signature");
  EXPECT_EQ(finding(report, "pin"), "good client.status-pin");
  EXPECT_EQ(finding(report, "server"), "good client.doctor-server");
  EXPECT_EQ(finding(report, "clock"), "good client.doctor-clock");
  EXPECT_EQ(finding(report, "activation"), "problem client.status-on-hold");
  EXPECT_EQ(finding(report, "agent"), "hint client.doctor-no-agent");
  EXPECT_EQ(finding(look(exitCode, "http://127.0.0.1:1"), "server"), "problem net.refused");

  activate(lines(FakeServer::kUserCode, kNewPin, kNewPin));
  const json after = look(exitCode, server_.url());
  EXPECT_EQ(exitCode, 0) << after;
  EXPECT_EQ(finding(after, "activation"), "good client.status-active");
}

TEST_F(WithoutCard, EveryCommandSaysSoWithItsOwnExitCode) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"activate", "--server", "http://127.0.0.1:1", "--permit-number", "A800000014"},
           {"unblock", "--server", "http://127.0.0.1:1", "--permit-number", "A800000014"},
           {"change-pin"},
           {"certificates"},
           {"sign", "/proc/self/cmdline", "--output", "/tmp/fncard-nothing"}}) {
    const Ended ended = fncard(arguments);
    EXPECT_EQ(ended.exitCode, 3) << arguments.front();
    EXPECT_THAT(ended.errors, HasSubstr("insert your card")) << arguments.front();
  }
  EXPECT_EQ(fncard({"status"}).exitCode, 3);
  EXPECT_EQ(fncard({"doctor"}).exitCode, 3);
  EXPECT_EQ(fncard({"change-pin", "--reader", "no such reader"}).exitCode, 3);
  EXPECT_EQ(fncard({"status", "--reader", "no such reader"}).exitCode, 3);
}

// Needs neither a card nor a service.
class Usage : public testing::Test {};

TEST_F(Usage, IsRefusedWithExitCode2) {
  EXPECT_EQ(fncard({}).exitCode, 2);
  EXPECT_EQ(fncard({"no-such-command"}).exitCode, 2);
  EXPECT_EQ(fncard({"status", "--no-such-option"}).exitCode, 2);
  EXPECT_EQ(fncard({"activate"}).exitCode, 2) << "no server";
  EXPECT_EQ(fncard({"activate", "--server", "ftp://a"}).exitCode, 2);
  EXPECT_EQ(fncard({"activate", "--server", "http://a"}).exitCode, 2) << "no permit number";
  EXPECT_EQ(fncard({"activate", "--pin", "48261937"}).exitCode, 2) << "never an argument";
}

TEST_F(Usage, IsExplainedWithExamples) {
  const Ended help = runProgram({"fncard", "--help"}, {});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("Examples:"), HasSubstr("fncard activate")));
  EXPECT_THAT(runProgram({"fncard", "--version"}, {}).output, HasSubstr("fncard 0."));
}

TEST_F(Usage, SaysThatThereIsNoService) {
  const Ended ended =
      fncard({"status", "--json"}, {}, {{"PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm"}});
  EXPECT_EQ(ended.exitCode, 3);
  EXPECT_EQ(parse(ended)["error"]["code"], "card.no-service");
}

}  // namespace
}  // namespace fncard::activation_client
