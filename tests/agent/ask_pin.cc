// SPDX-License-Identifier: Apache-2.0
// usage: ask_pin PURPOSE TRIES: asks the running agent as the PKCS#11 module does, PURPOSE login,
// signature or decryption. The PIN to expect is on standard input. Prints "expected", "another" or
// the name of the error.
#include <array>
#include <iostream>
#include <string>

#include "agent-link/client.h"

namespace {

using namespace fncard;
using namespace std::chrono_literals;

agent_link::Purpose purposeOf(const std::string& name) {
  if (name == "signature") {
    return agent_link::Purpose::Signature;
  }
  return name == "decryption" ? agent_link::Purpose::Decryption : agent_link::Purpose::Login;
}

}  // namespace

int main(int argc, char** argv) {
  std::string digits;
  std::cin >> digits;
  const auto expected = card::Pin::take(std::span<char>(digits));
  if (argc != 3 || !expected) {
    return 2;
  }
  const auto pin = agent_link::askPin({.purpose = purposeOf(argv[1]),
                                       .program = "Test program",
                                       .cardNumber = "FN00000000000017",
                                       .holder = "NGUYEN THI HONG",
                                       .triesLeft = static_cast<unsigned>(std::stoul(argv[2]))},
                                      std::chrono::steady_clock::now() + 60s);
  static constexpr std::array kNames = {"cancelled", "no-agent", "busy", "timed-out", "refused"};
  if (!pin) {
    std::cout << kNames.at(static_cast<std::size_t>(pin.error())) << std::endl;
  } else {
    std::cout << (*pin == *expected ? "expected" : "another") << std::endl;
  }
  return 0;
}
