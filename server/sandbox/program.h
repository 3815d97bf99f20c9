// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/server.h"

namespace fncard::server::sandbox {

/// Starts a server, writes its port to portFile (empty: nowhere; a reader sees the whole number or
/// no file), prints one line, and runs until SIGTERM or SIGINT. The exit code: 0 stopped, 1 with a
/// sentence on standard error. Called before the program has other threads.
int runUntilStopped(const std::string& program, const std::string& portFile,
                    const std::function<net::Result<std::unique_ptr<net::Server>>()>& start);

/// The whole of a file of up to 16 MiB; nothing when it cannot be read.
std::optional<std::string> readTextFile(const std::string& path);

}  // namespace fncard::server::sandbox
