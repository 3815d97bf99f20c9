// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace fncard::agent::native {

/// Chromium's name of agent/extension, from the key in its manifest.
inline constexpr std::string_view kChromiumOrigin =
    "chrome-extension://bplgilooehmjfigngefdgdcapiaefdnp/";
/// Firefox's, as its manifest says.
inline constexpr std::string_view kFirefoxId = "fncard@fncard.example";

/// Whether a browser started this program for our extension. Chromium gives the extension's origin
/// (and, on Windows, a window); Firefox the path of the host's manifest and the extension's id.
bool isOurExtension(std::span<const char* const> arguments);

}  // namespace fncard::agent::native
