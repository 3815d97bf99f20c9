// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "configuration/bounded_file.h"

namespace fncard::configuration {

/// /etc/fncard/fncard.toml, then $XDG_CONFIG_HOME/fncard/fncard.toml (~/.config without it); of a
/// set-user-id program the first alone.
std::vector<std::string> files();

/// A file as a table: regular files of at most 64 KiB, values in values no deeper than 16, at most
/// 32 dots a line, so that any thread has the stack for it. An empty table when there is no such
/// file.
tl::expected<toml::table, Error> read(const std::string& file);

}  // namespace fncard::configuration
