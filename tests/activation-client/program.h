// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fncard::activation_client {

struct Ended {
  int exitCode = -1;  ///< 128 and the signal for a program that was killed
  std::string output;
  std::string errors;
};

using Environment = std::map<std::string, std::string>;

/// Runs a program (found in PATH) with these lines on its standard input.
Ended runProgram(const std::vector<std::string>& arguments, const std::string& input,
                 const Environment& environment = {});

/// Runs a program on a terminal of its own, where each answer is typed when the text before it has
/// appeared. output is everything the terminal showed.
Ended runOnTerminal(const std::vector<std::string>& arguments,
                    const std::vector<std::pair<std::string, std::string>>& dialogue,
                    const Environment& environment = {});

}  // namespace fncard::activation_client
